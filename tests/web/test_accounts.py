"""Invitations, sessions, roles and fresh sign-ins: what a person and an administrator may do to an account."""

import re

import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import Event
from clinic_claims.models.accounts import UserSession
from clinic_claims.services import accounts, throttle
from clinic_claims.web.sessions import CODEC

from .conftest import PASSWORD, send, token_of

NEW = "seven quiet herons stand"


@pytest.fixture
def administrator(sign_in):
    return sign_in("administrator")


@pytest.fixture
def invite(administrator):
    """Add a person through the page; gives the link's path."""
    answer = send(administrator, "/people/new", full_name="Dana Park", email="d.park@clinic.example", roles="biller")
    return re.search(r"http://localhost(/welcome/[\w-]+)", answer.text)[1]


def person_id(app, email):
    with app.app_context():
        return accounts.find_user(email).id


def actions(app):
    with app.app_context():
        return list(db.session.scalars(select(Event.action).order_by(Event.id)))


def grow_old(app, seconds):
    """Make the last proof of every signed-in person older than it is."""
    with app.app_context(), transaction():
        for row in db.session.scalars(select(UserSession).where(UserSession.user_id.is_not(None))):
            content = CODEC.loads(row.data)
            row.data = CODEC.dumps(content | {"fs_paa": content["fs_paa"] - seconds})


def test_an_invited_person_chooses_a_password_and_signs_in(app, client, invite):
    guest = app.test_client()
    assert "Welcome, Dana Park" in guest.get(invite).text
    assert send(guest, invite, password=NEW, again=NEW).location == "/login"
    assert send(guest, "/login", email="d.park@clinic.example", password=NEW).status_code == 302
    assert guest.get("/account").status_code == 200
    assert "invitation_used" in actions(app)


def test_an_invitation_works_once(app, invite):
    guest = app.test_client()
    send(guest, invite, password=NEW, again=NEW)
    again = guest.get(invite)
    assert (again.status_code, "used already" in again.text) == (404, True)


def test_an_invitation_ends_after_48_hours(app, clock, invite):
    clock.forward(hours=47, minutes=59)
    assert app.test_client().get(invite).status_code == 200
    clock.forward(minutes=1)
    assert app.test_client().get(invite).status_code == 404


def test_a_new_invitation_replaces_the_old_one(app, administrator, invite):
    key = person_id(app, "d.park@clinic.example")
    newer = send(administrator, f"/people/{key}/invitation", page="/account").text
    assert app.test_client().get(invite).status_code == 404
    assert app.test_client().get(re.search(r"/welcome/[\w-]+", newer)[0]).status_code == 200


@pytest.mark.parametrize(
    ("password", "why"),
    [("too short", "at least 15"), ("dana park dana park", "too easy"), ("qwertyuiopasdfgh", "easy to guess")],
)
def test_an_invited_person_is_held_to_the_password_rules(app, invite, password, why):
    answer = send(app.test_client(), invite, password=password, again=password)
    assert (answer.status_code, why in answer.text) == (422, True)


@pytest.mark.parametrize(
    "common", ["passwordpassword", "1234567890123456", "iloveyouiloveyou", "letmeinletmeinletmein", "abcdefghijklmnop"]
)
def test_common_and_stolen_passwords_are_refused_without_the_internet(sign_in, common):
    answer = send(sign_in(), "/change", password=PASSWORD, new_password=common, new_password_confirm=common)
    assert "easy to guess" in answer.text or "different characters" in answer.text


def test_a_password_may_hold_any_characters_and_64_of_them(sign_in):
    new = "Ünder the ölive tree 雨 the harbor lamps go out one by one, slowly"
    assert len(new) >= 64
    answer = send(sign_in(), "/change", password=PASSWORD, new_password=new, new_password_confirm=new)
    assert answer.status_code == 302, answer.text


def test_a_password_is_never_out_of_date(client, add_person, clock):
    email = add_person("biller")
    clock.forward(days=730)
    assert send(client, "/login", email=email, password=PASSWORD).location == "/"


def test_people_see_and_end_their_own_sessions(app, sign_in):
    here = sign_in("biller")
    elsewhere = app.test_client()
    send(elsewhere, "/login", email="biller@clinic.example", password=PASSWORD)
    page = here.get("/account").text
    keys = re.findall(r'name="session" value="(\w+)"', page)
    assert (len(keys), page.count(">this one<")) == (2, 1)
    other = next(key for key in keys if ">this one<" not in page.split(key)[0].split("<tr>")[-1])
    send(here, "/account/sessions/end", page="/account", session=other)
    assert elsewhere.get("/account").status_code == 302
    assert here.get("/account").status_code == 200


def test_nobody_ends_the_session_of_somebody_else_from_the_account_page(app, sign_in, add_person):
    mine = sign_in("biller")
    other = app.test_client()
    send(other, "/login", email=add_person("manager"), password=PASSWORD)
    with app.app_context():
        own = accounts.find_user("biller@clinic.example").id
        keys = list(db.session.scalars(select(UserSession.key).where(UserSession.user_id != own)))
    for key in keys:
        send(mine, "/account/sessions/end", page="/account", session=key)
    assert len(keys) == 1
    assert other.get("/account").status_code == 200


def test_an_administrator_ends_a_session_and_removes_a_lost_second_step(app, administrator, add_person):
    other = app.test_client()
    email = add_person("manager")
    send(other, "/login", email=email, password=PASSWORD)
    key = person_id(app, email)
    page = administrator.get(f"/people/{key}").text
    session = re.search(r'name="session" value="(\w+)"', page)[1]
    send(administrator, f"/people/{key}/session", page="/account", session=session)
    assert other.get("/account").status_code == 302
    send(administrator, f"/people/{key}/second-factor", page="/account")
    assert actions(app)[-2:] == ["end_session", "second_factor_removed"]


def test_roles_change_from_the_next_click_on_but_never_ones_own(app, administrator, add_person):
    other = app.test_client()
    email = add_person("biller")
    send(other, "/login", email=email, password=PASSWORD)
    assert other.get("/imports").status_code == 200
    send(administrator, f"/people/{person_id(app, email)}/roles", page="/account", roles="auditor")
    assert other.get("/imports").status_code == 403
    own = person_id(app, "administrator@clinic.example")
    send(administrator, f"/people/{own}/roles", page="/account", roles="manager")
    assert administrator.get("/people").status_code == 200


def test_a_person_cannot_give_themselves_more_through_further_fields(app, sign_in):
    client = sign_in("biller")
    send(client, "/change", password=PASSWORD, new_password=NEW, new_password_confirm=NEW, roles="administrator",
         must_change_password="", active="1", sso_subject="x")  # fmt: skip
    with app.app_context():
        user = accounts.find_user("biller@clinic.example")
        assert (user.role_names, user.sso_subject) == (["biller"], None)


def test_the_table_of_roles_is_open_to_everybody(sign_in):
    assert "Sign letters" in sign_in("biller").get("/people/roles").text


@pytest.mark.parametrize("address", ["/people", "/people/new", "/mf-recovery-codes", "/tf-setup", "/wan-register"])
def test_an_old_sign_in_is_asked_for_again_before_weighty_pages(app, administrator, address):
    assert administrator.get(address).status_code == 200
    grow_old(app, 601)
    answer = administrator.get(address)
    assert answer.location.startswith("/verify?next=")
    page = answer.location
    assert send(administrator, page, password="wrong").status_code == 200
    assert send(administrator, page, password=PASSWORD).location.endswith(address)
    assert administrator.get(address).status_code == 200


def test_a_form_opened_in_time_can_still_be_sent(app, administrator):
    form = {"full_name": "Dana Park", "email": "d.park@clinic.example", "roles": "biller"}
    token = token_of(administrator, "/people/new")
    grow_old(app, 900)
    assert administrator.post("/people/new", data=form | {"csrf_token": token}).status_code == 200
    grow_old(app, 900)
    answer = administrator.post(
        "/people/new", data=form | {"csrf_token": token}, headers={"Referer": "http://localhost/people/new"}
    )
    assert answer.location == "/verify?next=/people/new"


def test_an_export_asks_for_a_fresh_sign_in_and_is_written_down(app, sign_in):
    client = sign_in("manager")
    grow_old(app, 601)
    assert client.get("/reports/denied?format=csv").location.startswith("/verify")
    assert "export" not in actions(app)
    send(client, "/verify", password=PASSWORD)
    assert client.get("/reports/denied?format=csv").status_code == 200
    assert "export" in actions(app)


def test_the_31st_export_in_an_hour_is_refused_and_told(app, sign_in, clock):
    client = sign_in("manager")
    answers = [client.get("/reports/denied?format=csv").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert actions(app)[-1] == "refused"
    clock.forward(minutes=14)
    client.get("/account")
    for _ in range(4):
        clock.forward(minutes=14)
        client.get("/account")
    assert client.get("/reports/denied?format=csv").status_code == 200


def test_searches_stop_at_their_number(sign_in, monkeypatch):
    monkeypatch.setitem(throttle.LIMITS, "search", (2, throttle.LIMITS["search"][1]))
    client = sign_in("biller")
    answers = [send(client, "/patients/find", page="/account", words="nobody").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_downloads_of_documents_stop_at_their_number(app, denied, sign_in, monkeypatch):
    """A machine that asks for one document after the other is stopped as one that exports is."""
    monkeypatch.setitem(throttle.LIMITS, "download", (2, throttle.LIMITS["download"][1]))
    client = sign_in("auditor")
    assert [client.get("/documents/1").status_code for _ in range(3)] == [200, 200, 429]


def test_a_new_one_time_password_ends_an_invitation_that_was_not_used(app, administrator, invite):
    send(administrator, f"/people/{person_id(app, 'd.park@clinic.example')}/password", page="/account")
    assert app.test_client().get(invite).status_code == 404


def test_asking_for_the_time_left_is_no_visit_but_typing_is(sign_in, clock):
    client = sign_in()
    client.get("/account")
    clock.forward(minutes=10)
    answer = client.get("/account/time").json
    assert answer["left"] == 300
    token = {"X-CSRFToken": answer["token"]}
    assert client.post("/account/time", headers=token).json["left"] == 900
    clock.forward(minutes=10)
    assert client.get("/account/time").json["left"] == 300
    clock.forward(minutes=6)
    assert client.get("/account/time").json == {"left": 0}
    assert client.get("/account").status_code == 302


def test_what_was_typed_can_be_sent_after_signing_in_again_in_another_tab(sign_in, clock):
    client = sign_in("biller")
    stale = token_of(client, "/account")
    clock.forward(minutes=16)
    assert client.get("/account/time").json == {"left": 0}
    send(client, "/login", email="biller@clinic.example", password=PASSWORD)
    fresh = client.get("/account/time").json
    assert fresh["left"] > 0
    answer = client.post("/preferences", data={"csrf_token": fresh["token"], "theme": "dark"})
    assert (answer.status_code, stale != fresh["token"]) == (302, True)
