"""New documents: what fits a record, what each needs, printed, kept, signed and sent."""

from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Deadline, Denial, Letter, LetterInput
from clinic_claims.services import denials

from .conftest import PASSWORD, send
from .test_letters import press, sign_in_as, words_of

MENU = "/write/denial/1"
TITLES = (
    *("Request for the claim file", "Letter to the patient", "Brief for the peer-to-peer call", "Complaint"),
    *("Fax cover sheet", "Request for external review", "Records requested", "Permission to appeal"),
)


@pytest.fixture
def noted(app, denied, later):
    """A denial with the payer's own words."""
    with app.app_context(), transaction():
        quoted = "Precertification/authorization absent."
        denials.note_notice(db.session.get(Denial, 1), later(1), reason_quoted=quoted, received_how="mail")


def test_the_menu_lists_what_fits_with_what_each_needs(sign_in, noted):
    client = sign_in()
    text = client.get(MENU).text
    for title in TITLES:
        assert title in text
    assert "surgery" not in text
    assert "Duties that the payer missed are on record" in text
    assert MENU in client.get("/denials/1").text


def test_a_request_for_approval_has_its_letter_of_necessity(sign_in, noted):
    text = sign_in().get("/write/authorization/1").text
    assert "Letter of medical necessity" in text
    assert "Letter to the patient" not in text


@pytest.mark.parametrize("kind", ["file_request", "p2p_brief", "records_cover"])
def test_printed_and_kept_as_it_stands(sign_in, noted, read, kind):
    client = sign_in()
    assert press(client, f"{MENU}/{kind}", f"{MENU}/{kind}").location == MENU
    row = read(lambda: db.session.query(Letter).one())
    assert (row.kind, row.version, row.denial_id, row.appeal_id) == (kind, 1, 1, None)
    assert "Renata Castellano" in words_of(client.get("/letters/1.pdf").data)
    assert "Packet and delivery" in client.get(MENU).text


def test_the_patient_letter_asks_for_the_address_and_prints_it(sign_in, noted, read):
    client = sign_in()
    page = f"{MENU}/patient_letter"
    assert "Address of the patient is missing" in client.get(page).text
    refused = press(client, page, page)
    assert refused.status_code == 409
    assert "The letter is not ready" in refused.text
    lines = "Renata Castellano\n4 Elm Street\nWestmere, TX 75999"
    assert press(client, f"{page}/particulars", page, recipient=lines).location == page
    assert press(client, page, page).location == MENU
    text = words_of(client.get("/letters/1.pdf").data)
    assert "4 Elm Street" in text
    assert "Whom to call, and what to ask" in text
    assert read(lambda: db.session.query(LetterInput).one().recipient)[1] == "4 Elm Street"


def test_the_address_on_file_is_the_patients(app, sign_in, noted):
    with app.app_context(), transaction():
        db.session.get(Denial, 1).subject.case.patient.address = "4 Elm Street, Westmere, TX 75999"
    text = sign_in().get(f"{MENU}/patient_letter").text
    assert "Nothing is missing" in text
    assert "Westmere, TX 75999" in text


def test_an_explanation_completes_a_good_cause_letter(sign_in, noted):
    client = sign_in()
    page = f"{MENU}/good_cause"
    assert "The clinic&#39;s account of what happened is on file" in client.get(page).text
    told = "The notice was delivered to our former address."
    press(client, f"{page}/particulars", page, explanation=told, recipient="")
    assert "Nothing is missing" in client.get(page).text
    assert told in client.get(f"{page}/page").text
    assert told not in client.get(f"{MENU}/retro_auth/page").text


def test_missed_duties_come_from_the_payers_clocks(app, sign_in, noted, deed):
    with app.app_context(), transaction():
        clock = Deadline(
            denial_id=1, clock="takeback", label="Answer to the request for the file", who="payer", rule="",
            legal=date(2026, 11, 19), act_by=None, because=[], citation=None, confidence="verified", asked={},
            started_at=deed.at,
        )  # fmt: skip
        db.session.add(clock)
    client = sign_in()
    text = client.get(f"{MENU}/complaint/page").text
    assert "Answer to the request for the file" in text
    assert "November\u00a019, 2026" in text


def test_a_kind_that_does_not_fit_is_refused(sign_in, noted):
    client = sign_in()
    assert client.get(f"{MENU}/lmn_mvd").status_code == 409
    assert client.get(f"{MENU}/nothing").status_code in (404, 409)
    assert client.get("/write/claim/1").status_code == 404


def test_the_physician_signs_and_it_is_sent(sign_in, add_person, client, noted, read):
    desk = sign_in()
    press(desk, f"{MENU}/file_request", f"{MENU}/file_request")
    physician = sign_in_as(client, add_person, "physician")
    signed = press(physician, "/letters/1/sign", "/letters/1/sign", password=PASSWORD)
    assert signed.location == "/denials/1"
    assert read(lambda: db.session.get(Letter, 1).signed_at) is not None
    assert send(physician, "/letters/1/deliver", "/denials/1").status_code == 403


def test_an_auditor_reads_and_prints_nothing(sign_in, noted):
    client = sign_in("auditor")
    page = f"{MENU}/file_request"
    assert "Print and keep" not in client.get(page).text
    assert send(client, page, page).status_code == 403
