"""What the daily jobs cost: clicks and keystrokes of each, counted in a browser and held to a number.

Days are typed as their eight digits; choosing from a list is two clicks; so is choosing a file.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from clinic_claims.models import Appeal, Authorization, Claim, Letter, Patient

from ..services.era import claim as era_claim
from ..services.era import remittance
from .hands import Hands
from .office import PASSWORD, enter, load_demo

COUNTED: dict[str, tuple[int, int]] = {}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A demo clinic of its own: here work is really done."""
    return load_demo(tmp_path_factory.mktemp("busy"))


@pytest.fixture
def hands(busy: Flask, live_server: Callable[[Flask], str], page: Page) -> Hands:
    return Hands(page, enter(live_server(busy), page), busy)


@pytest.fixture(scope="module", autouse=True)
def table(pytestconfig: pytest.Config) -> Iterator[None]:
    """Print what was counted, once all is done."""
    yield
    told = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    told.write_line("")
    told.write_line(f"{'Job':<36}{'clicks':>8}{'keys':>8}")
    for job, (clicks, keys) in COUNTED.items():
        told.write_line(f"{job:<36}{clicks:>8}{keys:>8}")


def log_a_denial(hands: Hands) -> None:
    hands.at("/today")
    hands.link("Log a denial")
    hands.type("Claim", "HL-104143")
    hands.type("Day of the decision", hands.day(-6))
    hands.type("Amount refused", "400")
    hands.type("Reason codes", "50")
    hands.button("Log the denial")
    hands.sees("The denial is on record")


def import_and_open_the_worst(hands: Hands) -> None:
    lines = [("64612:RT", "412", "0", "CO*50*412", "N115"), ("J0585:JZ", "960", "0", "CO*50*960", "N115")]
    hands.at("/imports")
    hands.take("lone-prairie.835", remittance([era_claim("HL-104162", "4", "1372", "0", lines)], trace="EFT-77"))
    hands.button("Import")
    hands.link("Work the denials")
    hands.click(hands.page.locator(".c-what a").first)
    hands.sees("What we can do")


def record_a_call(hands: Hands) -> None:
    hands.at(f"/claims/{hands.key(select(Claim.id).where(Claim.number == 'HL-104143'))}")
    hands.press("c")
    hands.sees("Call reference number")
    hands.type("What was said", "Will reprocess")
    hands.type("Call reference number", "C-881")
    hands.type("Promised for", hands.day(26))
    hands.button("Save")
    hands.sees("the follow-up stands on Today")


def assign_five(hands: Hands) -> None:
    """By keyboard alone."""
    hands.at("/today")
    for _ in range(5):
        hands.press("j", "x")
    hands.press("e", "Tab", "Enter")
    hands.sees("5 items given to Sam All.")


def approve(hands: Hands) -> None:
    hands.at(f"/approvals/{hands.key(select(Authorization.id).where(Authorization.state == 'overdue'))}")
    hands.link("Record approval")
    hands.type("Authorization number", "PA-9001")
    hands.type("Decided on", hands.day(-2))
    hands.type("Approved from", hands.day(-2))
    hands.type("Approved to", hands.day(90))
    hands.button("Record approval")
    hands.sees("Done: Record approval.")


def schedule_a_visit(hands: Hands) -> None:
    """From the patient's page, on a day that is payable, under a plan that wants no approval."""
    bright = select(Patient.id).where(Patient.last_name == "Bright")
    hands.at(f"/patients/{hands.key(bright)}")
    hands.link("Book a visit")
    hands.type("Day", hands.day(45))
    hands.choose("Place")
    hands.button("Book the visit")
    hands.sees("nothing stops it")


def sign_a_letter(hands: Hands) -> None:
    """From the appeal that waits, after reading it; the password is asked for once more."""
    waiting = select(Appeal.id).join(Letter, Letter.appeal_id == Appeal.id).where(Appeal.state == "in_review")
    enter(hands.address, hands.page, "park@harborlight.example", afresh=True)
    hands.at(f"/appeals/{hands.key(waiting)}")
    hands.click(hands.page.locator("main").get_by_role("link", name=re.compile("sign", re.I)).first)
    hands.type("Your password", PASSWORD)
    hands.button("Sign the letter")
    hands.sees("signed")


def mark_filed(hands: Hands) -> None:
    hands.at(f"/appeals/{hands.key(select(Appeal.id).where(Appeal.state == 'ready'))}")
    hands.link("Send and file")
    hands.choose("Sent by")
    hands.type("Confirmation", "9405 5000 1234")
    hands.button("File the appeal")
    hands.sees("9405 5000 1234")


def record_the_decision(hands: Hands) -> None:
    appeal = hands.key(select(Appeal.id).where(Appeal.state.in_(("filed", "overdue"))).order_by(Appeal.id))
    hands.at(f"/steps/appeal/{appeal}/decide_overturned")
    hands.type("Date on the decision", hands.day(-2))
    hands.type("Payer's words", "Overturned")
    hands.button("Decision: overturned")
    hands.sees("Done: Decision: overturned.")


def find_a_patient(hands: Hands) -> None:
    """By keyboard alone, the name misspelled."""
    hands.at("/today")
    hands.press("/")
    for letter in "kowalsky":
        hands.press(letter)
    hands.press("Enter")
    hands.page.wait_for_url("**/find")


def put_aside(hands: Hands) -> None:
    """By keyboard alone."""
    hands.at("/today")
    hands.press("j", "j", "s")
    for letter in "waiting":
        hands.press(letter)
    hands.press("Tab", "Enter")
    hands.sees("1 item put aside.")


JOBS: dict[str, tuple[Callable[[Hands], None], int, int]] = {  # with the most clicks and keys it may take
    "Log a denial by hand": (log_a_denial, 6, 30),
    "Import and open the worst denial": (import_and_open_the_worst, 5, 0),
    "Record a call with a promise": (record_a_call, 4, 30),
    "Assign five": (assign_five, 0, 13),
    "Approve an authorization": (approve, 6, 40),
    "Schedule a visit": (schedule_a_visit, 7, 8),
    "Sign a letter": (sign_a_letter, 3, 19),
    "Mark filed with proof": (mark_filed, 5, 20),
    "Record the decision": (record_the_decision, 4, 24),
    "Find a patient": (find_a_patient, 0, 12),
    "Put one aside": (put_aside, 0, 12),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_costs_no_more_than_this(hands: Hands, job: str) -> None:
    deed, clicks, keys = JOBS[job]
    deed(hands)
    COUNTED[job] = hands.clicks, hands.keys
    assert hands.clicks <= clicks
    assert hands.keys <= keys
