"""A whole day by keyboard alone, from sign-in to sign-out: Tab, Enter, arrows, and the keys that `?` lists."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic_claims.db import db
from clinic_claims.models import Appeal, Denial, Note

from .office import PASSWORD, load_demo

FAR = 90  # Tabs within which everything on a page is reached
NO_MOUSE = "addEventListener('pointerdown', (event) => event.isTrusted && console.error('the mouse was used'), true)"
WHERE = """() => {
  const here = document.activeElement;
  const labels = [...(here.labels || [])].map((label) => label.textContent);
  const words = here.matches("a, button, summary") && here.textContent;
  return [here.getAttribute("aria-label"), ...labels, words].filter(Boolean).join(" ").trim();
}"""


class Keys:
    """Somebody who never touches the mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.press = page.keyboard.press
        self.type = page.keyboard.type

    def to(self, name: str) -> None:
        """Tab on until the focus, which must be seen, is on what bears this name."""
        self.page.wait_for_load_state("load")
        for _ in range(FAR):
            self.press("Tab")
            if name in self.page.evaluate(WHERE):
                return expect(self.page.locator(":focus-visible").last).to_be_in_viewport()
        pytest.fail(f"{name!r} is not reached with {FAR} Tabs on {self.page.url}")

    def enter(self, name: str) -> None:
        """Go to a link or a button and press it."""
        self.to(name)
        self.press("Enter")

    def fill(self, name: str, words: str) -> None:
        """Go to a field and type."""
        self.to(name)
        self.type(words)

    def sees(self, words: str) -> None:
        """Wait for the answer, and for the page to be whole."""
        expect(self.page.get_by_text(words).first).to_be_visible()
        self.page.wait_for_load_state("load")


@pytest.fixture
def busy(tmp_path: Path) -> Flask:
    return load_demo(tmp_path)


@pytest.fixture
def keys(page: Page) -> Keys:
    page.add_init_script(NO_MOUSE)
    return Keys(page)


def sign_in(keys: Keys, address: str) -> None:
    keys.page.goto(address)
    expect(keys.page.get_by_label("E-mail")).to_be_focused()
    keys.type("dana@harborlight.example")  # the cursor stands in the first field
    keys.fill("Password", PASSWORD)
    keys.press("Enter")
    keys.sees("Open work, soonest first")


def learn_the_keys(keys: Keys) -> None:
    keys.press("?")
    expect(keys.page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(keys.page.get_by_role("dialog", name="Keys")).to_be_hidden()
    keys.enter("Help on this page")
    expect(keys.page.locator("#help")).to_be_visible()
    keys.press("Escape")


def hand_two_to_somebody(keys: Keys) -> None:
    for key in ("j", "x", "j", "j", "k", "x", "e"):  # the first and the second
        keys.press(key)
    keys.type("Priya")  # a list goes to the entry typed
    keys.enter("Assign")
    keys.sees("2 items given to Priya Raman.")


def log_a_call(keys: Keys) -> None:
    keys.press("/")
    keys.type("HL-104066")
    keys.press("Enter")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text("HL-104066")
    keys.to("All")
    keys.press("ArrowRight")  # the next kind of event in the history
    expect(keys.page.get_by_role("radio", name="States")).to_be_checked()
    keys.press("c")
    keys.sees("Call reference number")
    keys.fill("What was said", "They will reprocess the claim.")
    keys.fill("Call reference number", "C-881")
    keys.fill("Promised for", "12182026")
    keys.enter("Save")
    keys.sees("the follow-up stands on Today")


def send_an_appeal(keys: Keys) -> None:
    keys.enter("Decide what to do")
    keys.sees("What we can do")
    keys.enter("Start the appeal")
    keys.sees("Nothing is missing")
    keys.enter("to sign")
    keys.sees("waits for")


def sign_a_write_off(keys: Keys) -> None:
    keys.press("t")
    keys.sees("Open work, soonest first")
    keys.enter("Kind")
    keys.enter("Denial")
    keys.sees("Remove filter:")
    keys.press("j")
    while "HL-104119" not in keys.page.evaluate(WHERE):
        keys.press("j")
    keys.press("Enter")
    keys.sees("proposes to write off")
    keys.enter("Sign the write-off")
    keys.sees("Done: Sign the write-off.")


def sign_out(keys: Keys) -> None:
    keys.enter("Dana Whitfield")
    keys.enter("Sign out")
    expect(keys.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_whole_day_without_a_mouse(busy: Flask, live_server: Callable[[Flask], str], keys: Keys) -> None:
    sign_in(keys, live_server(busy))
    learn_the_keys(keys)
    hand_two_to_somebody(keys)
    log_a_call(keys)
    send_an_appeal(keys)
    sign_a_write_off(keys)
    sign_out(keys)
    with busy.app_context():
        assert db.session.query(Note).filter_by(call_reference="C-881").one().promised_on is not None
        assert db.session.query(Denial).filter_by(state="written_off").count() == 1
        assert db.session.query(Appeal).filter_by(state="in_review").count() == 2
