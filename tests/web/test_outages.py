"""The database is busy, its disk full, the bucket gone: a plain page, nothing typed is lost, nobody is signed out."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from sqlalchemy import event, text

from clinic_claims.db import db, transaction
from clinic_claims.models import Note
from clinic_claims.services import audit_keys

from .conftest import PASSWORD, send, token_of

NOTE = {"kind": "note", "text": "Asked for the notice of October & its date", "about": "claim-1"}
ADDRESS = "/notes/claim/1"


@pytest.fixture
def impatient(app):
    """Nobody waits for a lock: what takes the server seconds is told at once."""
    hasty = {"sqlite": "PRAGMA busy_timeout=1", "postgresql": "SET lock_timeout = '1ms'"}

    def hurry(connection, _):
        connection.execute(hasty[db.engine.dialect.name])

    with app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", hurry)
    return app


@contextmanager
def somebody_else_writes(app) -> Iterator[None]:
    """Hold every table that a deed touches."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as other:
        locks = "LOCK TABLE user_session, app_user, note, event IN ACCESS EXCLUSIVE MODE"
        other.execute(text(locks if other.dialect.name == "postgresql" else "SELECT 1"))  # SQLite's BEGIN takes it all
        yield
        other.rollback()


def kept(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def test_what_was_typed_is_kept_and_can_be_sent_again(impatient, records, sign_in, read):
    client = sign_in("biller")
    token = token_of(client, "/account")
    with somebody_else_writes(impatient):
        answer = client.post(ADDRESS, data={"csrf_token": token, **NOTE})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"
    assert kept(answer.text) == {"csrf_token": token, **NOTE}
    assert client.post(ADDRESS, data=kept(answer.text)).status_code == 302
    assert read(lambda: db.session.query(Note).one().text) == NOTE["text"]


def test_nobody_is_signed_out_by_it(impatient, records, sign_in):
    client = sign_in("biller")
    with somebody_else_writes(impatient):
        answer = client.get(ADDRESS)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (503, False)
        assert f'href="{ADDRESS}">Try again' in answer.text
        assert impatient.test_client().get("/health").status_code == 200
    assert client.get(ADDRESS).status_code == 200


def test_a_password_is_not_given_back(impatient, client, add_person):
    email, token = add_person("biller"), token_of(client)
    with somebody_else_writes(impatient):
        answer = client.post("/login", data={"csrf_token": token, "email": email, "password": PASSWORD})
    assert answer.status_code == 503
    assert PASSWORD not in answer.text
    assert "give them again" in answer.text
    assert send(client, "/login", email=email, password=PASSWORD).status_code == 302


def test_a_part_of_a_page_gives_way_to_the_whole_answer(impatient, records, sign_in):
    client = sign_in("biller")
    token = token_of(client, "/account")
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/claims/1?tab=2"}
    with somebody_else_writes(impatient):
        answer = client.post(ADDRESS, data={"csrf_token": token, **NOTE}, headers=headers)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (503, "body")
    assert 'href="/claims/1">Try again' in answer.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # a server's disk is told by its code, 53100
def test_a_full_disk_is_told_and_the_typing_kept(app, records, sign_in, read):
    client = sign_in("biller")
    token = token_of(client, "/account")

    def fill(connection, _):
        connection.execute(f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0]}")

    with app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", fill)
    answer = client.post(ADDRESS, data={"csrf_token": token, **NOTE, "text": "x" * 1900})
    assert answer.status_code == 503
    assert "The disk of the server is full" in answer.text
    assert kept(answer.text)["text"] == "x" * 1900
    assert read(lambda: db.session.query(Note).count()) == 0


def test_documents_that_cannot_be_reached_are_told(app, records, sign_in, bucket_address):
    client = sign_in("biller")
    app.config["DOCUMENTS"] = "s3://clinic-elsewhere"
    file = {"file": (io.BytesIO(b"%PDF-1.4 notice"), "notice.pdf"), "kind": "denial_notice", "title": "Notice"}
    address = f"/documents/add/claim/{records.claim}"
    answer = client.post(address, data={"csrf_token": token_of(client, address), **file})
    assert answer.status_code == 503
    assert "Files and passwords are not kept" in answer.text


def test_a_process_without_the_audit_key_at_work_says_what_to_do(app, records, sign_in, deed):
    client, old = sign_in("biller"), app.config["AUDIT_KEY"]
    app.config.update({"AUDIT_KEY": "new audit key of forty or so characters", "AUDIT_KEYS_BEFORE": [old]})
    with app.app_context(), transaction():
        audit_keys.change(deed)
    app.config.update({"AUDIT_KEY": old, "AUDIT_KEYS_BEFORE": []})
    answer = client.post(ADDRESS, data={"csrf_token": token_of(client, "/account"), **NOTE})
    assert answer.status_code == 500
    assert "set it as AUDIT_KEY, or among those before, and start again" in answer.text


def test_a_fault_of_ours_is_no_outage(app, records, sign_in, monkeypatch):
    client = sign_in("biller")
    monkeypatch.setattr("clinic_claims.web.notes.page_of", lambda _: db.session.execute(text("SELECT nonsense")))
    answer = client.get(ADDRESS)
    assert answer.status_code == 500
    assert "nonsense" not in answer.text
