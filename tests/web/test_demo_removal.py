"""The demo goes with one button, whole: records, files, accounts; what comes is one account and an empty clinic."""

import re

import pytest
from sqlalchemy import func, select

from clinic_claims.db import db, transaction
from clinic_claims.models import Event, User
from clinic_claims.services import demo, history, patients
from clinic_claims.services.deeds import Deed

from .conftest import send

KEPT = {"event", "app_user", "role", "roles_users", "user_session", "throttle"}  # of the account that comes


@pytest.fixture
def loaded(app, clock, sign_in):
    """The demo, with its files, and an administrator signed in."""
    with app.app_context():
        with transaction():
            summary = demo.load(Deed("setup", clock(), app.extensions["rulebook"]))
        demo.publish(summary, app.config["INSTANCE"])
    return sign_in("administrator")


def files(app):
    folder = app.config["INSTANCE"]
    return [
        path for name in ("documents", "letters", "waiting") for path in (folder / name).rglob("*") if path.is_file()
    ]


def test_the_page_says_what_goes(loaded):
    text = loaded.get("/setup/demo").text
    assert "<dt>Patients</dt><dd>20</dd>" in text
    assert "done since the demo" not in text
    assert "/setup/demo" in loaded.get("/setup").text


def test_what_was_entered_among_it_is_told(loaded, app, clock):
    with app.app_context(), transaction():
        patient = {
            "mrn": "X-1",
            "last_name": "Real",
            "first_name": "Person",
            "born_on": clock().date(),
            "sex": "female",
        }
        patients.enter(Deed("somebody", clock(), app.extensions["rulebook"]), **patient)
    assert "1 deed was done since" in loaded.get("/setup/demo").text


def test_one_button_leaves_nothing_behind_but_the_way_in(loaded, app, client):
    assert len(files(app)) > 50
    answer = send(loaded, "/setup/demo", full_name="Ada Min", email="ada@clinic.org")
    password = re.search(r'one-time">([^<]+)<', answer.text)[1]
    assert files(app) == []
    assert not (app.config["INSTANCE"] / demo.ACCOUNTS).exists()
    with app.app_context():
        left = {
            table.name
            for table in db.metadata.sorted_tables
            if db.session.scalar(select(func.count()).select_from(table))
        }
        assert left <= KEPT
        assert [user.email for user in db.session.scalars(select(User))] == ["ada@clinic.org"]
        assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None
        assert "remove_demo" in set(db.session.scalars(select(Event.action)))
    assert loaded.get("/today").status_code == 302  # signed out
    assert send(client, "/login", email="ada@clinic.org", password=password).status_code == 302


def test_a_wrong_address_removes_nothing(loaded, app):
    before = len(files(app))
    assert send(loaded, "/setup/demo", full_name="Ada Min", email="ada").status_code == 409
    assert send(loaded, "/setup/demo", full_name="", email="ada@clinic.org").status_code == 422
    assert len(files(app)) == before


def test_a_real_clinic_has_no_such_page(denied, sign_in):
    client = sign_in("manager")
    assert client.get("/setup/demo").status_code == 404
    assert "demo" not in client.get("/setup").text
