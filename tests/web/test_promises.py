"""What holds on every page at once: tokens, reading that changes nothing, text that stays text, names in no address."""

import re
from hashlib import sha256

import pytest
from flask_security import hash_password
from sqlalchemy import select

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, Patient
from clinic_claims.models import history as chain
from clinic_claims.services import accounts, history

from .conftest import PASSWORD, send, token_of
from .test_role_matrix import pages

MARK = "<img src=x onerror=alert(1)>"
NAME = "Castellano"
WRITTEN_BY_READING = {"event", "user_session", "throttle", "app_user"}  # app_user: when somebody signed in
LETTERHEAD = "/wording/letterhead"  # its letter is made up
NO_TOKEN = {400, 403, 404}  # wrong token, not open, not there


@pytest.fixture
def manager(denied, sign_in):
    return sign_in("manager")


def addresses(app, method: str) -> list[str]:
    return [address for _, address, asked in pages(app) if asked == method]


def fingerprint(app) -> dict[str, str]:
    """Give the content of every table that reading must leave alone."""
    with app.app_context():
        tables = [table for table in db.metadata.sorted_tables if table.name not in WRITTEN_BY_READING]
        return {
            table.name: sha256(repr(sorted(map(repr, db.session.execute(select(table))))).encode()).hexdigest()
            for table in tables
        }


def test_no_form_is_taken_without_its_token(app, manager):
    before = fingerprint(app)
    halfway = {"/tf-validate"}  # leads somebody signed in away before it looks at a form
    answers = {
        address: manager.post(address).status_code for address in addresses(app, "POST") if address not in halfway
    }
    assert {address: code for address, code in answers.items() if code not in NO_TOKEN} == {}
    assert fingerprint(app) == before


def test_reading_every_page_changes_no_record(app, manager):
    before = fingerprint(app)
    assert {manager.get(address).status_code for address in addresses(app, "GET")} >= {200}
    assert fingerprint(app) == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_answer_shows_a_patient_unseen_by_the_history(app, manager, read, method):
    token, unseen = token_of(manager, "/account"), []
    for address in addresses(app, method):
        before = read(history.anchor)
        with manager.open(address, method=method, data={"csrf_token": token} if method == "POST" else None) as answer:
            shown = answer.content_type.startswith("text/html") and NAME in answer.text
        if shown and read(history.anchor) == before:
            unseen.append(address)
    assert set(unseen) <= {LETTERHEAD}


def test_text_that_looks_like_a_page_stays_text(app, manager):
    with app.app_context(), transaction():
        patient = db.session.get(Patient, 1)
        patient.last_name = patient.first_name = patient.mrn = MARK
        denial = db.session.scalars(select(Denial)).first()
        denial.reason_quoted = denial.payer_reference = MARK
        user = accounts.find_user("manager@clinic.example")
        user.full_name = MARK
    seen = 0
    for address in addresses(app, "GET"):
        with manager.get(address) as answer:
            if answer.content_type.startswith("text/html"):
                seen += answer.text.count("&lt;img src=x")
                assert MARK not in answer.text, address
    assert seen > 5


def test_no_name_or_number_of_a_patient_stands_in_an_address(app, manager):
    for address in addresses(app, "GET"):
        with manager.get(address) as answer:
            if answer.content_type.startswith("text/html"):
                links = re.findall(r'(?:href|action|src|hx-[a-z]+)="([^"]*)"', answer.text)
                assert [link for link in links if NAME.lower() in link.lower() or "HL-1" in link] == [], address
            assert NAME.lower() not in (answer.location or "").lower()


def test_a_search_leads_to_no_address_with_the_words(manager):
    answer = send(manager, "/patients/find", page="/account", words=NAME)
    assert NAME.lower() not in (answer.location or "").lower()


def test_what_the_history_cannot_tell_is_not_done(app, manager, monkeypatch):
    token = token_of(manager, "/account")
    before = fingerprint(app)

    def broken(*_):
        raise OSError

    monkeypatch.setattr(chain, "_links", broken)
    form = {
        "csrf_token": token,
        "last_name": "Doe",
        "first_name": "Jane",
        "mrn": "HL-9",
        "born_on": "1961-01-01",
        "sex": "female",
    }
    assert manager.post("/patients/new", data=form).status_code == 500
    assert manager.get("/patients/1").status_code == 500
    monkeypatch.undo()
    assert fingerprint(app) == before


def test_passwords_are_hashed_at_full_strength(client, monkeypatch, tmp_path):
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "office")
    monkeypatch.setenv("CLINIC_CLAIMS_INSTANCE", str(tmp_path))
    app = create_app({"INSTANCE": tmp_path})
    with app.app_context():
        assert hash_password(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
