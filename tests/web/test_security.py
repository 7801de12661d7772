"""The guard: headers on every answer, a mark on every page, a token in every form, no way out to other sites."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Blueprint, g
from sqlalchemy import select

from clinic_claims import create_app
from clinic_claims.db import db
from clinic_claims.domain.permissions import GRANTED, MEANING, Permission, Role
from clinic_claims.models import Event
from clinic_claims.web.errors import page
from clinic_claims.web.headers import HEADERS
from clinic_claims.web.security import Door, UnmarkedEndpoint, check_marks, mark_of, needs

from .conftest import send, token_of

HALF_SIGNED_IN = {
    "tf_select",
    "two_factor_setup",
    "two_factor_token_validation",
    "mf_recovery",
    "wan_signin",
    "wan_signin_response",
}
PUBLIC = {"static", "desk.feed", "security.login", "security.logout", "account.time_left", "invitations.welcome"}
PUBLIC |= {f"security.{name}" for name in HALF_SIGNED_IN}  # each asks for a password given before
PUBLIC |= {"health.alive", "health.ready", "health.metrics"}  # for machines: counts and states, nothing of patients
PUBLIC |= {"health.alive", "health.ready", "health.metrics"}  # asked by machines; they tell of nobody
CLINICAL = {
    "claim",
    "patient",
    "authorization",
    "remittance",
    "denial",
    "letter",
    "appeal",
    "write_off",
    "report",
    "export",
}
CLOSED = {"security.two_factor_rescue"}


def pages(app):
    """Give endpoint, address and method of every page, with made-up values in the address."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "1")
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, adapter.build(rule.endpoint, values, method=method), method


def test_every_page_says_who_may_open_it(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules() if mark_of(app, rule.endpoint) is None} == set()
    assert {e for e, _, _ in pages(app) if mark_of(app, e) is Door.PUBLIC} == PUBLIC


def test_the_application_does_not_start_with_an_unmarked_page(app):
    blueprint = Blueprint("loose", __name__)
    blueprint.add_url_rule("/loose", view_func=lambda: "anything", endpoint="page")
    app.register_blueprint(blueprint)
    with pytest.raises(UnmarkedEndpoint, match=r"loose\.page"):
        check_marks(app)


def test_an_unmarked_page_opens_to_nobody(app, sign_in):
    app.add_url_rule("/loose", endpoint="loose", view_func=lambda: "anything")
    assert sign_in("manager").get("/loose").status_code == 403


def test_somebody_unknown_is_sent_to_the_door_from_every_page(app, client):
    for endpoint, address, method in pages(app):
        if endpoint in PUBLIC:
            continue
        answer = client.open(address, method=method)
        if endpoint in CLOSED:
            assert answer.status_code == 404
            continue
        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/login"), endpoint


def test_every_answer_carries_the_headers(app, client):
    addresses = [(address, method) for _, address, method in pages(app)]
    for address, method in [
        *addresses,
        ("/nothing", "GET"),
        ("/login", "PUT"),
        (f"{app.static_url_path}/app.css", "GET"),
    ]:
        with client.open(address, method=method) as answer:
            for name in HEADERS:
                assert name in answer.headers, f"{method} {address} lacks {name}"


def test_the_policy_allows_no_inline_script_or_style(client):
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_are_not_kept_by_the_browser(client):
    assert client.get("/login").headers["Cache-Control"] == "no-store"


def test_https_is_remembered_and_plain_http_says_nothing_of_it(client):
    assert "Strict-Transport-Security" not in client.get("/login").headers
    secure = client.get("/login", base_url="https://localhost")
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]


def test_the_cookie_is_bound_to_this_host_over_https(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "test")
    address = f"sqlite:///{tmp_path / 'secure.sqlite'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": address, "SESSION_COOKIE_SECURE": True})
    with app.app_context():
        db.create_all()
    cookie = app.test_client().get("/login", base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie


def test_a_form_without_its_token_changes_nothing(sign_in):
    client = sign_in()
    answer = client.post("/preferences", data={"theme": "dark"})
    assert answer.status_code == 400
    assert "open too long" in answer.text
    assert client.get_cookie("theme") is None


def test_a_script_may_send_the_token_as_a_header(sign_in):
    client = sign_in()
    token = token_of(client, "/styleguide")
    assert client.post("/preferences", data={"theme": "dark"}, headers={"X-CSRFToken": token}).status_code == 302
    assert 'data-bs-theme="dark"' in client.get("/styleguide").text


def test_a_preference_takes_only_known_values(sign_in):
    client = sign_in()
    send(client, "/preferences", page="/styleguide", theme='"><script>')
    assert client.get_cookie("theme") is None


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(client, add_person, elsewhere):
    email = add_person("biller")
    answer = send(client, "/preferences", page="/login", back=elsewhere)
    assert answer.location.startswith("/login")
    token = token_of(client)
    data = {"csrf_token": token, "email": email, "password": "a calm blue morning", "next": elsewhere}
    answer = client.post("/login", query_string={"next": elsewhere}, data=data)
    assert answer.status_code == 302
    assert urlsplit(answer.location)[:2] == ("", "")
    assert send(client, "/preferences", page="/styleguide", back=elsewhere).location == "/"


def test_a_refused_page_says_so_plainly_and_is_written_down(app, sign_in):
    @needs(Permission.USER_ADMIN)
    def secret() -> str:
        return "secret"

    app.add_url_rule("/secret", view_func=secret)
    answer = sign_in("biller").get("/secret")
    assert answer.status_code == 403
    assert "not open to you" in answer.text
    assert 'aria-label="Main"' in answer.text  # the way on
    with app.app_context():
        last = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (last.action, last.actor, last.data["page"]) == ("refused", "biller@clinic.example", "secret")


def test_a_broken_page_shows_a_number_and_neither_trace_nor_message(app, sign_in, caplog):
    patient = "Doe, Jane, born 1961"

    @needs(Door.SIGNED_IN)
    def broken() -> str:
        raise ValueError(patient)

    app.add_url_rule("/broken", view_func=broken)
    with caplog.at_level(logging.ERROR):
        answer = sign_in().get("/broken")
    assert answer.status_code == 500
    number = answer.headers["X-Request-Id"]
    assert number in answer.text
    assert number in caplog.text
    assert "ValueError" in caplog.text
    for text in (answer.text, caplog.text):
        assert "Doe, Jane" not in text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429, 500])
def test_every_error_has_a_page_in_plain_words(app, code):
    with app.test_request_context():
        g.request_number = "abcd1234"
        text, answered = page(code, ["Do this now."])
    assert answered == code
    assert "Do this now." in text
    assert "abcd1234" in text


def test_an_upload_over_the_limit_is_refused(app, sign_in):
    client = sign_in()
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert client.post("/preferences", data={"back": "x" * 2000}).status_code == 413
    for came_from, leads_back in (("http://localhost/claims/1?x=1", True), ("https://evil.example//x", False)):
        headers = {"Referer": came_from}
        answer = client.post("/preferences", data={"back": "x" * 2000}, headers=headers)
        assert ('href="/claims/1">Back to the page' in answer.text) is leads_back
        assert "evil" not in answer.text


def test_an_administrator_sees_no_patient_and_an_auditor_changes_nothing():
    clinical = {p for p in GRANTED[Role.ADMINISTRATOR] if p.value.split(".")[0] in CLINICAL}
    assert clinical == set()
    assert {p for p in GRANTED[Role.AUDITOR] if not p.value.endswith(".read")} == set()


def test_only_a_physician_signs_letters_and_only_a_manager_signs_write_offs():
    assert [r for r in Role if Permission.LETTER_SIGN in GRANTED[r]] == [Role.PHYSICIAN]
    assert [r for r in Role if Permission.WRITE_OFF_SIGN in GRANTED[r]] == [Role.MANAGER]


def test_every_permission_and_role_stands_in_the_table():
    assert set().union(*GRANTED.values()) == set(Permission) == set(MEANING)
    assert set(GRANTED) == set(Role)


def test_templates_hold_nothing_inline(app):
    folder = Path(app.template_folder)
    paper = {"letters", "reports", "envelope.html"}  # printed, never sent to a browser
    pages = [path for path in folder.rglob("*.html") if paper.isdisjoint(path.parts)]
    assert pages
    for path in pages:
        text = path.read_text("utf-8")
        for banned in ("style=", "<style", "<script>", "onclick=", "hx-on", "javascript:", "| safe", "|safe"):
            assert banned not in text, f"{path.relative_to(folder)} holds {banned}"
