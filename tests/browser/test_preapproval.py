"""The whole way as a person goes it: benefits, request, approval, visit, injection, claim with waste, all green."""

import pytest

from clinic_claims.db import db, transaction

from ..conftest import NOON
from .office import add_dana, go, sign_in

TODAY = NOON.date().isoformat()


@pytest.fixture
def office(clinic, deed, live_server, app):
    """A clinic with one patient and nothing asked for yet, and a manager who may sign in; gives its address."""
    with transaction():
        add_dana("manager", deed)
    ids = clinic.patient.id, clinic.case.id, clinic.coverage.id
    db.session.remove()
    return live_server(app), ids


def check_benefits(page, address, coverage):
    go(page, f"{address}/benefits/{coverage}/check")
    page.get_by_label("Number called").fill("(800) 555-0100")
    page.get_by_label("Who answered").fill("Imani")
    page.get_by_label("Reference number of the call").fill("C-550912")
    page.get_by_label("Is it covered under these benefits?").fill("Yes, with prior authorization")
    page.get_by_label("What is needed to get it covered?").fill("Approval of drug and procedure")
    page.get_by_role("button", name="Save the answers").click()
    page.get_by_text("The benefits check is on record.").wait_for()


def ask_for_approval(page, address, case):
    go(page, f"{address}/approvals/new/{case}")
    page.locator("#lines-0-code").fill("64612")
    page.locator("#lines-0-modifiers").fill("RT")
    page.locator("#lines-0-units").fill("1")
    page.locator("#lines-1-units").fill("100")
    page.get_by_role("button", name="Prepare the request").click()
    page.get_by_role("link", name="Mark as submitted").click()
    page.get_by_label("Sent by").select_option("portal")
    page.get_by_role("button", name="Mark as submitted").click()
    page.get_by_role("link", name="Record approval").click()
    page.get_by_label("Authorization number or UTN").fill("PA-9001")
    for label, day in (("Decided on", TODAY), ("Approved from", TODAY), ("Approved to", "2027-01-31")):
        page.get_by_label(label).fill(day)
    page.get_by_role("button", name="Record approval").click()
    page.get_by_role("heading", name="Units and days").wait_for()


def inject(page, address):
    page.get_by_role("link", name="Record the injection").click()
    page.get_by_role("link", name="Open a vial").click()
    page.get_by_role("link", name="Open a vial").click()
    page.get_by_label("Drug").select_option("J0585")
    page.get_by_label("Vial of, units").fill("100")
    page.get_by_label("Lot").fill("D0293")
    page.get_by_label("Expires").fill("2027-09-30")
    page.get_by_role("button", name="Open the vial").click()
    page.get_by_text("100 units not accounted for").wait_for()
    go(page, f"{address}/visits/1/perform")
    for place, (muscle, units) in enumerate((("Orbicularis oculi", "17.5"), ("Zygomaticus major", "7.5"))):
        page.locator(f"#lines-{place}-muscle").fill(muscle)
        page.locator(f"#lines-{place}-units").fill(units)
    page.get_by_label("Lot D0293").check()
    page.get_by_role("button", name="Record the injection").click()
    page.get_by_role("link", name="vial log of the day").click()
    page.get_by_label("Reason for the waste").fill("No further patient today")
    page.get_by_role("button", name="Close the day").click()
    page.get_by_text("closed at zero").wait_for()


def test_from_the_benefits_call_to_a_claim_that_agrees(page, office, axe, pictures):
    address, (patient, case, coverage) = office
    sign_in(page, address)
    check_benefits(page, address, coverage)
    ask_for_approval(page, address, case)
    page.get_by_role("link", name="Book a visit").click()
    page.get_by_label("Day").fill(TODAY)
    page.get_by_label("Side").select_option("left")
    page.get_by_role("button", name="Book the visit").click()
    page.get_by_text("This visit would be denied.").wait_for()
    assert "CARC 284" in page.locator(".findings").inner_text()
    assert axe() == []
    pictures("visit-stopped")
    page.get_by_label("Side").select_option("right")
    page.get_by_role("button", name="Book the visit").click()
    page.get_by_text("nothing stops it").wait_for()
    pictures("visit")
    inject(page, address)
    assert axe() == []
    pictures("vials")
    go(page, f"{address}/visits/1")
    page.get_by_role("link", name="Bill the visit").click()
    page.get_by_label("Claim number").fill("HL-500")
    page.get_by_label("64612: charge for one unit").fill("412.00")
    page.get_by_label("J0585: charge for one unit").fill("8.00")
    page.get_by_role("button", name="Make the claim").click()
    page.get_by_text("all agree").wait_for()
    assert page.get_by_text("nothing stops it").is_visible()
    assert page.get_by_text("JW", exact=False).first.is_visible()
    assert axe() == []
    pictures("claim-agrees")
    go(page, f"{address}/patients/{patient}")
    pictures("patient-calendar")
