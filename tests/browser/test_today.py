"""Today in a browser: an item changed where it stands by keyboard alone, its place explained, a step taken back."""

import pytest

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
    owner.wait_for()
    assert owner.evaluate("field => field === document.activeElement")
    assert axe() == []
    owner.select_option(label="Dana Park")
    day = page.locator("#edit input[type=date]")
    day.fill("2020-01-01")
    page.locator("#edit input[name$=plan]").fill("Ask for the chart")
    page.keyboard.press("Enter")
    page.locator("#edit [data-faults]").wait_for()
    assert page.locator("#edit input[name$=plan]").input_value() == "Ask for the chart"
    day.fill("")
    page.locator("#edit button[type=submit]").press("Enter")
    row = page.locator(".work-rows tr[id]").first
    row.get_by_text("Ask for the chart").wait_for()
    assert row.locator(".who").get_attribute("title") == "Dana Park"
    assert page.locator("#edit").is_hidden()
    assert row.locator(".edit-open").evaluate("field => field === document.activeElement")

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
    before = page.locator("h1 .pill").inner_text()
    page.locator(".step-bar form button").first.click()
    undo = page.locator(".flashes .undo button")
    undo.wait_for()
    assert page.locator("h1 .pill").inner_text() != before
    assert axe() == []
    undo.press("Enter")
    page.get_by_text("Taken back:").first.wait_for()
    assert page.locator("h1 .pill").inner_text() == before
