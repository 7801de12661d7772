"""The denial's page: clocks, words, ways; the notice form; a denial logged by hand."""

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Authorization, Claim, Denial, Event
from clinic_claims.services import authorizations, denials

from .conftest import send

NOTICE = {
    "reason_quoted": "Precertification/authorization absent.",
    "notice_dated_on": "2026-11-18",
    "notice_received_on": "2026-11-20",
    "received_how": "mail",
}


def page(denied) -> str:
    return f"/denials/{denied.denial}"


def version(client, denied) -> dict[str, str]:
    text = client.get(page(denied)).text
    return {name: text.split(f'name="{name}" type="hidden" value="')[1].split('"')[0] for name in ("version", "seen")}


def note(client, denied, **answers):
    return send(client, f"{page(denied)}/notice", page(denied), **version(client, denied) | NOTICE | answers)


def test_the_page_says_what_they_said_by_when_and_what_to_do(sign_in, denied):
    text = sign_in().get(page(denied)).text
    for said in ("CO-197", "Authorization or notification absent", "Mon, May 17, 2027", "Claimant appeal under ERISA"):
        assert said in text
    assert "29 CFR 2560.503-1" in text
    assert "receipt is not proved" in text


def test_the_page_shows_approved_performed_and_billed(sign_in, denied):
    text = sign_in().get(page(denied)).text
    assert "J0585 units with waste" in text
    assert "all agree" in text


def test_opening_a_denial_is_on_the_audit_trail(sign_in, denied, read):
    sign_in().get(page(denied))
    views = read(lambda: db.session.query(Event).filter_by(action="view", subject="denial").all())
    assert [(event.subject_id, event.actor) for event in views] == [(denied.denial, "biller@clinic.example")]


def test_a_denial_that_does_not_exist_is_not_found(sign_in, denied):
    assert sign_in().get("/denials/99").status_code == 404


def test_the_notice_is_noted_and_the_clock_counts_from_it(sign_in, denied):
    client = sign_in()
    answer = note(client, denied, printed_deadline="2027-04-01", policy_named="MP-12")
    assert (answer.status_code, answer.location) == (302, page(denied))
    text = client.get(page(denied)).text
    assert "Precertification/authorization absent." in text
    assert "Thu, Apr 1, 2027" in text
    assert "Policy named" in text


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ({"notice_received_on": "2026-11-01"}, 409, "cannot be received before the date printed on it"),
        ({"notice_received_on": "2027-01-05"}, 409, "lies in the future"),
        ({"notice_dated_on": "soon"}, 422, "Enter a date such as 11/22/2026."),
    ],
)
def test_a_wrong_date_is_refused_at_the_form_and_the_typing_kept(sign_in, denied, read, typed, code, said):
    answer = note(sign_in(), denied, policy_named="MP-12", **typed)
    assert answer.status_code == code
    assert said in answer.text
    assert 'value="MP-12"' in answer.text
    assert read(lambda: db.session.get(Denial, denied.denial).policy_named) is None


def test_the_second_of_two_editors_is_told_who_changed_what(sign_in, denied, read):
    client = sign_in()
    old = version(client, denied)
    note(client, denied)
    answer = send(client, f"{page(denied)}/notice", page(denied), **old | NOTICE | {"policy_named": "MP-99"})
    assert answer.status_code == 409
    assert "Pat Biller" in answer.text
    assert 'value="MP-99"' in answer.text
    assert read(lambda: db.session.get(Denial, denied.denial).policy_named) is None


def test_a_contradiction_between_code_and_letter_is_flagged(sign_in, denied):
    client = sign_in()
    note(client, denied, reason_quoted="This service is experimental and investigational.")
    assert "Two reasons." in client.get(page(denied)).text


def test_one_press_starts_the_appeal_and_a_second_opens_the_same(sign_in, denied, read):
    client = sign_in()
    first = send(client, f"{page(denied)}/appeal", page(denied))
    second = send(client, f"{page(denied)}/appeal", page(denied))
    assert first.location == second.location == "/letters/appeals/1"
    assert read(lambda: db.session.query(Appeal).count()) == 1


def test_an_auditor_reads_and_changes_nothing(sign_in, denied):
    client = sign_in("auditor")
    text = client.get(page(denied)).text
    assert "Save the notice" not in text
    assert "Start the appeal" not in text
    assert send(client, f"{page(denied)}/notice", page(denied), **NOTICE).status_code == 403
    assert send(client, f"{page(denied)}/appeal", page(denied)).status_code == 403


LOGGED = {"group": "CO", "carcs": "50", "rarcs": "n115", "amount": "412.00", "denied_on": "2026-11-19"}


def test_a_denial_is_logged_by_hand(sign_in, denied, read):
    client = sign_in()
    answer = send(client, "/denials/new", about=denied.number, **LOGGED)
    assert answer.location == "/denials/2"
    assert "CO-50 · N115" in client.get("/denials/2").text
    again = send(client, "/denials/new", about=denied.number, **LOGGED)
    assert again.status_code == 409
    assert "on record already: DEN-00002" in again.text


def test_a_refused_request_for_approval_is_logged_by_hand(sign_in, app, request, read, later):
    with app.app_context():
        clinic = request.getfixturevalue("clinic")
        lines = [authorizations.Requested(code="64612", units=1, diagnosis="G51.31", modifier="RT")]
        with transaction():
            asked = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, later(-30))
            day = later(-30).today
            authorizations.move(asked, "submit", later(-30), submitted_on=day, submitted_by="portal")
        db.session.remove()
    words = LOGGED | {"reason_quoted": "Not medically necessary."}
    answer = send(sign_in(), "/denials/new", about="AUTH-00001", **words)
    assert answer.status_code == 302, answer.text
    assert read(lambda: db.session.get(Authorization, 1).state) == "denied"
    assert read(lambda: db.session.query(Denial).one().reason_quoted) == "Not medically necessary."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"about": "HL-NONE"}, "No claim or authorization has the number"),
        ({"about": ""}, "Enter our claim number"),
        ({"amount": "much"}, "Enter an amount such as 1842.00."),
        ({"carcs": "not medically necessary"}, "Enter codes such as 50 or 197"),
    ],
)
def test_what_cannot_be_logged_is_said_at_the_form(sign_in, denied, read, typed, said):
    answer = send(sign_in(), "/denials/new", **{"about": denied.number} | LOGGED | typed)
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert read(lambda: db.session.query(Denial).count()) == 1


@pytest.mark.parametrize(("role", "may_sign"), [("biller", False), ("manager", True)])
def test_a_write_off_waits_for_a_second_person(sign_in, app, denied, later, role, may_sign):
    with app.app_context(), transaction():
        denial = db.session.get(Denial, denied.denial)
        denials.move(denial, "ask_peer_to_peer", later(1))
        denials.move(denial, "note_upheld", later(1))
        denials.move(denial, "propose_write_off", later(2), write_off_reason="The patient moved away")
    text = sign_in(role).get(page(denied)).text
    assert "D. Park proposes to write off $652.00: The patient moved away" in text
    assert ("Sign the write-off" in text) is may_sign


def test_a_settled_denial_shows_what_was_won_and_takes_no_notice(sign_in, app, denied, later):
    with app.app_context(), transaction():
        whole = db.session.get(Claim, denied.claim).charged
        denials.recover(db.session.get(Denial, denied.denial), whole, later(3), source="EFT-9")
    client = sign_in()
    text = client.get(page(denied)).text
    assert "$652.00 won back" in text
    assert "Save the notice" not in text
