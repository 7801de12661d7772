"""What machines ask gets an answer without a session, over plain http, and without a word about anybody."""

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.services import upkeep
from clinic_claims.web.health import TOKEN


@pytest.fixture
def current(app):
    """The tables stand for the newest version."""
    with app.app_context(), transaction():
        db.session.execute(db.text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        db.session.execute(
            db.text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": upkeep.known_versions()[-1]}
        )


def test_a_living_process_says_so_without_a_session(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.text) == (200, "alive\n")
    assert "Set-Cookie" not in answer.headers


def test_it_is_ready_once_the_database_is_current(client, current):
    assert (client.get("/ready").status_code, client.get("/ready").text) == (200, "ready\n")


def test_it_is_not_ready_with_an_old_database_and_names_why(client):
    answer = client.get("/ready")
    assert (answer.status_code, answer.text) == (503, "not ready: version\n")


def test_it_is_not_ready_without_a_database(app, client, current, monkeypatch):
    def fail(*_, **__):
        raise db.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(db.session, "execute", fail)
    assert client.get("/ready").text == "not ready: database\n"


def test_plain_http_from_the_inside_is_answered(app, client, current):
    app.config["SESSION_COOKIE_SECURE"] = True
    assert client.get("/ready").status_code == 200
    assert client.get("/login").status_code == 308


@pytest.mark.parametrize(("set_to", "given"), [("", ""), ("", "Bearer "), ("a-token", ""), ("a-token", "Bearer other")])
def test_counts_are_hidden_without_the_token(client, monkeypatch, set_to, given):
    monkeypatch.setenv(TOKEN, set_to)
    assert client.get("/metrics", headers={"Authorization": given} if given else {}).status_code == 404


def test_counts_are_given_to_the_monitor(client, monkeypatch, records):
    monkeypatch.setenv(TOKEN, "a-token")
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token"})
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines())
    assert int(lines["clinic_claims_events"]) > 5
    assert lines["clinic_claims_backup_age_seconds"] == "inf"
    assert "Castellano" not in answer.text
