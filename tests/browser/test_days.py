"""A day's main work of each role, from sign-in on, as that person of the demo sees and does it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic_claims.db import db
from clinic_claims.models import Appeal, Authorization, Claim, Denial, User

from ..services.era import claim as era_claim
from ..services.era import remittance
from .hands import Hands
from .office import PASSWORD, enter, load_demo

DENIED = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "960", "0", "CO*197*960", "N54")]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A demo clinic of its own: here work is really done."""
    return load_demo(tmp_path_factory.mktemp("days"))


@pytest.fixture
def day_of(busy: Flask, live_server: Callable[[Flask], str], page: Page) -> Callable[[str], Hands]:
    """Begin somebody's day: sign in and stand where the program leads."""
    address = live_server(busy)

    def begin(name: str) -> Hands:
        return Hands(page, enter(address, page, f"{name}@harborlight.example", afresh=True), busy)

    return begin


def test_the_coordinators_day(day_of: Callable[[str], Hands]) -> None:
    rosa = day_of("rosa")
    rosa.click(rosa.page.locator("#by-role summary"))
    rosa.click(rosa.page.get_by_role("link", name="Authorization coordinator"))
    expect(rosa.page.locator(".chip")).to_contain_text("Authorization coordinator")
    rosa.click(rosa.page.locator(".work-rows tr", has_text="Press for the answer").locator(".c-what a"))

    rosa.link("Record approval")
    rosa.type("Authorization number", "PA-9001")
    rosa.type("Decided on", rosa.day(-2))
    rosa.type("Approved from", rosa.day(-2))
    rosa.type("Approved to", rosa.day(90))
    rosa.button("Record approval")
    rosa.sees("Done: Record approval.")

    rosa.link("Book a visit")
    rosa.type("Day", rosa.day(30))
    rosa.choose("Place")
    rosa.button("Book the visit")
    rosa.sees("nothing stops it")

    rosa.link("Note the answer")
    rosa.button("Save the answer")
    rosa.sees("The answer is on record.")
    with rosa.app.app_context():
        assert db.session.query(Authorization).filter_by(number="PA-9001").one().state == "approved"


def test_the_billers_day(day_of: Callable[[str], Hands]) -> None:
    priya = day_of("priya")
    priya.link("Import a file")
    priya.take("lone-prairie.835", remittance([era_claim("HL-104162", "4", "1372", "0", DENIED)], trace="EFT-77"))
    priya.button("Import")
    priya.link("Work the denials")
    priya.click(priya.page.locator(".c-what a", has_text="HL-104162"))
    priya.type("Their reason, word for word", "Precertification/authorization absent.")
    priya.type("Received on", priya.day(-1))
    priya.button("Save the notice")
    priya.sees("The notice is on record")

    priya.button("Start the appeal")
    priya.sees("Nothing is missing")
    priya.click(priya.page.get_by_role("button", name=re.compile("^Send to .* to sign$")))
    priya.sees("waits for")
    with priya.app.app_context():
        claim = db.session.query(Claim).filter_by(number="HL-104162").one()
        appeal = db.session.query(Appeal).join(Denial).filter(Denial.claim_id == claim.id).one()
        assert (appeal.state, len(appeal.letters)) == ("in_review", 1)


def test_the_physicians_day(day_of: Callable[[str], Hands]) -> None:
    park = day_of("park")
    park.link("Mine")
    park.click(park.page.locator(".c-next a", has_text="Review and sign").first)
    park.click(park.page.locator("main").get_by_role("link", name=re.compile("sign", re.IGNORECASE)).first)
    expect(park.page.locator("img.leaf").first).to_be_visible()
    expect(park.page.get_by_role("heading", name="The evidence")).to_be_visible()
    park.type("Your password", PASSWORD)
    park.button("Sign the letter")
    park.sees("signed")
    with park.app.app_context():
        assert db.session.query(Appeal).filter_by(state="in_review").count() < 2


def test_the_managers_day(day_of: Callable[[str], Hands]) -> None:
    dana = day_of("dana")
    dana.click(dana.page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports"))
    expect(dana.page.get_by_role("heading", name="Overview")).to_be_visible()
    dana.click(dana.page.locator("main").get_by_role("link", name="Denied").first)
    dana.click(dana.page.locator("#groups tr", has_text="Bundling").get_by_role("link").first)
    dana.click(dana.page.locator("#rows a").first)
    dana.sees("proposes to write off")
    dana.button("Sign the write-off")
    dana.sees("Done: Sign the write-off.")
    with dana.app.app_context():
        assert db.session.query(Denial).filter_by(state="written_off").count() == 1


def test_the_auditors_day(day_of: Callable[[str], Hands]) -> None:
    lena = day_of("lena")
    lena.click(lena.page.get_by_role("navigation", name="Main").get_by_role("link", name="History"))
    lena.page.get_by_label("Who").first.select_option(label="Marcus Webb")
    lena.button("Show")
    cells = lena.page.locator("td[data-label=Who]")
    assert set(cells.all_inner_texts()) == {"Marcus Webb"}

    lena.click(lena.page.get_by_role("navigation", name="Main").get_by_role("link", name="Claims"))
    lena.click(lena.page.locator("main tbody a", has_text="HL-").first)
    expect(lena.page.get_by_role("heading", level=1)).to_contain_text("HL-")
    expect(lena.page.locator(".step-bar").get_by_role("button")).to_have_count(0)
    expect(lena.page.locator("main form[method=post]")).to_have_count(0)
    expect(lena.page.locator("main").get_by_role("link", name="Log a call")).to_have_count(0)


def test_the_administrators_day(day_of: Callable[[str], Hands]) -> None:
    sam = day_of("sam")
    sam.click(sam.page.get_by_role("navigation", name="Main").get_by_role("link", name="People"))
    sam.link("Add a person")
    sam.type("Name", "Noor Haddad")
    sam.type("E-mail", "noor@harborlight.example")
    sam.click(sam.page.get_by_label("Biller"))
    sam.button("Add the person")
    sam.sees("Noor Haddad")
    with sam.app.app_context():
        assert db.session.query(User).filter_by(email="noor@harborlight.example").one().role_names == ["biller"]

    expect(sam.page.get_by_role("search")).to_have_count(0)
    for closed in ("/today", "/patients/1", "/claims/1", "/approvals", "/reports/"):
        answer = sam.page.goto(sam.address + closed)
        assert answer
        assert answer.status == 403
        assert "Okafor" not in answer.text()
