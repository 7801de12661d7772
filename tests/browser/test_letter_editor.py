"""The words of a letter edited in a browser: seen on the sheet while typing, better words with one click, restored."""

import pytest
from playwright.sync_api import expect

from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Denial
from clinic_claims.services import appeals
from clinic_claims.services.deeds import Deed

from .office import go, sign_in


@pytest.fixture
def letter(unanswered, app):
    """The demo's letter that lacks nothing, and the address of its page."""
    home, denial = unanswered
    with transaction():
        appeal = appeals.start(db.session.get(Denial, denial), Deed("demo", now(), app.extensions["rulebook"])).id
    db.session.remove()
    return home, f"{home}/letters/appeals/{appeal}", appeal


def test_words_are_edited_seen_mended_and_restored(page, letter, axe):
    home, address, appeal = letter
    sign_in(page, home)
    go(page, address)
    page.get_by_role("link", name="Edit the words").first.click()
    words = page.get_by_label("Words", exact=True)
    usual = words.input_value()
    page.frame_locator("#paper").locator("body").wait_for()
    assert axe() == []

    words.press("Control+End")
    words.press_sequentially(" MVD is the only cure.")
    page.frame_locator("#paper").get_by_text("MVD is the only cure.").wait_for()
    page.get_by_text("Overstated: “only cure”").wait_for()
    assert axe() == []
    assert words.input_value().endswith("MVD is the only cure.")

    page.get_by_role("button", name="Write it so").click()
    page.get_by_text("The letter has your words.").wait_for()
    page.frame_locator("#paper").get_by_text("the only option offering the prospect of a definitive cure").wait_for()
    assert "only option" in next(iter(db.session.get(Appeal, appeal).edits.values()))["text"]
    db.session.remove()  # what only reads here must not hold the database while the page writes
    assert axe() == []

    page.get_by_role("link", name="Edit the words").first.click()
    page.get_by_role("button", name="Restore the standard words").click()
    page.get_by_text("The standard words stand again.").wait_for()
    page.get_by_role("link", name="Edit the words").first.click()
    assert page.get_by_label("Words", exact=True).input_value() == usual


def test_a_new_paragraph_comes_into_view_where_it_will_stand(page, letter):
    home, address, _ = letter
    sign_in(page, home)
    go(page, address)
    page.get_by_role("link", name="Add a paragraph").click()
    words = page.get_by_label("Words", exact=True)
    page.frame_locator("#paper").get_by_text("Sincerely,").wait_for()
    words.press_sequentially("We thank you.")
    page.wait_for_function(
        """() => {
            const paper = document.getElementById("paper");
            const mine = paper.contentDocument.querySelector('[data-src="own:new"]')?.getBoundingClientRect();
            return mine && mine.top > 0 && mine.bottom < paper.clientHeight;
        }"""
    )


def test_arguments_are_moved_with_the_keys_alone(page, letter):
    home, address, _ = letter
    sign_in(page, home)
    go(page, address)
    first, second = (label.inner_text() for label in page.locator(".arguments label").all()[:2])
    down = page.get_by_role("button", name=f"Move down: {first}")
    down.focus()
    down.press("Enter")
    page.locator(".arguments li").first.get_by_text(second).wait_for()
    box = page.get_by_role("checkbox", name=second)
    box.focus()
    box.press("Space")
    page.locator(".arguments li:not(.is-on)").get_by_text(second).wait_for()
    expect(page.locator(":focus")).to_have_attribute("name", "use")
