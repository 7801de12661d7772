"""Single sign-on against a provider made up here: what it must send, what is refused, and who is let in."""

import json
import time
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.exceptions import BadGateway
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.services import accounts

from .conftest import PASSWORD, send

OURS = "clinic-claims"


class Provider:
    """An identity provider on a free port of this machine; a test may spoil what it says."""

    def __init__(self) -> None:
        self.key, self.foreign = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.nonce, self.spoiled, self.forged, self.asked = "", {}, False, {}

    def answer(self, environ, start_response):
        request = Request(environ)
        made = {"/.well-known/openid-configuration": self.about, "/keys": self.keys, "/token": self.token}[request.path]
        try:
            told = Response(json.dumps(made(request)), content_type="application/json")
        except BadGateway as error:
            told = error.get_response()
        return told(environ, start_response)

    def about(self, _):
        places = {name: f"{self.issuer}/{path}" for name, path in (
            ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "keys"))}  # fmt: skip
        return {"issuer": self.issuer, "id_token_signing_alg_values_supported": ["RS256"], **places}

    def keys(self, _):
        return {"keys": [self.key.as_dict(private=False)]}

    def token(self, request):
        self.asked = request.form.to_dict()
        claims = {"iss": self.issuer, "sub": "u-17", "aud": OURS, "nonce": self.nonce, "iat": int(time.time()),
                  "exp": int(time.time()) + 60, "email": "biller@clinic.example"} | self.spoiled  # fmt: skip
        key = self.foreign if self.forged else self.key
        return {"access_token": "x", "token_type": "Bearer", "id_token": jwt.encode({"alg": "RS256"}, claims, key)}


@pytest.fixture
def provider():
    made = Provider()
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def app(tmp_path, clock, monkeypatch, provider):
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "test")
    settings = {"OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": OURS, "OIDC_CLIENT_SECRET": "not told"}
    address = f"sqlite:///{tmp_path / 'sso.sqlite'}"
    app = create_app(settings | {"SQLALCHEMY_DATABASE_URI": address, "CLOCK": clock, "PROPAGATE_EXCEPTIONS": False})
    with app.app_context():
        db.create_all()
    return app


def go(client, provider, start="/login/oauthstart/sso", page="/login"):
    """Start at a button, come back from the provider; gives what was asked of it, and our answer."""
    location = send(client, start, page=page).location
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    provider.nonce = asked["nonce"]
    back = urlsplit(asked["redirect_uri"]).path
    return asked, client.get(back, query_string={"code": "c", "state": asked["state"]})


@pytest.fixture
def linked(client, provider, sign_in):
    """A biller who linked the account while signed in, and signed out."""
    sign_in("biller")
    _, answer = go(client, provider, "/account/sso", "/account")
    assert answer.location == "/account"
    send(client, "/logout", page="/account")
    return client


def test_what_is_asked_of_the_provider_cannot_be_replayed(client, provider):
    asked, _ = go(client, provider)
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    assert provider.asked["code_verifier"]


def test_a_form_may_lead_to_the_provider_and_nowhere_else(client, provider):
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert f"form-action 'self' {provider.issuer};" in policy


def test_the_same_e_mail_address_opens_nothing(app, client, provider, add_person):
    add_person("biller")
    _, answer = go(client, provider)
    assert answer.location == "/login"
    assert client.get("/account").status_code == 302


def test_a_linked_person_comes_in(linked, provider):
    _, answer = go(linked, provider)
    assert answer.location == "/"
    assert linked.get("/account").status_code == 200


@pytest.mark.parametrize(
    "spoiled",
    [{"iss": "https://evil.example"}, {"aud": "another-program"}, {"nonce": "old"}, {"exp": 1}, {"sub": "u-18"}],
    ids=lambda claims: next(iter(claims)),
)
def test_a_token_made_for_somebody_else_opens_nothing(linked, provider, spoiled):
    provider.spoiled = spoiled
    _, answer = go(linked, provider)
    assert answer.location == "/login"
    assert linked.get("/account").status_code == 302


def test_a_token_with_a_foreign_signature_opens_nothing(linked, provider):
    provider.forged = True
    go(linked, provider)
    assert linked.get("/account").status_code == 302


def test_an_answer_with_another_state_opens_nothing(linked, provider):
    send(linked, "/login/oauthstart/sso", page="/login")
    answer = linked.get("/login/oauthresponse/sso?code=c&state=planted")
    assert answer.location == "/login"
    assert linked.get("/account").status_code == 302


def test_a_second_factor_that_is_required_here_is_asked_for_all_the_same(app, linked, provider):
    app.config["SECURITY_TWO_FACTOR_REQUIRED"] = True
    _, answer = go(linked, provider)
    assert answer.location == "/tf-setup"
    assert linked.get("/account").status_code == 302


def test_a_disabled_person_does_not_come_in(app, linked, provider):
    with app.app_context(), transaction():
        accounts.find_user("biller@clinic.example").active = False
    go(linked, provider)
    assert linked.get("/account").status_code == 302


def test_one_sign_in_at_the_provider_is_one_account_here(app, linked, provider, add_person):
    other = app.test_client()
    send(other, "/login", email=add_person("manager"), password=PASSWORD)
    _, answer = go(other, provider, "/account/sso", "/account")
    assert "Another account is linked" in other.get(answer.location).text
    with app.app_context():
        assert accounts.find_user("manager@clinic.example").sso_subject is None


def test_a_link_can_be_removed(linked, provider):
    go(linked, provider)
    send(linked, "/account/sso/remove", page="/account")
    send(linked, "/logout", page="/account")
    go(linked, provider)
    assert linked.get("/account").status_code == 302


def test_a_provider_that_does_not_answer_leads_back_to_the_door(client, provider, monkeypatch):
    monkeypatch.setattr(provider, "about", lambda _: unanswered())
    answer = send(client, "/login/oauthstart/sso", page="/login")
    assert answer.location == "/login"
    assert "did not confirm" in client.get("/login").text


def unanswered():
    raise BadGateway
