"""Payer files and long work as a person does it: drop, watch, settle columns, undo, match, print letters in one go."""

import io
import re
from pathlib import Path

import pikepdf
import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Payer, Plan
from clinic_claims.services import appeals, denials, import_jobs, intake

from ..conftest import NOON
from ..services.era import claim as era_claim
from ..services.era import remittance
from ..test_data_walk import put_the_chart_on_file, put_the_enclosures_on_file
from .office import add_dana, go, sign_in
from .test_main_job import DENIED

DATA = Path(__file__).parent.parent / "data" / "999"
HEAD = "Claim,Patient,DOB,Member ID,Payer,DOS,CPT,Mod,Units,Dx,Usd,NPI,Billed on"
ROW = 'L-1,"Marlowe, Iris",4/12/1958,HHP0001,Harbor Health Plan,3/2/2026,J0585,JZ,100,G51.31,642.00,1002003006,3/4/2026'
FAULTY = ROW.replace("L-1", "L-2").replace("J0585", "6461")


@pytest.fixture
def app(make_app, database):
    """The office's one process: what takes long is done in a thread of it."""
    app = make_app(database, WORKS_ALONE=True, CLOCK=lambda: NOON)
    yield app
    if thread := app.extensions["background"].thread:
        thread.join()


@pytest.fixture
def office(app, clinic, submitted, deed, live_server, page):
    """A clinic with a claim at the payer and its chart on file, and a biller signed in; gives its address."""
    with transaction():
        payer = Payer(name="Harbor Health Plan", aliases=[], appeals_address=[])
        db.session.add(Plan(payer=payer, name="Harbor PPO", payer_class="erisa_self_funded", wants_approval=False))
        put_the_chart_on_file(clinic, deed)
        put_the_enclosures_on_file(submitted, deed)
        add_dana("biller", deed)
    db.session.remove()
    address = live_server(app)
    sign_in(page, address)
    return address


def drop(page, address, *files):
    """Choose files as a drop does, and press the button."""
    go(page, f"{address}/imports")
    parts = [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files]
    page.get_by_label("Drop files here").set_input_files(parts)
    for name, _ in files:
        page.get_by_text(f"{name} (").wait_for()
    page.get_by_role("button", name="Import").click()


def test_two_files_are_dropped_and_watched_until_they_are_posted(office, page, axe, monkeypatch):
    monkeypatch.setattr(import_jobs, "AT_ONCE", 10_000)
    paid = [("64612:RT", "652", "652", "", "")]  # under numbers of the payer's own: whichever file is posted first
    many = [era_claim(f"HL-X{number}", "1", "652", "652", paid, control=f"X-{number}") for number in range(600)]
    small = remittance([era_claim("HL-26-1001", "4", "652", "0", DENIED)])
    drop(page, office, ("large.835", remittance(many, trace="EFT-2")), ("small.835", small))
    page.get_by_role("heading", name="What became of 2 files").wait_for()
    page.get_by_text("1 of 1 claims matched").wait_for()
    page.get_by_text("0 of 600 claims matched").wait_for()
    assert page.get_by_role("progressbar").count() == 0
    assert axe() == []
    go(page, f"{office}/batches")
    assert page.get_by_role("row", name=re.compile("large.835.*done.*Dana Park")).is_visible()
    assert axe() == []


def test_a_table_is_looked_at_settled_taken_in_and_undone(office, page, axe):
    drop(page, office, ("claims.csv", "\n".join([HEAD, ROW, FAULTY]).encode()))
    page.get_by_text("No column holds a charge").first.wait_for()
    assert page.get_by_role("button", name="Take in 0 claims").is_disabled()
    page.get_by_label("Usd").select_option(label="Charge")
    page.get_by_role("button", name="Look again").click()
    page.get_by_role("cell", name="6461", exact=True).wait_for()
    assert axe() == []
    page.get_by_label("Leave out the rows with faults").check()
    page.get_by_label("Where the file comes from").fill("Old system")
    page.get_by_role("button", name="Take in 1 claim").click()
    page.get_by_text("1 claim taken in.").wait_for()
    assert page.get_by_role("link", name="L-1").is_visible()
    assert axe() == []
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_text("The import was undone: 4 records removed.").wait_for()
    assert page.get_by_role("link", name="L-1").count() == 0


def test_an_unmatched_payment_finds_its_claim(office, page, axe):
    drop(page, office, ("odd.835", remittance([era_claim("HL261001", "4", "652", "0", DENIED)])))
    page.get_by_role("link", name="Find the claims").click()
    page.get_by_text("number much like HL-26-1001").wait_for()
    assert axe() == []
    page.get_by_role("button", name="Post to this claim: HL-26-1001").click()
    page.get_by_text("Posted to HL-26-1001; 1 denial opened.").wait_for()
    page.locator("#remittances").get_by_role("link", name=re.compile("segment")).first.click()
    page.locator(".segments [aria-current]").get_by_text("CLP*HL261001").wait_for()
    assert axe() == []


def test_a_batch_that_was_rejected_is_opened_from_today_and_mended(office, page, axe):
    drop(page, office, ("ack.999", (DATA / "partly_accepted.999").read_bytes()))
    page.get_by_role("link", name="Mend what was rejected").click()
    page.get_by_role("link", name="Mend and resend the file").click()
    page.get_by_text("Segment NM1 number 22").wait_for()
    assert axe() == []
    page.get_by_role("button", name="Mended and sent again").click()
    page.get_by_text("Noted: mended and sent again.").wait_for()
    assert axe() == []


def test_letters_are_printed_in_one_go(office, page, axe, app, deed, later):
    with app.app_context(), transaction():
        intake.take_in("era.835", remittance([era_claim("HL-26-1001", "4", "652", "0", DENIED)]), deed)
        (denial,) = db.session.scalars(db.select(denials.Denial))
        quoted = "Precertification/authorization absent."
        denials.note_notice(denial, later(1), reason_quoted=quoted, received_how="mail")
        appeals.start(denial, later(1))
    go(page, f"{office}/batches/new")
    page.get_by_role("link", name="Choose all 1").click()
    assert axe() == []
    page.get_by_role("button", name="Print the chosen letters").click()
    page.get_by_text("1 printed and kept.").wait_for()
    assert axe() == []
    link = page.get_by_role("link", name="For window envelopes").get_attribute("href")
    with pikepdf.open(io.BytesIO(page.context.request.get(f"{office}{link}").body())) as whole:
        assert len(whole.pages) % 2 == 0
    page.get_by_role("link", name="APL-00001").click()
    page.get_by_text("In review").first.wait_for()
