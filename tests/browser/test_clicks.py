"""From a denial to a letter that waits for the physician: counted in clicks, with nothing typed."""

import re

import pytest

from clinic_claims.db import db
from clinic_claims.models import Appeal, Letter

from .office import sign_in

MOST_CLICKS = 6


@pytest.fixture
def click(page):
    """Click something and count it; the list holds every click and every key pressed."""
    counted = []

    def press(target):
        counted.append(target)
        target.click()

    press.counted = counted
    return press


def test_from_a_denial_to_a_letter_for_signature(page, unanswered, click):
    home, denial = unanswered
    sign_in(page, home)
    page.wait_for_load_state("networkidle")
    page.add_init_script("addEventListener('keydown', () => console.error('a key was pressed'))")
    click(page.locator(f"a[href$='/denials/{denial}']").first)
    click(page.get_by_role("button", name="Start the appeal").first)
    page.get_by_text("Nothing is missing").wait_for()
    click(page.get_by_role("button", name=re.compile("Send to .* to sign")))
    page.get_by_text("waits for").first.wait_for()
    assert len(click.counted) <= MOST_CLICKS
    appeal = db.session.query(Appeal).filter_by(denial_id=denial).one()
    assert appeal.state == "in_review"
    assert db.session.query(Letter).filter_by(appeal_id=appeal.id).one().sha256
