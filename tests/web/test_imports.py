"""Files that come in: several at once, what became of each, and the claim of a payment that matched none."""

import io
from pathlib import Path

import pytest

from clinic_claims.db import db
from clinic_claims.models import Claim, ClaimPayment, Denial, Event, Remittance

from ..services.era import claim as era_claim
from ..services.era import remittance
from .conftest import send, token_of

LINES = [("64612:RT", "412", "0", "CO*50*412", "N115"), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]
FOLDER = Path(__file__).parent.parent / "data" / "835"


def era(number="HL-26-1001", **more) -> bytes:
    return remittance([era_claim(number, "4", "652", "0", LINES)], **more)


def upload(client, *files):
    data = {"csrf_token": token_of(client, "/imports"), "files": [(io.BytesIO(data), name) for name, data in files]}
    return client.post("/imports", data=data, content_type="multipart/form-data")


def results(client, *files) -> str:
    answer = upload(client, *files)
    assert answer.status_code == 302
    return client.get(answer.location).text


@pytest.fixture
def billed(app, request):
    """The number of a claim that waits for its answer."""
    with app.app_context():
        number = request.getfixturevalue("submitted").number
        db.session.remove()
    return number


def test_a_file_is_posted_and_its_counts_shown(sign_in, billed, read):
    text = results(sign_in(), ("one.835", era()))
    assert "<strong>1 of 1</strong> claims matched" in text
    assert read(lambda: db.session.query(Denial).one().codes) == "CO-50 · N115"


def test_several_files_stand_or_fall_each_for_itself(sign_in, billed, read):
    bad = (FOLDER / "unbalanced_claim.835").read_bytes()
    text = results(sign_in(), ("good.835", era()), ("bad.835", bad), ("empty.835", b""))
    assert (text.count("Posted"), text.count("Refused")) == (1, 2)
    assert 'data-label="Tag"><span class="code">CLP</span>' in text
    assert "Nothing was changed." in text
    assert read(lambda: db.session.query(Remittance).count()) == 1


def test_the_same_file_is_not_posted_twice(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era()))
    text = results(client, ("again.835", era()))
    assert "Nothing was posted twice." in text
    assert read(lambda: db.session.query(Remittance).count()) == 1


@pytest.mark.parametrize("data", [b"Hello", b"\x00\xff\xfe", b"%PDF-1.7", "ISA*né".encode("latin-1")])
def test_what_is_no_x12_gets_a_plain_sentence(sign_in, data):
    text = results(sign_in(), ("odd.bin", data))
    assert "Refused" in text
    assert "Nothing was changed." in text


def test_a_hostile_file_name_is_text(sign_in, read):
    text = results(sign_in(), ("../../<b>x</b>.835", b"Hello"))
    assert "<b>x</b>" not in text
    assert "../" not in text


def test_no_file_chosen_is_said(sign_in):
    client = sign_in()
    answer = upload(client)
    assert answer.location == "/imports"
    assert "Choose at least one file." in client.get("/imports").text


def test_the_history_of_imports_leads_to_each_claim(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era()))
    assert "EFT-1" in client.get("/imports").text
    text = client.get("/imports/remittances/1").text
    for said in (billed, "CO-50", "Castellano, Renata", "Open the denial", "one.835"):
        assert said in text
    views = read(lambda: db.session.query(Event).filter_by(action="view", subject="remittance").count())
    assert views == 1


def test_an_unmatched_payment_finds_its_claim_in_one_press(sign_in, billed, read):
    client = sign_in()
    assert "No claim of ours: HL261001" in results(client, ("one.835", era("HL261001")))
    assert "1 payment waits" in client.get("/imports").text
    text = client.get("/imports/unmatched").text
    assert "number much like HL-26-1001" in text
    assert "same name, same date of service, same charge" in text
    answer = send(client, "/imports/unmatched/1", "/imports/unmatched", claim=billed)
    assert answer.location == "/claims/1"
    assert read(lambda: db.session.get(Claim, 1).state) == "denied"
    denial = read(lambda: db.session.query(Denial).one())
    assert (denial.codes, denial.claim_payment_id) == ("CO-50 · N115", 1)
    assert read(lambda: {a.service_line_id for a in db.session.get(ClaimPayment, 1).adjustments}) == {1, 2}
    assert client.get("/imports/unmatched/1").location == "/claims/1"


def test_a_payment_is_matched_once(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era("HL261001")))
    send(client, "/imports/unmatched/1", "/imports/unmatched", claim=billed)
    again = send(client, "/imports/unmatched/1", "/imports/unmatched", claim=billed)
    assert again.status_code == 409
    assert "matched already" in again.text
    assert read(lambda: db.session.query(Denial).count()) == 1


def test_a_wrong_claim_number_is_said_and_kept(sign_in, billed):
    client = sign_in()
    results(client, ("one.835", era("ELSE")))
    answer = send(client, "/imports/unmatched/1", "/imports/unmatched", claim="HL-0")
    assert answer.status_code == 409
    assert "No claim has the number “HL-0”" in answer.text
    assert 'value="HL-0"' in answer.text


@pytest.mark.parametrize("role", ["auditor", "physician", "authorization_coordinator", "administrator"])
def test_only_those_who_post_remittances_come_in(sign_in, role):
    assert sign_in(role).get("/imports").status_code == 403
