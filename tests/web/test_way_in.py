"""The way a request comes: known hosts, https, the proxy's word; and what the log tells of it."""

import io
import json
import logging
import re

import pytest

from clinic_claims import create_app
from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.models import Patient
from clinic_claims.packet import exhibits
from clinic_claims.services import documents
from clinic_claims.services.deeds import Deed

from ..test_packet import unpacking_to
from .conftest import PASSWORD, send, token_of

GOOD = "9f3bA7c1D5e8F2a4B6c8D0e2F4a6B8c0"
SECRETS = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "AUDIT_KEY", "SECOND_FACTOR_KEY")


@pytest.fixture
def production(monkeypatch, tmp_path):
    """Start an application as a site on the internet would; gives a function that takes further settings."""
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "production")
    monkeypatch.setenv("CLINIC_CLAIMS_HOSTS", "claims.clinic.example")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'site.sqlite'}")
    for number, name in enumerate(SECRETS):
        monkeypatch.setenv(f"CLINIC_CLAIMS_{name}", f"{number}{GOOD}")

    def start(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(f"CLINIC_CLAIMS_{name}", value)
        app = create_app()
        with app.app_context():
            db.create_all()
        return app

    return start


BY_PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "claims.clinic.example"}


def test_plain_http_is_sent_to_https_and_a_form_is_refused(production):
    client = production().test_client()
    answer = client.get("/login", base_url="http://claims.clinic.example")
    assert (answer.status_code, answer.location) == (308, "https://claims.clinic.example/login")
    assert client.post("/login", base_url="http://claims.clinic.example").status_code == 400


def test_behind_the_proxy_the_cookie_is_bound_to_the_host_and_https_is_remembered(production):
    answer = production().test_client().get("/login", headers=BY_PROXY)
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


@pytest.mark.parametrize("host", ["evil.example", "claims.clinic.example.evil.example", "localhost"])
def test_an_unknown_host_is_refused(production, host):
    answer = production().test_client().get("/login", headers=BY_PROXY | {"X-Forwarded-Host": host})
    assert answer.status_code == 400
    assert host not in answer.text


def test_an_office_answers_to_this_computer_alone(client):
    for host in ("127.0.0.1:8000", "localhost:8000"):
        assert client.get("/login", headers={"Host": host}).status_code == 200
    assert client.get("/login", headers={"Host": "attacker.example"}).status_code == 400


def test_without_a_proxy_its_word_is_not_taken(client, app, add_person):
    send(client, "/login", email=add_person("biller"), password=PASSWORD)
    page = client.get("/account", headers={"X-Forwarded-For": "203.0.113.7"})
    assert "203.0.113.7" not in page.text


def test_a_site_asks_for_a_second_factor_unless_told_otherwise(production):
    assert production().config["SECURITY_TWO_FACTOR_REQUIRED"] is True
    assert production(SECOND_FACTOR="offered").config["SECURITY_TWO_FACTOR_REQUIRED"] is False


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("weak", ["", "short", "a" * 40, "test-secret-key-that-is-long-enough-for-anything"])
def test_a_weak_secret_stops_the_start(production, name, weak):
    with pytest.raises(RuntimeError, match=f"CLINIC_CLAIMS_{name}.* to at least 32 random characters"):
        production(**{name: weak})


def test_one_secret_for_all_stops_the_start(production):
    with pytest.raises(RuntimeError, match="values that differ"):
        production(**dict.fromkeys(SECRETS, GOOD))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HOSTS", " ", "host names of this site"),
        ("PROXIES", "many", "number of reverse proxies"),
        ("SECOND_FACTOR", "maybe", "required or offered"),
    ],
)
def test_a_wrong_setting_stops_the_start(production, name, value, said):
    with pytest.raises(RuntimeError, match=said):
        production(**{name: value})


def test_each_request_is_one_line_of_json_without_address_or_content(app, sign_in, caplog):
    client = sign_in("biller")
    with caplog.at_level(logging.INFO, "clinic_claims.access"):
        token = token_of(client, "/account")
        client.post("/patients/find?next=Castellano", data={"csrf_token": token, "words": "Castellano\r\nFAKE LINE"})
    told = [json.loads(record.message) for record in caplog.records if record.name == "clinic_claims.access"]
    assert told[-1].keys() == {"request", "method", "page", "status", "ms", "user"}
    assert (told[-1]["method"], told[-1]["page"]) == ("POST", "patients.find")
    assert "Castellano" not in caplog.text
    assert "FAKE LINE" not in caplog.text


def test_no_name_typed_at_the_door_reaches_the_log(client, caplog):
    with caplog.at_level(logging.DEBUG):
        send(client, "/login", email="renata@castellano.example", password="wrong\r\nforged line")
        client.get("/nothing/castellano?name=castellano")
    assert "castellano" not in caplog.text
    assert "forged line" not in caplog.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"TIMEZONE": "Mars/Olympus"}, "CLINIC_CLAIMS_TIMEZONE"),
        ({"TIMEZONE": "../etc"}, "CLINIC_CLAIMS_TIMEZONE"),
        ({"SMTP_PORT": "70000"}, "CLINIC_CLAIMS_SMTP_PORT"),
        ({"SMTP_HOST": "mail.clinic.example"}, "CLINIC_CLAIMS_ADDRESS"),
        ({"SMTP_HOST": "mail.clinic.example", "ADDRESS": "http://claims.clinic.example"}, "CLINIC_CLAIMS_ADDRESS"),
    ],
)
def test_a_setting_that_cannot_be_right_stops_the_start(production, settings, said):
    with pytest.raises(RuntimeError, match=said):
        production(**settings)


@pytest.mark.parametrize("content", ["{", '"', '{"SECRET_KEY": ""}', '{"AUDIT_KEY": "short"}'])
def test_secrets_of_an_office_that_were_damaged_are_not_made_anew(monkeypatch, tmp_path, content):
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "office")
    monkeypatch.setenv("CLINIC_CLAIMS_INSTANCE", str(tmp_path))
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(RuntimeError, match="Put a copy of it back"):
        create_app()
    assert (tmp_path / "secrets.json").read_text() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.pdf", b"<html><script>alert(1)</script>\0"),
        ("notes.pdf", b"MZ\x90\x00\x03"),
        ("x.png", b""),
        ("../../notes.pdf", b"PK\x03\x04\xff\xff"),
    ],
)
def test_a_file_is_judged_by_its_content_and_not_by_its_name(sign_in, records, name, content):
    client = sign_in("biller")
    data = {"csrf_token": token_of(client, "/account"), "title": "Notes", "kind": "clinic_notes"}
    answer = client.post(f"/documents/add/patient/{records.patient}", data=data | {"file": (io.BytesIO(content), name)})
    page = client.get(answer.location)
    assert "The document is on file" not in page.text


def test_a_file_that_unpacks_to_more_than_a_machine_holds_is_not_taken(sign_in, records):
    client, bomb = sign_in("biller"), unpacking_to(exhibits.MOST_UNPACKED + 2**21, "FlateDecode", "FlateDecode")
    data = {"csrf_token": token_of(client, "/account"), "title": "Notes", "kind": "clinic_notes"}
    answer = client.post(f"/documents/add/patient/{records.patient}", data=data | {"file": (io.BytesIO(bomb), "a.pdf")})
    page = client.get(answer.location).text
    assert "This file unpacks to more than any record holds" in page
    assert "The document is on file" not in page


@pytest.mark.parametrize(
    ("called", "saved"),
    [
        ("Bescheid Müller 日本.pdf", "UTF-8''Bescheid%20M%C3%BCller%20%E6%97%A5%E6%9C%AC.pdf"),
        ("a\r\nX-Evil: 1.pdf", '"aX-Evil: 1.pdf"'),
        ('no"quote.pdf', r'"no\"quote.pdf"'),
        ("n" * 4000 + ".pdf", f"filename={'n' * 146}.pdf"),
    ],
    ids=["script", "line", "quote", "long"],
)
def test_a_file_of_any_name_can_be_saved(app, sign_in, records, called, saved):
    with app.app_context(), transaction():
        patient, deed = db.session.get(Patient, records.patient), Deed("test", now(), app.extensions["rulebook"])
        document = documents.add(b"%PDF-1.7 x", "clinic_notes", "Notes", deed, about=patient, file_name=called)
        db.session.flush()
        number = document.id
    answer = sign_in("auditor").get(f"/documents/{number}")
    told = answer.headers["Content-Disposition"]
    assert (answer.status_code, answer.data, saved in told) == (200, b"%PDF-1.7 x", True), told
    assert told.isascii()
    assert (answer.headers["Content-Security-Policy"], answer.headers["Cache-Control"]) == ("sandbox", "no-store")


@pytest.mark.parametrize(
    ("called", "data", "saved"),
    [
        ("notes.html", b"<script>alert(1)</script>", "notes.html.txt"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "drawing.svg.txt"),
        ("notes.pdf", b"only words", "notes.pdf.txt"),
        ("scan.exe", b"%PDF-1.7 x", "scan.exe.pdf"),
        ("ERA.835", b"ISA*00*", "ERA.835"),
    ],
)
def test_a_saved_file_opens_as_what_it_is(app, sign_in, records, called, data, saved):
    """A workstation goes by the name's end: a text that calls itself a page would run its script there."""
    with app.app_context(), transaction():
        patient, deed = db.session.get(Patient, records.patient), Deed("test", now(), app.extensions["rulebook"])
        document = documents.add(data, "clinic_notes", "Notes", deed, about=patient, file_name=called)
        db.session.flush()
        number = document.id
    answer = sign_in("auditor").get(f"/documents/{number}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={saved}"


def test_the_kinds_that_a_form_offers_are_taken_and_no_others(sign_in, records):
    client = sign_in("manager")
    token, page = token_of(client, "/account"), client.get(f"/patients/{records.patient}").text
    offered = re.findall(r'<option value="(\w+)">', page.split('id="paper-kind"')[1].split("</select>")[0])
    for kind in documents.KINDS:
        data = {
            "csrf_token": token,
            "title": kind,
            "kind": kind,
            "file": (io.BytesIO(b"%PDF-1.7 " + kind.encode()), "x"),
        }
        answer = client.post(f"/documents/add/patient/{records.patient}", data=data)
        assert answer.status_code == (302 if kind in offered else 400), kind
