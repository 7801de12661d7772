"""Today in a browser: an item changed where it stands by keyboard alone, its place explained, a step taken back."""

import pytest
from playwright.sync_api import expect

from .office import sign_in


@pytest.fixture
def shown(serve_demo):
    return serve_demo("manager")


def test_the_working_day_in_place(page, shown, axe):
    sign_in(page, shown)
    page.goto(f"{shown}/today?kind=denial")
    pencil = page.locator(".edit-open").first
    pencil.focus()
    page.keyboard.press("Enter")
    owner = page.locator("#edit select")
    expect(owner).to_be_focused()
    assert axe() == []
    owner.select_option(label="Dana Park")
    day = page.locator("#edit input[type=date]")
    day.fill("2020-01-01")
    page.locator("#edit input[name$=plan]").fill("Ask for the chart")
    page.keyboard.press("Enter")
    page.locator("#edit [data-faults]").wait_for()
    expect(page.locator("#edit input[name$=plan]")).to_have_value("Ask for the chart")
    day.fill("")
    page.locator("#edit button[type=submit]").press("Enter")
    row = page.locator(".work-rows tr[id]").first
    row.get_by_text("Ask for the chart").wait_for()
    expect(row.locator(".who")).to_have_attribute("title", "Dana Park")
    expect(page.locator("#edit")).to_be_hidden()
    expect(row.locator(".edit-open")).to_be_focused()

    row.locator(".why").click()
    row.get_by_text("Why here in the list?").click()
    row.get_by_text("95 % range").wait_for()
    assert axe() == []
    page.keyboard.press("Escape")

    page.goto(f"{shown}/claims")
    assert page.title().startswith("(")


def test_a_step_is_taken_back_from_its_message(page, shown, axe):
    sign_in(page, shown)
    page.goto(f"{shown}/today?kind=claim")
    page.locator(".c-what a").first.click()
    pill = page.locator("h1 .pill")
    before = pill.inner_text()
    page.locator(".step-bar form button").first.click()
    undo = page.locator(".flashes .undo button")
    undo.wait_for()
    expect(pill).not_to_have_text(before)
    assert axe() == []
    undo.press("Enter")
    page.get_by_text("Taken back:").first.wait_for()
    expect(pill).to_have_text(before)
