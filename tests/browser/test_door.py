"""The door in a real browser: a passkey, the end of a session over a half-typed form, and no trace in its storage."""

from datetime import UTC, datetime, timedelta

import pytest
from flask_security import hash_password

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.services import accounts
from clinic_claims.services.deeds import Deed

EMAIL, PASSWORD = "admin@clinic.example", "a calm blue morning"


class Clock:
    time = datetime(2026, 11, 22, 15, tzinfo=UTC)

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def site(tmp_path, monkeypatch, live_server, clock):
    """A served clinic with one administrator; by name, as passkeys want no bare numbers."""
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "test")
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'door.sqlite'}", "CLOCK": clock})
    with app.app_context(), transaction():
        db.create_all()
        user, _ = accounts.add_user(
            "Ada Min", EMAIL, ["administrator"], Deed("setup", clock(), app.extensions["rulebook"])
        )
        user.password, user.must_change_password = hash_password(PASSWORD), False
    return live_server(app)


def sign_in(page, site):
    page.goto(f"{site}/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def stored(page):
    return page.evaluate("[localStorage.length, sessionStorage.length]")


def test_what_was_typed_outlives_the_end_of_the_session(page, site, clock, context):
    sign_in(page, site)
    page.goto(f"{site}/people/new")
    page.get_by_label("Full name").fill("Dana Park")
    page.get_by_label("E-mail").fill("d.park@clinic.example")
    page.get_by_label("Biller").check()
    clock.time += timedelta(minutes=16)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("heading", name="You were signed out").wait_for()
    assert stored(page) == [0, 0]
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    sign_in(opened.value, site)
    opened.value.wait_for_load_state("networkidle")
    opened.value.close()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("heading", name="You were signed out").wait_for(state="hidden")
    assert page.get_by_label("Full name").input_value() == "Dana Park"
    page.get_by_role("button", name="Add the person").click()
    page.get_by_text("works once, and ends after 48 hours").wait_for()
    assert stored(page) == [0, 0]


def test_a_warning_comes_before_the_end_and_one_click_stays(page, site, clock):
    sign_in(page, site)
    clock.time += timedelta(minutes=14)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("button", name="Stay signed in").click()
    page.get_by_role("heading", name="Still there?").wait_for(state="hidden")
    clock.time += timedelta(minutes=14)
    page.goto(f"{site}/account")
    assert page.get_by_role("heading", name="Your account").is_visible()


@pytest.fixture
def security_key(page, context):
    """A security key plugged into the browser, made of software."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": kind | {"isUserVerified": True}})


def test_a_passkey_is_added_and_then_asked_for(page, site, context, security_key):
    context.unroute_all()
    site = site.replace("127.0.0.1", "localhost")
    sign_in(page, site)
    page.goto(f"{site}/wan-register")
    page.get_by_label("Name of the passkey").fill("blue key")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey “blue key” is added.").wait_for()
    page.context.clear_cookies()
    page.goto(f"{site}/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(lambda url: "wan" not in url)
    page.goto(f"{site}/account")
    assert page.get_by_role("heading", name="Your account").is_visible()


@pytest.mark.parametrize(
    "address",
    [
        "/login",
        "/account",
        "/tf-setup",
        "/wan-register",
        "/mf-recovery-codes",
        "/people",
        "/people/roles",
        "/emergency",
    ],
)
def test_pages_of_accounts_are_for_everybody(page, site, axe, address):
    if address != "/login":
        sign_in(page, site)
    page.goto(site + address)
    assert axe() == []
