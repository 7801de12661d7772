"""Every page at three widths and in both themes: axe finds nothing, nothing scrolls sideways."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Page

from clinic_claims import create_app
from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.services import accounts, demo
from clinic_claims.services.deeds import Deed
from config import Test

PASSWORD = "a calm blue morning"
EMAIL = "all@clinic.example"
SETTINGS = {key: getattr(Test, key) for key in dir(Test) if key.isupper()}
ADDRESSES = (
    "/today",
    "/today?show=payer",
    "/today?whose=mine",
    "/claims",
    "/claims/1",
    "/claims/9",
    "/claims/new/1",
    "/claims/9/agreement",
    "/approvals",
    "/approvals/10",
    "/approvals/new/1",
    "/steps/authorization/10/approve",
    "/steps/claim/9/close",
    "/patients",
    "/patients/1",
    "/patients/new",
    "/patients/1/add/case",
    "/patients/cases/1/add/injection",
    "/approvals/10/renew",
    "/calls/new/authorization/10",
    "/evidence/10",
    "/visits/1",
    "/visits/1/move",
    "/visits/new/1",
    "/vials?day=2026-11-16",
    "/vials/open",
    "/benefits/1/check",
    "/estimates/1",
    "/estimates/new/1",
    "/surgery/1",
    "/denials/1",
    "/denials/new",
    "/imports",
    "/reports/denied",
    "/payers",
    "/payers/new",
    "/payers/1/plans/new",
    "/people",
    "/today/due",
    "/today?show=late&kind=denial",
    "/find",
    "/payers/1",
    "/notes/claim/9",
    "/setup",
    "/setup/letterhead",
)


@pytest.fixture(scope="session")
def demo_clinic(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demo clinic; pages are only looked at."""
    return load_demo(tmp_path_factory.mktemp("demo"))


def load_demo(folder: Path) -> Flask:
    """Load the demo clinic with one person of every role that matters."""
    app = create_app(SETTINGS | {"INSTANCE": folder, "SECURITY_FRESHNESS": timedelta(days=1)})
    with app.app_context():
        db.create_all()
        deed = Deed("setup", now(), app.extensions["rulebook"])
        with transaction():
            demo.load(deed)
            user, _ = accounts.add_user("Sam All", EMAIL, ["manager", "physician", "administrator"], deed)
            user.password, user.must_change_password = hash_password(PASSWORD), False
    return app


@pytest.fixture
def office(demo_clinic: Flask, live_server: Callable[[Flask], str], page: Page) -> str:
    """The demo clinic served, with somebody signed in; gives its address."""
    return enter(live_server(demo_clinic), page)


def enter(address: str, page: Page) -> str:
    """Sign in as that person; gives the address back."""
    page.goto(f"{address}/login")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click("button.btn-primary")
    page.wait_for_url("**/today")  # a page left half loaded would leave the server with open files
    return address


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_pages_are_open_to_everybody(
    office: str, page: Page, axe: Callable[[], list[str]], width: int, theme: str
) -> None:
    page.context.add_cookies([{"name": "theme", "value": theme, "url": office}])
    page.set_viewport_size({"width": width, "height": 900})
    found: list[str] = []
    for address in ADDRESSES:
        answer = page.goto(office + address)
        assert answer is not None
        assert answer.ok, address
        found += [f"{address}: {fault}" for fault in axe()]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{address}: scrolls sideways")
    assert found == []


def test_work_is_given_by_keyboard(office: str, page: Page) -> None:
    page.goto(f"{office}/today")
    page.locator('input[name="rows"]').first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Assign").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 item given to Sam All.").wait_for()
    page.wait_for_load_state("load")
    page.get_by_role("link", name="Mine", exact=True).click()
    page.wait_for_url("**/today?whose=mine")
    assert page.locator('input[name="rows"]').count() == 1


def test_why_a_day_is_what_it_is_stands_one_press_away(office: str, page: Page) -> None:
    page.goto(f"{office}/today")
    why = page.get_by_role("button", name="Why this date").last
    box = page.locator(f"#{why.get_attribute('popovertarget')}")
    assert not box.is_visible()
    why.press("Enter")
    assert box.is_visible()
    page.keyboard.press("Escape")
    assert not box.is_visible()
