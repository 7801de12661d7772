"""Find anything: one box, by name even misspelled, by any number, by telephone; and what was opened last."""

from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Patient
from clinic_claims.services import notes, patients

from .conftest import send


@pytest.fixture
def on_file(app, denied, deed):
    """The denied claim with the payer's own number, a telephone, a call; and a second patient."""
    with app.app_context(), transaction():
        claim = db.session.get(Claim, denied.claim)
        claim.payer_control_number = "LP-77"
        claim.case.patient.phone = "(214) 555-0142"
        notes.add(claim, "call", "They will reprocess", deed, call_reference="C-881")
        patients.enter(
            deed, mrn="HL-2", last_name="Castle", first_name="Ann", born_on=date(1960, 1, 1), phone="5550142"
        )
    return denied


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("HL-26-1001", "/claims/1"),
        (" hl-26-1001 ", "/claims/1"),
        ("LP-77", "/claims/1"),
        ("pa-8841", "/approvals/1"),
        ("HL-1", "/patients/1"),
        ("lpx 773 204", "/patients/1"),
        ("EFT-1", "/imports/remittances/1"),
        ("C-881", "/notes/1"),
        ("DEN-00001", "/denials/1"),
        ("castellano, ren", "/patients/1"),
        ("214 555 0142", "/patients/1"),
    ],
)
def test_one_thing_found_is_opened(sign_in, on_file, words, place):
    assert send(sign_in(), "/find", words=words).location == place


@pytest.mark.parametrize("words", ["Castelano", "Casttellano Renata", "Renata Casetllano", "castelllano", "acstellano"])
def test_a_misspelled_name_is_offered_and_not_opened(sign_in, on_file, words):
    answer = send(sign_in(), "/find", words=words)
    assert answer.status_code == 200
    assert "these are close" in answer.text
    assert answer.text.index("Castellano, Renata") > 0


@pytest.mark.parametrize("words", ["0142", "Cast", "555-0142"])
def test_several_are_listed(sign_in, on_file, words):
    text = send(sign_in(), "/find", words=words).text
    assert "Castellano, Renata" in text
    assert "Castle, Ann" in text


@pytest.mark.parametrize("words", ["", "   ", "Zzzyx", "%", "142", "_", "'; drop table"])
def test_what_is_not_there_is_not_found(sign_in, on_file, words):
    assert "Nobody and nothing found" in send(sign_in(), "/find", words=words).text


def test_what_was_typed_stands_in_no_history_and_no_address(app, sign_in, on_file, read):
    client = sign_in()
    send(client, "/find", words="Castelano")
    assert "Castelano" not in client.get("/find?words=Castelano").text
    text = read(lambda: " ".join(map(str, db.session.execute(db.text("SELECT sentence, data FROM event")).all())))
    assert "Castelano" not in text


def test_what_was_opened_last_stands_first(sign_in, on_file):
    client = sign_in()
    assert "Nothing opened yet" in client.get("/find").text
    client.get("/claims/1")
    client.get("/patients/1")
    client.get("/claims/1")
    text = client.get("/find").text
    assert text.index('href="/claims/1"') < text.index('href="/patients/1"')
    assert text.count('href="/claims/1"') == 1


def test_the_telephone_is_found_by_its_end(read, on_file):
    assert read(lambda: db.session.get(Patient, 1).phone_key) == "2410555412"


def test_digits_alone_are_enough_where_all_numbers_begin_alike(app, sign_in, on_file):
    with app.app_context(), transaction():
        db.session.get(Claim, on_file.claim).number = "HL-104104"
    assert send(sign_in(), "/find", words="104104").location == "/claims/1"
