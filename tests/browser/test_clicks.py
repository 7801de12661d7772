"""From a denial to a letter that waits for the physician: counted in clicks, with nothing typed."""

import re

import pytest
from flask_security import hash_password

from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Denial, Letter
from clinic_claims.services import accounts, demo
from clinic_claims.services.deeds import Deed

from .test_main_job import PASSWORD, sign_in

MOST_CLICKS = 6


@pytest.fixture
def database():
    return ""


@pytest.fixture
def app(make_app, empty_sqlite, tmp_path):
    (tmp_path / "clinic_claims.sqlite").write_bytes(empty_sqlite.read_bytes())
    return make_app("")


@pytest.fixture
def shown(app, book, live_server):
    """The demo, served, and the number of a denial that nobody has answered yet."""
    deed = Deed("demo", now(), book)
    with transaction():
        demo.load(deed)
        user, _ = accounts.add_user("Dana Park", "d.park@clinic.example", ["biller"], deed)
        user.password, user.must_change_password = hash_password(PASSWORD), False
    denial = db.session.query(Denial).filter_by(category="pre_approved_then_denied", state="open").one().id
    db.session.remove()
    return live_server(app), denial


@pytest.fixture
def click(page):
    """Click something and count it; the list holds every click and every key pressed."""
    counted = []

    def press(target):
        counted.append(target)
        target.click()

    press.counted = counted
    return press


def test_from_a_denial_to_a_letter_for_signature(page, shown, click):
    home, denial = shown
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
