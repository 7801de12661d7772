"""The second step: an app, a passkey or a recovery code; each works once, and the server keeps only sealed secrets."""

import json

import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import Event, User
from clinic_claims.services import accounts, throttle

from .conftest import PASSWORD, send, token_of


@pytest.fixture
def totp(app):
    return app.extensions["security"].totp_factory


@pytest.fixture
def with_app(app, sign_in, totp, codes):
    """A biller with an authenticator app; gives the client, signed out."""
    client = sign_in("biller")
    page = send(client, "/tf-setup", setup="authenticator").text
    action = page.split('action="/tf-setup/')[1].split('"')[0]
    answer = client.post(f"/tf-setup/{action}", data={"csrf_token": token_of(client, "/account"), "code": codes(page)})
    assert answer.location == "/account"
    send(client, "/logout", page="/account")
    return client


@pytest.fixture
def codes(app, totp, monkeypatch):
    """Say what the app on the phone would show; each call is the next half minute."""
    moment = [1_800_000_000]
    monkeypatch.setattr("passlib.totp.TOTP.now", lambda: moment[0])

    def show(page=None, *, again=False):
        if not again:
            moment[0] += 30
        if page:
            key = page.split('<p class="code">')[1].split("<")[0].replace("-", "")
            return totp._totp(key=key, format="base32").generate(moment[0]).token
        with app.app_context():
            secret = accounts.find_user("biller@clinic.example").tf_totp_secret
            return totp._totp.from_source(secret).generate(moment[0]).token

    return show


def person(app):
    return accounts.find_user("biller@clinic.example")


def sign_in_first_half(client):
    return send(client, "/login", email="biller@clinic.example", password=PASSWORD)


def test_the_picture_for_the_app_is_data_and_not_fetched(sign_in):
    page = send(sign_in(), "/tf-setup", setup="authenticator").text
    assert 'src="data:image/svg+xml;base64,' in page


def test_a_password_alone_no_longer_opens_the_door(with_app, codes):
    assert sign_in_first_half(with_app).location.startswith("/tf-validate")
    assert with_app.get("/account").status_code == 302
    answer = send(with_app, "/tf-validate", code=codes())
    assert answer.status_code == 302
    assert with_app.get("/account").status_code == 200


def test_a_code_works_once(with_app, codes):
    sign_in_first_half(with_app)
    send(with_app, "/tf-validate", code=codes())
    send(with_app, "/logout", page="/account")
    sign_in_first_half(with_app)
    assert "was used already" in send(with_app, "/tf-validate", code=codes(again=True)).text
    assert with_app.get("/account").status_code == 302


def test_the_code_that_set_the_app_up_opens_no_door(with_app, codes):
    """Whoever looked over the shoulder then has half a minute, and nothing for it."""
    sign_in_first_half(with_app)
    assert "was used already" in send(with_app, "/tf-validate", code=codes(again=True)).text
    assert with_app.get("/account").status_code == 302


def test_five_wrong_codes_lock_and_end_the_half_finished_sign_in(with_app, codes):
    sign_in_first_half(with_app)
    for _ in range(5):
        send(with_app, "/tf-validate", code="000000")
    assert with_app.get("/tf-validate").location == "/login"
    assert "Too many wrong tries" in sign_in_first_half(with_app).text


def test_the_secret_is_sealed_in_the_database(app, with_app):
    with app.app_context():
        stored = db.session.scalar(select(User.tf_totp_secret))
    assert '"ct"' in stored or '"ckey"' in stored or "enckey" in stored
    assert '"key"' not in stored


def test_setting_up_is_written_down(app, with_app):
    with app.app_context():
        told = db.session.scalars(select(Event.action))
        assert "second_factor_set" in list(told)


@pytest.fixture
def recovery(app, with_app, codes):
    sign_in_first_half(with_app)
    send(with_app, "/tf-validate", code=codes())
    page = send(with_app, "/mf-recovery-codes", generate_new_codes="1").text
    send(with_app, "/logout", page="/account")
    return [part.split("<")[0] for part in page.split('<li class="code">')[1:]]


def test_a_lost_key_of_authenticators_is_told_and_lets_nobody_in(app, with_app, codes):
    shown = codes()
    with app.app_context(), transaction():
        sealed = json.loads(person(app).tf_totp_secret)
        sealed["enckey"]["t"] = "7"
        person(app).tf_totp_secret = json.dumps(sealed)
    sign_in_first_half(with_app)
    answer = send(with_app, "/tf-validate", code=shown)
    assert (answer.status_code, "the key that opens its secret is not in place" in answer.text) == (409, True)
    assert with_app.get("/account").status_code == 302


def test_ten_recovery_codes_each_work_once_and_are_kept_sealed(app, with_app, recovery):
    assert len(set(recovery)) == 10
    with app.app_context():
        stored = person(app).mf_recovery_codes
    assert not set(recovery) & set(stored)
    sign_in_first_half(with_app)
    send(with_app, "/mf-recovery", code=recovery[0].upper())
    assert with_app.get("/account").status_code == 200
    send(with_app, "/logout", page="/account")
    sign_in_first_half(with_app)
    assert "was used already" in send(with_app, "/mf-recovery", code=recovery[0]).text


def test_wrong_recovery_codes_count_towards_the_lock(with_app, recovery):
    sign_in_first_half(with_app)
    for _ in range(5):
        send(with_app, "/mf-recovery", code="0000-0000-0000")
    assert with_app.get("/mf-recovery").location == "/login"
    assert "Too many wrong tries" in sign_in_first_half(with_app).text


def test_where_it_is_required_a_password_leads_to_the_set_up_and_nowhere_else(app, client, add_person, codes):
    app.config["SECURITY_TWO_FACTOR_REQUIRED"] = True
    email = add_person("biller")
    assert send(client, "/login", email=email, password=PASSWORD).location == "/tf-setup"
    assert client.get("/account").status_code == 302
    page = send(client, "/tf-setup", setup="authenticator").text
    assert send(client, "/tf-validate", code=codes(page)).status_code == 302
    assert client.get("/account").status_code == 200


def test_it_cannot_be_switched_off_where_it_is_required(app, with_app, codes):
    app.config["SECURITY_TWO_FACTOR_REQUIRED"] = True
    sign_in_first_half(with_app)
    send(with_app, "/tf-validate", code=codes())
    send(with_app, "/tf-setup", setup="disable")
    with app.app_context():
        assert person(app).tf_primary_method == "authenticator"


def test_a_page_for_lost_phones_that_sends_mail_is_closed(client):
    assert client.get("/tf-rescue").status_code == 404


def test_a_passkey_begins_with_a_challenge_of_this_host(sign_in):
    page = send(sign_in(), "/wan-register", name="blue key", usage="secondary")
    assert 'data-passkey="create"' in page.text
    assert "&#34;rp&#34;: {&#34;name&#34;: &#34;Clinic Claims&#34;, &#34;id&#34;: &#34;localhost&#34;}" in page.text


def test_an_answer_that_no_passkey_gave_is_refused(app, sign_in):
    client = sign_in()
    page = send(client, "/wan-register", name="blue key", usage="secondary").text
    action = page.split('action="')[1].split('"')[0]
    client.post(action, data={"csrf_token": token_of(client, "/account"), "credential": '{"id": "x"}'})
    with app.app_context():
        assert person(app).webauthn == []


def test_too_many_wrong_sign_ins_from_one_address_stop_all_of_them(client, add_person, monkeypatch):
    monkeypatch.setitem(throttle.LIMITS, "wrong sign-in", (3, throttle.LIMITS["wrong sign-in"][1]))
    for number in range(3):
        send(client, "/login", email=f"{number}@clinic.example", password="wrong")
    answer = send(client, "/login", email=add_person("biller"), password=PASSWORD)
    assert answer.status_code == 429
