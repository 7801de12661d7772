"""Who gets in, who does not, and when a session ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import Event, User
from clinic_claims.models.accounts import SignInTries, UserSession
from clinic_claims.services import accounts
from clinic_claims.services.deeds import Deed, Refused

from .conftest import PASSWORD, send, token_of

WRONG = "Wrong e-mail or password."


@pytest.fixture
def biller(add_person):
    return add_person("biller")


@pytest.fixture
def deed(app, clock):
    return Deed("test", clock(), app.extensions["rulebook"])


def actions(app):
    with app.app_context():
        return list(db.session.scalars(select(Event.action).order_by(Event.id)))


def test_a_new_installation_has_no_account(app):
    with app.app_context():
        assert accounts.list_users() == []


def test_the_door_of_a_new_installation_says_how_the_first_account_is_made(client, add_person):
    assert "./dev user add" in client.get("/login").text
    add_person("manager")
    assert "./dev user add" not in client.get("/login").text


def test_the_right_password_opens_the_door_and_is_written_down(app, client, biller):
    answer = send(client, "/login", email=biller.upper(), password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/styleguide").status_code == 200
    assert actions(app)[-1] == "sign_in"


@pytest.mark.parametrize("email", ["biller@clinic.example", "nobody@clinic.example"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app, client, biller, email):
    answer = send(client, "/login", email=email, password="not the right password")
    assert WRONG in answer.text
    assert answer.text.count("alert-error") == 1
    assert actions(app)[-1] == "sign_in_failed"
    assert client.get("/styleguide").status_code == 302


def test_what_was_typed_never_reaches_the_history(app, client):
    send(client, "/login", email="mistyped@clinic.example", password="a secret I typed here")
    with app.app_context():
        told = [str(vars(event)) for event in db.session.scalars(select(Event))]
    assert told
    assert not any("mistyped" in line or "secret I typed" in line for line in told)


@pytest.mark.parametrize("email", ["biller@clinic.example", "nobody@clinic.example"])
def test_five_wrong_tries_lock_the_address_for_fifteen_minutes(client, biller, clock, email):
    for _ in range(4):
        assert "Too many" not in send(client, "/login", email=email, password="wrong").text
    fifth = send(client, "/login", email=email, password="wrong")
    assert "Too many wrong tries. Wait until 10:15 AM" in fifth.text
    assert "Too many wrong tries" in send(client, "/login", email=email, password=PASSWORD).text


def test_wrong_passwords_beside_a_new_one_lock_too(app, sign_in):
    """Who sits down at an open session does not find out its password."""
    client = sign_in("biller")
    new = {"new_password": "seven quiet grey herons", "new_password_confirm": "seven quiet grey herons"}
    for number in range(5):
        send(client, "/change", password=f"wrong {number}", **new)
    assert client.get("/account").status_code == 302
    answer = send(client, "/login", email="biller@clinic.example", password=PASSWORD)
    assert "Too many wrong tries" in answer.text


def test_a_password_of_any_length_costs_the_door_nothing(app, client, biller, monkeypatch):
    """What no password can be is refused before it is hashed, and counts as a wrong one."""
    monkeypatch.setattr("flask_security.PasswordUtil.normalize", lambda *_: pytest.fail("it was looked at"))
    for _ in range(5):
        answer = send(client, "/login", email=biller, password="é" * 5000)
    assert "Wrong e-mail or password." in answer.text
    assert "Too many wrong tries" in answer.text


def test_after_the_lock_the_right_password_works_and_counting_starts_anew(client, biller, clock):
    for _ in range(5):
        send(client, "/login", email=biller, password="wrong")
    clock.forward(minutes=15, seconds=1)
    assert send(client, "/login", email=biller, password=PASSWORD).status_code == 302
    send(client, "/logout", page="/styleguide")
    for _ in range(4):
        assert WRONG in send(client, "/login", email=biller, password="wrong").text


def test_each_further_wrong_try_locks_twice_as_long_up_to_an_hour(app, clock):
    with app.app_context(), transaction():
        spans = []
        for _ in range(8):
            until = accounts.note_wrong_try("x@clinic.example", clock())
            spans.append(until and (until - clock()).total_seconds() / 60)
    assert spans == [None] * 4 + [15, 30, 60, 60]


def test_the_hundredth_wrong_try_still_locks_for_an_hour(app, clock):
    with app.app_context(), transaction():
        db.session.add(SignInTries(key=accounts._key("x@clinic.example"), failures=99))
        assert accounts.note_wrong_try("x@clinic.example", clock()) == clock() + timedelta(hours=1)


def test_a_lock_set_by_a_clock_that_ran_ahead_ends_with_it(client, biller, clock):
    clock.forward(days=400)
    for _ in range(5):
        send(client, "/login", email=biller, password="wrong")
    clock.forward(days=-400)
    assert send(client, "/login", email=biller, password=PASSWORD).status_code == 302


@pytest.mark.parametrize(("back", "status"), [(5, 200), (3600, 302)])
def test_a_clock_that_jumps_back_keeps_no_session_open_for_longer(sign_in, clock, back, status):
    client = sign_in("biller")
    clock.forward(seconds=-back)
    assert client.get("/account").status_code == status


def test_a_lock_on_one_address_leaves_the_others_alone(client, biller, add_person):
    for _ in range(5):
        send(client, "/login", email=biller, password="wrong")
    assert send(client, "/login", email=add_person("manager"), password=PASSWORD).status_code == 302


def test_a_first_password_must_be_changed_before_anything_else(app, client, add_person):
    email = add_person("biller", first_password=True)
    send(client, "/login", email=email, password=PASSWORD)
    assert client.get("/styleguide").location == "/change"
    new = "seven quiet herons stand"
    answer = send(client, "/change", password=PASSWORD, new_password=new, new_password_confirm=new)
    assert answer.status_code == 302, answer.text
    assert client.get("/styleguide").status_code == 200
    assert actions(app)[-1] == "password_changed"


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("too short", "at least 15 characters"),
        ("aaaaaaaaaaaaaaaaaaaa", "different characters"),
        ("x9" + "abcdefgh" * 20, "at most 128"),
        ("biller biller clinic", "too easy to guess"),
        (PASSWORD, "differs from the one you have now"),
    ],
)
def test_a_weak_new_password_is_refused_with_what_to_do(sign_in, new, why):
    client = sign_in("biller")
    answer = send(client, "/change", password=PASSWORD, new_password=new, new_password_confirm=new)
    assert answer.status_code == 200
    assert why in answer.text


def test_changing_the_password_ends_the_other_sessions(app, sign_in):
    here = sign_in("biller")
    elsewhere = app.test_client()
    send(elsewhere, "/login", email="biller@clinic.example", password=PASSWORD)
    new = "seven quiet herons stand"
    send(here, "/change", password=PASSWORD, new_password=new, new_password_confirm=new)
    assert here.get("/styleguide").status_code == 200
    assert elsewhere.get("/styleguide").status_code == 302


def test_fifteen_idle_minutes_end_the_session_and_say_so(sign_in, clock):
    client = sign_in()
    clock.forward(minutes=14)
    assert client.get("/styleguide").status_code == 200
    clock.forward(minutes=14)
    assert client.get("/styleguide").status_code == 200
    clock.forward(minutes=15)
    answer = client.get("/styleguide")
    assert answer.location == "/login?next=/styleguide"
    assert "signed out after a while" in client.get(answer.location).text


def test_twelve_hours_end_even_a_busy_session(sign_in, clock):
    client = sign_in()
    for _ in range(71):
        clock.forward(minutes=10)
        assert client.get("/styleguide").status_code == 200
    clock.forward(minutes=10)
    assert client.get("/styleguide").status_code == 302


def test_a_partial_request_of_an_ended_session_sends_the_whole_page_to_the_door(client):
    answer = client.get("/styleguide", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_signing_in_changes_the_session_and_only_its_hash_is_stored(app, client, biller):
    client.get("/login")
    before = client.get_cookie("session").value
    send(client, "/login", email=biller, password=PASSWORD)
    after = client.get_cookie("session").value
    assert before != after
    with app.app_context():
        keys = [row.key for row in db.session.scalars(select(UserSession))]
    assert len(keys) == 1
    assert after not in keys[0]


def test_a_session_id_chosen_by_somebody_else_is_not_taken_over(client):
    client.set_cookie("session", "planted-by-an-attacker")
    client.get("/login")
    assert client.get_cookie("session").value != "planted-by-an-attacker"


def test_what_machines_leave_at_the_door_is_swept_away(app, sign_in, clock):
    """Each look at the door without a cookie makes a session; only those that still run are kept."""
    sign_in()
    for _ in range(3):
        app.test_client().get("/login")
    clock.forward(minutes=16)
    app.test_client().get("/login")
    with app.app_context():
        owners = list(db.session.scalars(select(UserSession.user_id)))
    assert (len(owners), owners.count(None)) == (2, 1)


def test_signing_out_ends_the_session_on_the_server(app, sign_in):
    client = sign_in()
    cookie = client.get_cookie("session").value
    answer = send(client, "/logout", page="/styleguide")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("session", cookie)
    assert client.get("/styleguide").status_code == 302
    assert actions(app)[-1] == "sign_out"


def test_disabling_a_person_ends_their_sessions_at_once(app, sign_in, deed):
    client = sign_in("biller")
    with app.app_context(), transaction():
        accounts.disable(accounts.find_user("biller@clinic.example"), deed)
    assert client.get("/styleguide").status_code == 302
    assert WRONG in send(client, "/login", email="biller@clinic.example", password=PASSWORD).text


def test_a_reset_gives_a_password_that_works_once(app, client, biller, deed):
    with app.app_context(), transaction():
        password = accounts.reset_password(accounts.find_user(biller), deed)
    assert send(client, "/login", email=biller, password=PASSWORD).status_code == 200
    assert send(client, "/login", email=biller, password=password).status_code == 302
    assert client.get("/styleguide").location == "/change"


@pytest.mark.parametrize(
    ("name", "email", "roles", "why"),
    [
        ("Dana Park", "d.park@clinic.example", ["surgeon"], "There is no role “surgeon”"),
        ("Dana Park", "d.park@clinic.example", [], "at least one role"),
        ("Dana Park", "d.park", ["biller"], "Enter an e-mail address such as"),
        ("  ", "d.park@clinic.example", ["biller"], "full name"),
        ("Dana Park", "BILLER@clinic.example", ["biller"], "already an account"),
    ],
)
def test_an_account_is_refused_with_reasons(app, biller, deed, name, email, roles, why):
    with app.app_context(), pytest.raises(Refused, match=why):
        accounts.add_user(name, email, roles, deed)


def test_nobody_disables_their_own_account(app, biller, clock):
    with app.app_context():
        user = accounts.find_user(biller)
        own = Deed(biller, clock(), app.extensions["rulebook"], user_id=user.id)
        with pytest.raises(Refused, match="your own account"):
            accounts.disable(user, own)


def test_one_time_passwords_are_long_and_differ():
    made = {accounts.one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert {len(password) for password in made} == {23}


@pytest.mark.parametrize(("name", "initials"), [("Dana Park", "DP"), ("Ann-Marie O'Neil, RN", "AN"), ("Cher", "C")])
def test_initials(name, initials):
    assert accounts.initials_of(name) == initials


def test_passwords_are_kept_as_argon2id(app, biller):
    with app.app_context():
        assert db.session.scalar(select(User.password)).startswith("$argon2id$")


def test_the_token_of_another_session_does_not_work(app, client, biller):
    foreign = token_of(app.test_client())
    client.get("/login")
    answer = client.post("/login", data={"csrf_token": foreign, "email": biller, "password": PASSWORD})
    assert answer.status_code == 400
