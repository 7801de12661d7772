"""What becomes of an approval: its units, part approvals, renewal, silence, calls with the payer's physician."""

from datetime import date

import pytest
from sqlalchemy import select

from clinic_claims.db import db
from clinic_claims.models import Authorization, AuthorizationLine, PeerToPeer

from .conftest import hidden, send

GRANT = {"number": "PA-9", "decided_on": "2026-11-21", "valid_from": "2026-11-22", "valid_to": "2027-02-22"}


@pytest.fixture
def coordinator(sign_in, records):
    return sign_in("authorization_coordinator")


@pytest.fixture
def asked(coordinator, records):
    """A request at the payer since yesterday; gives its number."""
    answers = {name: str(getattr(records, name)) for name in ("coverage", "provider", "facility")}
    line = {"lines-0-code": "J0585", "lines-0-diagnosis": "G51.31", "lines-0-units": "200"}
    made = send(coordinator, f"/approvals/new/{records.case}", **answers, **line)
    key = int(made.location.rsplit("/", 1)[1])
    step = f"/steps/authorization/{key}/submit"
    sent = send(coordinator, step, submitted_on="2026-11-20", submitted_by="fax", **hidden(coordinator, step))
    assert sent.status_code == 302
    return key


def test_the_page_shows_what_became_of_the_units(coordinator, records):
    text = coordinator.get(f"/approvals/{records.authorization}").text
    assert 'aria-label="Used 100, Wasted 0, Reserved 0, Left 0"' in text
    assert "Wed, Jan 6, 2027</time></strong>" in text


def test_a_part_approval_says_how_many_units(coordinator, asked, read):
    step = f"/steps/authorization/{asked}/approve_in_part"
    told = GRANT | {"decision_reason": "One session only"} | hidden(coordinator, step)
    assert "Enter the units approved." in send(coordinator, step, **told).text
    done = send(coordinator, step, **told, units_0="100", visits_0="1")
    assert done.status_code == 302
    query = select(AuthorizationLine.units_approved, AuthorizationLine.visits_approved)
    rows = read(lambda: db.session.execute(query.where(AuthorizationLine.authorization_id == asked)).all())
    assert rows == [(100, 1)]
    assert "<strong>1</strong> of 1 visits left" in coordinator.get(f"/approvals/{asked}").text


def test_a_whole_approval_may_count_visits(coordinator, asked, read):
    page = f"/steps/authorization/{asked}/approve"
    text = coordinator.get(page).text
    assert "J0585: visits approved" in text
    assert "units approved" not in text
    assert send(coordinator, page, **hidden(coordinator, page), **GRANT, visits_0="4").status_code == 302
    query = select(AuthorizationLine.units_approved, AuthorizationLine.visits_approved)
    rows = read(lambda: db.session.execute(query.where(AuthorizationLine.authorization_id == asked)).all())
    assert rows == [(200, 4)]


def test_a_renewal_asks_for_the_response_or_a_reason(coordinator, records, read):
    page = f"/approvals/{records.authorization}/renew"
    refused = send(coordinator, page)
    assert refused.status_code == 409
    assert "No earlier session is on record" in refused.text
    made = send(coordinator, page, reason="The patient moves at the end of the month")
    key = int(made.location.rsplit("/", 1)[1])
    assert read(lambda: db.session.get(Authorization, key).renews_id) == records.authorization


def test_what_has_ended_is_asked_for_anew(clock, sign_in, records):
    clock.forward(days=60)
    person, page = sign_in("authorization_coordinator"), f"/approvals/{records.authorization}"
    shown = person.get(page).text
    assert "The approval ended Jan 6, 2027: a service after that day needs a new one" in shown
    assert "Ask for a new approval</a>" in shown
    assert ">Ask for the renewal</a>" not in shown
    assert "Ask for a new approval</a>" in person.get("/today").text
    assert "<h1>Ask for a new approval</h1>" in person.get(f"{page}/renew").text


def test_a_prepared_request_may_be_one_for_a_service_already_given(coordinator, records, asked, read):
    answers = {"reason": "Coverage became known after the visit"}
    sent = f"/approvals/{asked}/retroactive"
    assert "before the request is sent" in send(coordinator, sent, **answers, **hidden(coordinator, sent)).text
    made = send(coordinator, f"/approvals/{records.authorization}/renew", reason="as before").location
    page = f"{made}/retroactive"
    assert send(coordinator, page, **answers, **hidden(coordinator, page)).status_code == 302
    assert "Coverage became known after the visit" in coordinator.get(made).text


def test_the_payers_silence_stands_on_the_page_with_what_follows(coordinator, asked, clock, sign_in):
    assert "silent for" not in coordinator.get(f"/approvals/{asked}").text
    clock.forward(days=40)
    text = sign_in("manager").get(f"/approvals/{asked}").text
    assert "silent for" in text


def test_a_call_is_arranged_briefed_and_finished(coordinator, records, asked, read):
    page = f"/calls/new/authorization/{asked}"
    told = {"provider": str(records.provider), "payer_physician": "Dr. Ames"}
    assert "lies in the past" in send(coordinator, page, **told, slot="2026-11-20T10:00").text
    assert send(coordinator, page, **told, slot="2026-11-24T10:00").status_code == 302
    call = read(lambda: db.session.scalars(select(PeerToPeer)).one().id)
    assert "Nov 24, 10:00 AM" in coordinator.get(f"/approvals/{asked}").text
    assert send(coordinator, f"/calls/{call}/brief", f"/approvals/{asked}").status_code == 302
    assert "Brief for the call of Nov 24, 2026" in coordinator.get(f"/approvals/{asked}").text
    done = send(coordinator, f"/calls/{call}/finish", outcome="upheld", words="Dr. Ames: no scale on file, ref. 8")
    assert done.status_code == 302
    assert read(lambda: db.session.scalars(select(PeerToPeer.held_on)).one()) == date(2026, 11, 22)


def test_a_revocation_keeps_the_payers_reason(coordinator, records, read):
    step = f"/steps/authorization/{records.authorization}/revoke"
    done = send(coordinator, step, reason="Coverage ended", **hidden(coordinator, step))
    assert done.status_code == 302
    assert read(lambda: db.session.get(Authorization, records.authorization).state) == "revoked"


def test_a_biller_arranges_no_call(sign_in, records):
    assert sign_in("biller").get(f"/calls/new/authorization/{records.authorization}").status_code == 403
