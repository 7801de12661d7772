"""Passkeys: the second step of one person alone, and a confirmation only with PIN or finger."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from html import unescape
from secrets import token_bytes

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from clinic_claims.db import db, transaction
from clinic_claims.models import User
from clinic_claims.services import accounts

from .conftest import PASSWORD, send, token_of

TOUCHED, VERIFIED, WITH_KEY = 1, 4, 64  # flags of an answer: somebody was there, proved by PIN or finger who, new key


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """A security key in software: makes a key pair, and signs what a page asks for."""

    def __init__(self) -> None:
        self.id, self.key, self.count = token_bytes(16), ec.generate_private_key(ec.SECP256R1()), 0

    def made(self, options: dict) -> str:
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        held = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        told = {"fmt": "none", "attStmt": {}, "authData": self._told(options["rp"]["id"], TOUCHED | WITH_KEY) + held}
        return self._answer({"attestationObject": text(cbor2.dumps(told)), **self._client("webauthn.create", options)})

    def signed(self, options: dict, flags: int) -> str:
        data, client = self._told(options["rpId"], flags), self._client("webauthn.get", options)
        said = data + sha256(urlsafe_b64decode(client["clientDataJSON"] + "==")).digest()
        signature = self.key.sign(said, ec.ECDSA(SHA256()))
        return self._answer({"authenticatorData": text(data), "signature": text(signature), **client})

    def _told(self, host: str, flags: int) -> bytes:
        self.count += 1
        return sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: dict) -> dict[str, str]:
        client = {"type": kind, "challenge": options["challenge"], "origin": "http://localhost"}
        return {"clientDataJSON": text(json.dumps(client).encode())}

    def _answer(self, response: dict) -> str:
        named = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps(named | {"response": response, "clientExtensionResults": {}})


def asked(page) -> tuple[str, dict]:
    """Read where a page sends the passkey's answer, and what it asks of it."""
    form = re.search(r'action="([^"]+)" data-passkey="\w+" data-options="([^"]+)"', page.text)
    assert form, page.text
    return form[1], json.loads(unescape(form[2]))


def answer(client, action: str, credential: str, page: str):
    return client.post(action, data={"csrf_token": token_of(client, page), "credential": credential})


@pytest.fixture
def passkey(sign_in):
    """A passkey of the biller, who is signed in."""
    made, client = Passkey(), sign_in("biller")
    action, options = asked(send(client, "/wan-register", name="blue key"))
    assert answer(client, action, made.made(options), "/account").location == "/account"
    return made


def signed_in_as(app, client) -> str | None:
    who = client.get("/account/time").json.get("who")
    with app.app_context():
        return db.session.get(User, who).email if who else None


def test_a_passkey_after_the_password_opens_the_door(app, client, passkey):
    send(client, "/logout", page="/account")
    send(client, "/login", email="biller@clinic.example", password=PASSWORD)
    assert signed_in_as(app, client) is None
    action, options = asked(send(client, "/wan-signin"))
    answer(client, action, passkey.signed(options, TOUCHED), "/wan-signin")
    assert signed_in_as(app, client) == "biller@clinic.example"


def test_the_passkey_of_somebody_else_opens_no_door(app, client, passkey, add_person):
    """Nobody enters another's account with a found passkey and a password of their own."""
    send(client, "/logout", page="/account")
    other = app.test_client()
    send(other, "/login", email=add_person("physician"), password=PASSWORD)
    action, options = asked(send(other, "/wan-register", name="my own"))
    answer(other, action, Passkey().made(options), "/account")
    send(other, "/logout", page="/account")
    send(other, "/login", email="physician@clinic.example", password=PASSWORD)
    action, options = asked(send(other, "/wan-signin"))
    answer(other, action, passkey.signed(options, TOUCHED | VERIFIED), "/wan-signin")
    assert signed_in_as(app, other) is None


@pytest.mark.parametrize(("flags", "fresh"), [(TOUCHED, False), (TOUCHED | VERIFIED, True)])
def test_who_confirms_by_passkey_gives_pin_or_finger(client, passkey, flags, fresh):
    """A key that was left in the machine is no proof of who sits there."""
    left_open(client)
    action, options = asked(send(client, "/wan-verify", page="/account"))
    assert options["userVerification"] == "required"
    answer(client, action, passkey.signed(options, flags), "/account")
    with client.session_transaction() as session:
        assert (session["fs_paa"] > 0) is fresh


def test_a_challenge_of_the_door_confirms_nobody(app, client, passkey, add_person):
    """What was asked of a passkey at the door, where a touch is enough, is no confirmation elsewhere."""
    left_open(client)
    door = app.test_client()
    send(door, "/login", email="biller@clinic.example", password=PASSWORD)
    action, options = asked(send(door, "/wan-signin"))
    confirming = action.replace("/wan-signin/", "/wan-verify/")
    answer(client, confirming, passkey.signed(options, TOUCHED), "/account")
    with client.session_transaction() as session:
        assert session["fs_paa"] == 0


@pytest.fixture
def insider(app, add_person):
    """A colleague, signed in a moment ago elsewhere."""
    client = app.test_client()
    send(client, "/login", email=add_person("physician"), password=PASSWORD)
    return client


def left_open(client):
    """The workstation that somebody left an hour ago without signing out, as far as confirming goes."""
    with client.session_transaction() as session:
        session["fs_paa"] = 0


def test_nobody_adds_a_passkey_to_a_session_that_was_left_open(app, client, passkey, insider):
    """The first step, which asks who is there, could be taken in a session of one's own."""
    action, options = asked(send(insider, "/wan-register", name="not yours"))
    left_open(client)
    assert answer(client, action, Passkey().made(options), "/account").location.startswith("/verify")
    with app.app_context():
        assert [one.name for one in accounts.get_user("biller@clinic.example").webauthn] == ["blue key"]


def test_nobody_sets_an_authenticator_up_in_a_session_that_was_left_open(app, client, passkey, insider):
    page = send(insider, "/tf-setup", setup="authenticator").text
    key = page.split('<p class="code">')[1].split("<")[0].replace("-", "")
    code = app.extensions["security"].totp_factory._totp(key=key, format="base32").generate().token
    left_open(client)
    action = "/tf-setup/" + page.split('action="/tf-setup/')[1].split('"')[0]
    sent = client.post(action, data={"csrf_token": token_of(client, "/account"), "code": code})
    assert sent.location.startswith("/verify")
    with app.app_context():
        assert accounts.get_user("biller@clinic.example").tf_primary_method is None


def test_the_passkey_of_a_disabled_person_opens_no_door(app, client, passkey, deed):
    send(client, "/logout", page="/account")
    send(client, "/login", email="biller@clinic.example", password=PASSWORD)
    action, options = asked(send(client, "/wan-signin"))
    with app.app_context(), transaction():
        accounts.disable(accounts.find_user("biller@clinic.example"), deed)
    answer(client, action, passkey.signed(options, TOUCHED), "/wan-signin")
    assert signed_in_as(app, client) is None
