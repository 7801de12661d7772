"""Emergency access: a reason, an hour, a mark on every page seen, and a manager who is told."""

import pytest
from sqlalchemy import select

from clinic_claims.db import db
from clinic_claims.domain.permissions import GRANTED, Permission, Role
from clinic_claims.models import Event
from clinic_claims.models.accounts import EmergencyAccess

from .conftest import PASSWORD, send

REASON = "Fire at the main office: the surgeon needs the approval number of today's patient."


@pytest.fixture
def opened(sign_in):
    client = sign_in("administrator")
    assert send(client, "/emergency", reason=REASON).status_code == 302
    return client


def last_event(app):
    with app.app_context():
        return db.session.scalars(select(Event).order_by(Event.id.desc())).first()


def test_without_it_an_administrator_sees_no_patient(sign_in):
    client = sign_in("administrator")
    for address in ("/claims", "/patients", "/reports/denied"):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("reason", ["", "   ", "urgent", "x" * 501])
def test_it_asks_for_a_reason(sign_in, reason):
    client = sign_in("administrator")
    assert send(client, "/emergency", reason=reason).status_code in (409, 422)
    assert client.get("/patients").status_code == 403


def test_it_opens_reading_and_nothing_else_and_marks_what_is_seen(app, opened):
    assert opened.get("/patients").status_code == 200
    assert last_event(app).data["emergency"] == 1
    assert opened.get("/imports").status_code == 403
    assert opened.get("/patients/new").status_code == 403
    assert opened.get("/reports/denied").status_code == 403


def test_it_ends_by_itself_after_60_minutes(opened, clock):
    for _ in range(5):
        clock.forward(minutes=11)
        assert opened.get("/patients").status_code == 200
    clock.forward(minutes=5)
    assert opened.get("/patients").status_code == 403


def test_a_clock_that_jumps_back_does_not_keep_it_open(app, opened, clock):
    clock.forward(hours=-20)
    with app.app_context():
        assert db.session.scalars(select(EmergencyAccess)).one().user.emergency is None


def test_it_can_be_closed_before(opened):
    send(opened, "/emergency/close", page="/emergency")
    assert opened.get("/patients").status_code == 403


def test_a_manager_is_told_until_one_has_read_it(app, opened, add_person):
    manager = app.test_client()
    send(manager, "/login", email=add_person("manager"), password=PASSWORD)
    assert "patient data was opened in an emergency" in manager.get("/account").text
    assert REASON.replace("'", "&#39;") in manager.get("/emergency/list").text
    send(manager, "/emergency/1/review", page="/emergency/list")
    assert "patient data was opened in an emergency" not in manager.get("/account").text
    assert last_event(app).action == "review_emergency_access"


@pytest.mark.parametrize("role", [role for role in Role if Permission.EMERGENCY_OPEN not in GRANTED[role]])
def test_nobody_else_opens_it(sign_in, role):
    client = sign_in(role.value)
    assert client.get("/emergency").status_code == 403
    assert send(client, "/emergency", page="/account", reason=REASON).status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if Permission.EMERGENCY_REVIEW not in GRANTED[role]])
def test_nobody_but_a_manager_closes_the_notice(app, opened, add_person, role):
    other = app.test_client()
    if role is Role.ADMINISTRATOR:
        other = opened
    else:
        send(other, "/login", email=add_person(role.value), password=PASSWORD)
    assert send(other, "/emergency/1/review", page="/account").status_code == 403
