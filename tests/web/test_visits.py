"""Visits: a day that would be denied is stopped with its code; what passes is recorded, billed and checked again."""

from datetime import date

import pytest
from sqlalchemy import select

from clinic_claims.db import db
from clinic_claims.models import Claim, Event, Injection, Vial, Visit

from .conftest import hidden, send

TODAY = "2026-11-22"
SITES = {
    "lines-0-muscle": "Orbicularis oculi", "lines-0-side": "right", "lines-0-units": "17.5", "lines-0-punctures": "4",
    "lines-1-muscle": "Zygomaticus major", "lines-1-side": "right", "lines-1-units": "7.5",
}  # fmt: skip
VIAL = {"product": "J0585", "size": "100", "lot": "D0293", "expires_on": "2027-09-30"}


@pytest.fixture
def manager(app, request, sign_in, clock):
    """Somebody who may do all of it, at a clinic with an approval and nothing billed yet."""
    with app.app_context():
        made, approval = request.getfixturevalue("clinic"), request.getfixturevalue("approval")
        client = sign_in("manager")
        client.ids = {
            "case": made.case.id,
            "coverage": str(made.coverage.id),
            "provider": str(made.provider.id),
            "facility": str(made.office.id),
            "authorization": str(approval.id),
        }
    return client


def answers(client, **more):
    told = {name: client.ids[name] for name in ("coverage", "provider", "facility", "authorization")}
    return told | {"on": TODAY, "side": "right", "dose": "25", "drug_source": "buy_and_bill"} | more


@pytest.fixture
def book_visit(manager):
    """Look up eligibility, then book the visit of today; gives its page."""
    send(manager, f"/benefits/{manager.ids['coverage']}/recheck", active="yes", how="portal", reference="E1")

    def run(**more):
        made = send(manager, f"/visits/new/{manager.ids['case']}", **answers(manager, **more))
        assert made.status_code == 302, made.text
        return made.location

    return run


def test_a_wrong_side_is_stopped_with_its_code_and_told_to_the_history(manager, read):
    answer = send(manager, f"/visits/new/{manager.ids['case']}", **answers(manager, side="left"))
    assert answer.status_code == 409
    assert "This visit would be denied." in answer.text
    assert "CARC 284" in answer.text
    assert read(lambda: db.session.scalars(select(Visit)).all()) == []
    told = read(lambda: db.session.scalars(select(Event.sentence).where(Event.action == "stop_visit")).one())
    assert "CARC 284" in told


def test_a_stopped_visit_is_booked_with_a_reason_for_each_rule(manager, read):
    page = f"/visits/new/{manager.ids['case']}"
    stopped = send(manager, page, **answers(manager, on="2027-01-10"))
    rules = [part.split('"')[0] for part in stopped.text.split('name="reason_')[1:]]
    assert rules
    reasons = {f"reason_{rule}": "The payer extends it, call 8812" for rule in rules}
    made = send(manager, page, **answers(manager, on="2027-01-10"), **reasons)
    assert made.status_code == 302
    assert "The payer extends it, call 8812" in manager.get(made.location).text


def test_a_visit_is_moved_and_called_off(manager, book_visit, read):
    page = book_visit()
    moved = send(manager, f"{page}/move", **answers(manager, on="2027-02-20"), **hidden(manager, f"{page}/move"))
    assert "CARC 302" in moved.text
    moved = send(manager, f"{page}/move", **answers(manager, on="2026-11-25"), **hidden(manager, f"{page}/move"))
    assert moved.status_code == 302
    assert "Give the reason" in send(manager, f"{page}/cancel", **hidden(manager, f"{page}/cancel")).text
    sent = send(manager, f"{page}/cancel", reason="Patient has a cold", **hidden(manager, f"{page}/cancel"))
    assert sent.status_code == 302
    assert "Patient has a cold" in manager.get(page).text


def test_somebody_elses_change_is_told_before_a_visit_moves(manager, book_visit):
    page = book_visit()
    old = hidden(manager, f"{page}/move")
    send(manager, f"{page}/move", **answers(manager, on="2026-11-25"), **old)
    again = send(manager, f"{page}/move", **answers(manager, on="2026-11-26"), **old)
    assert again.status_code == 409
    assert "Somebody changed this" in again.text


@pytest.fixture
def injected(manager, book_visit):
    """The visit of today, recorded out of one vial; gives its page."""
    page = book_visit()
    assert "No opened vial holds this drug." in manager.get(f"{page}/perform").text
    assert send(manager, "/vials/open", **VIAL, facility=manager.ids["facility"]).status_code == 302
    told = SITES | {"scale": "Jankovic Rating Scale", "scale_before": "6", "dilution": "100 units in 4 mL"}
    refused = send(manager, f"{page}/perform", **told, **hidden(manager, f"{page}/perform"))
    assert "Choose the vial it was drawn from." in refused.text
    done = send(manager, f"{page}/perform", **told, vials="1", **hidden(manager, f"{page}/perform"))
    assert done.status_code == 302, done.text
    return page


def test_the_record_of_the_visit_leads_to_a_claim_with_its_waste(manager, injected, read):
    text = manager.get(injected).text
    assert "Zygomaticus major" in text
    assert "Not ready to bill." in text
    log = f"/vials?day={TODAY}&facility={manager.ids['facility']}"
    assert "75 units not accounted for" in manager.get(log).text
    send(manager, f"/vials/close/{manager.ids['facility']}", log, day=TODAY, reason="No further patient today")
    assert "closed at zero" in manager.get(log).text
    bill = f"{injected}/bill"
    assert "JW" in manager.get(bill).text
    prices = {"number": "HL-500", "price_0": "412.00", "price_1": "8.00"}
    made = send(manager, bill, **prices, **hidden(manager, bill))
    assert made.status_code == 302, made.text
    rows = read(lambda: [(r.code, r.units, r.modifiers) for r in db.session.scalars(select(Claim)).one().lines])
    assert rows == [("64612", 1, ["RT"]), ("J0585", 25, []), ("J0585", 75, ["JW"])]
    text = manager.get(made.location).text
    assert "all agree" in text
    assert "nothing stops it" in text
    assert send(manager, f"/checks{made.location}/exhibit".replace("claims", "claim"), made.location).status_code == 302
    assert "Approved, performed and billed: claim HL-500" in manager.get(made.location).text


def test_the_rest_of_one_vial_is_discarded_with_a_reason(manager, injected, read):
    log = f"/vials?facility={manager.ids['facility']}"
    send(manager, "/vials/1/discard", log)
    assert "Give the reason for the waste" in manager.get(log).text
    send(manager, "/vials/1/discard", log, reason="Single-dose vial")
    assert read(lambda: [use.wasted for use in db.session.get(Vial, 1).uses]) == [0, 75]


def test_the_response_is_noted_for_the_renewal(manager, injected, read):
    page = "/visits/injections/1/response"
    assert 'value="6"' in manager.get(page).text
    told = {"scale": "Jankovic Rating Scale", "scale_before": "6", "scale_after": "2", "benefit_weeks": "11.5"}
    assert send(manager, page, **told).status_code == 302
    assert read(lambda: db.session.get(Injection, 1).scale_after) == 2
    assert "is on record. The lines" in manager.get(f"/approvals/{manager.ids['authorization']}/renew").text


def test_an_expired_lot_is_not_opened(manager):
    answer = send(manager, "/vials/open", **VIAL | {"expires_on": "2026-01-01"}, facility=manager.ids["facility"])
    assert "do not use it" in answer.text


def test_an_error_of_a_claim_is_let_pass_with_a_reason(manager, read):
    lines = {"lines-0-code": "64612", "lines-0-modifiers": "LT", "lines-0-diagnosis": "G51.31", "lines-0-units": "1",
             "lines-0-charged": "412.00", "number": "HL-7"}  # fmt: skip
    page = send(manager, f"/claims/new/{manager.ids['case']}", **answers(manager), **lines).location
    step = f"/steps{page.replace('claims', 'claim')}/record_service"
    assert send(manager, step, service_from=TODAY, **hidden(manager, step)).status_code == 302
    text = manager.get(page).text
    assert "Let it pass with a reason" in text
    rule = text.split('name="rule" value="')[1].split('"')[0]
    check = f"/checks{page.replace('claims', 'claim')}"
    send(manager, check, page, rule=rule, reason="Payer confirmed the left side, call 8812")
    assert "Let pass by" in manager.get(page).text
    assert read(lambda: date(2026, 11, 22) == db.session.scalars(select(Claim)).one().service_from)


def test_an_auditor_looks_and_books_nothing(manager, book_visit, app, add_person):
    page, client = book_visit(), app.test_client()
    send(client, "/login", email=add_person("auditor"), password="a calm blue morning")
    assert client.get(page).status_code == 200
    assert client.get(f"{page}/move").status_code == 403
    assert client.get("/vials").status_code == 200
