"""The demo clinic as the browser tests see it: one person with every role that matters, and a little work begun."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Page
from sqlalchemy import select

from clinic_claims import create_app
from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.models import Authorization, Claim, Provider, User
from clinic_claims.services import accounts, demo, notes, peer_calls, saved_reports
from clinic_claims.services.deeds import Deed
from clinic_claims.web import waiting_tables

from ..conftest import NOON, SETTINGS

PASSWORD = "a calm blue morning"
EMAIL = "all@clinic.example"
DANA = "d.park@clinic.example"
ROLES = ("manager", "physician", "administrator")
TABLE = b"Patient,DOB,MRN,Claim,Date of service,CPT,Charge\nDoe Jane,01/02/1961,HL-9,HL-900,2026-10-01,64612,412.00\n"


def load_demo(folder: Path) -> Flask:
    """Load the demo, add the person, and begin what nobody of the demo has begun."""
    settings = {"INSTANCE": folder, "CLOCK": lambda: NOON, "SECURITY_FRESHNESS": timedelta(days=1)}
    app = create_app(SETTINGS | settings)
    with app.app_context():
        db.create_all()
        deed = Deed("setup", now(), app.extensions["rulebook"])
        with transaction():
            demo.load(deed)
            for user in db.session.scalars(select(User)):
                open_to_tests(user, deed)
            begin(Deed(EMAIL, now(), deed.book, user_id=add_person(deed, EMAIL, ROLES).id))
            waiting_tables.store().put(TABLE)
    return app


def add_person(deed: Deed, email: str, roles: Sequence[str], name: str = "Sam All") -> User:
    """Add somebody who may sign in at once."""
    user, _ = accounts.add_user(name, email, list(roles), deed)
    open_to_tests(user, deed)
    db.session.flush()
    return user


def open_to_tests(user: User, deed: Deed) -> None:
    """Let somebody sign in at once, past their first day."""
    user.password, user.must_change_password, user.toured_at = hash_password(PASSWORD), False, deed.at


def begin(deed: Deed) -> None:
    """Write a note, arrange a call between physicians, keep a report."""
    notes.add(db.session.get_one(Claim, 1), "note", "The payer asks for the last visit's findings.", deed)
    approval = db.session.scalars(select(Authorization).where(Authorization.state == "approved")).first()
    peer_calls.arrange(approval, deed.at + timedelta(days=3), db.session.scalars(select(Provider)).first(), deed)
    saved_reports.save("Denials by payer", "denied", "group=payer", "month", deed)


def enter(address: str, page: Page, email: str = EMAIL, *, afresh: bool = False) -> str:
    """Sign in; gives the address back. `afresh`: as somebody else than before."""
    if afresh:
        page.context.clear_cookies()
    page.goto(f"{address}/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button.btn-primary")
    page.get_by_role("navigation", name="Main").wait_for()
    page.wait_for_load_state("load")  # a page left half loaded would leave the server with open files
    return address


def add_dana(role: str, deed: Deed) -> None:
    """Add Dana Park, who has this one role, to a clinic whose records a test makes itself."""
    add_person(deed, DANA, [role], "Dana Park")


def sign_in(page: Page, address: str) -> None:
    """Sign Dana Park in."""
    enter(address, page, DANA)


def go(page: Page, address: str) -> None:
    """Open a page once the one before is complete, so that nothing is dropped halfway."""
    page.wait_for_load_state("networkidle")
    page.goto(address)
