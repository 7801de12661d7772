"""Every page of the route table, narrow and wide, light and dark: axe finds nothing, nothing scrolls sideways."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from .office import enter, load_demo
from .routes import addresses

PARTS = 6  # so that several processes share the walk
THEMES = ("light", "dark")


@pytest.fixture(scope="session")
def demo_clinic(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demo clinic; pages are only looked at."""
    return load_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def office(demo_clinic: Flask, live_server: Callable[[Flask], str], page: Page) -> str:
    """The demo clinic served, with somebody signed in; gives its address."""
    return enter(live_server(demo_clinic), page)


def faults(page: Page, axe: Callable[[], list[str]]) -> list[str]:
    """Look at the open page narrow and wide, light and dark."""
    found: list[str] = []
    for width in (390, 1366):
        page.set_viewport_size({"width": width, "height": 900})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"scrolls sideways at {width}: {wide}")
        for theme in THEMES:
            page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
            found += [f"{width} {theme}: {fault}" for fault in axe()]
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_pages_are_open_to_everybody(
    demo_clinic: Flask, office: str, page: Page, axe: Callable[[], list[str]], part: int
) -> None:
    with demo_clinic.app_context():
        pages = sorted(dict(addresses(demo_clinic)).values())[part::PARTS]
    assert len(pages) > 10
    found: list[str] = []
    for address in pages:
        answer = page.goto(office + address)
        if answer is None or answer.status != 200 or "html" not in answer.headers["content-type"]:
            found.append(f"{address}: answers {answer and answer.status}; name its record in routes.py")
            continue
        found += [f"{address}: {fault}" for fault in faults(page, axe)]
    assert found == []


def test_why_a_day_is_what_it_is_stands_one_press_away(office: str, page: Page) -> None:
    page.goto(f"{office}/today")
    why = page.get_by_role("button", name="Why this date").last
    box = page.locator(f"#{why.get_attribute('popovertarget')}")
    expect(box).to_be_hidden()
    why.press("Enter")
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_the_tour_ends_where_it_says(office: str, page: Page, axe: Callable[[], list[str]]) -> None:
    page.goto(f"{office}/today")
    page.get_by_role("button", name="Help on this page").click()
    page.get_by_role("button", name="Take the tour").click()
    tour = page.get_by_role("dialog", name="Tour")
    expect(page.locator("#help")).to_be_hidden()
    expect(tour.get_by_role("button", name="Back")).to_be_hidden()
    for _ in range(tour.locator("[data-stop]").count() - 1):
        tour.get_by_role("button", name="Next").click()
    expect(tour.get_by_role("button", name="Back")).to_be_visible()
    assert axe() == []
    tour.get_by_role("button", name="Done").click()
    expect(tour).to_be_hidden()


def test_paper_carries_what_is_to_be_read_and_nothing_to_press(office: str, page: Page) -> None:
    page.emulate_media(media="print")
    page.goto(f"{office}/claims/1")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".print-foot")).to_be_visible()
    assert [button.inner_text() for button in page.locator("main button").all() if button.is_visible()] == []


def test_today_fits_every_screen_and_a_name_of_any_length_a_telephone(office: str, page: Page) -> None:
    page.goto(f"{office}/today")
    page.evaluate("document.fonts.ready")
    for width in (700, 979, 980, 1024, 1101, 1269, 1270, 1349, 1366):  # on each side of what changes with the width
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".table-frame").evaluate("frame => frame.scrollWidth <= frame.clientWidth"), width
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{office}/patients/1")
    page.locator("h1").evaluate("head => { head.textContent = 'L' + 'lanfair'.repeat(20); }")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_note_is_not_asked_what_belongs_to_a_call(office: str, page: Page) -> None:
    page.goto(f"{office}/notes/claim/1")
    expect(page.get_by_label("Call reference number")).to_be_visible()
    page.get_by_label("What it is").select_option("note")
    expect(page.get_by_label("Call reference number")).to_be_hidden()
    expect(page.get_by_label("Spoken to")).to_be_hidden()
    expect(page.get_by_label("What was said")).to_be_visible()
