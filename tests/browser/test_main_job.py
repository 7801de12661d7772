"""The main job as a person does it: a remittance comes in, the denial is read, the appeal letter goes out as a PDF."""

import io
import re

import pypdf
import pytest
from playwright.sync_api import expect

from clinic_claims.db import db, transaction
from clinic_claims.models import Letter
from clinic_claims.services import documents

from ..services.era import claim as era_claim
from ..services.era import remittance
from ..test_data_walk import put_the_chart_on_file, put_the_enclosures_on_file
from .office import add_dana, go, sign_in

DENIED = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]


@pytest.fixture
def address(app, clinic, submitted, deed, live_server):
    """A clinic with a claim at the payer, its chart on file, and a biller who may sign in."""
    with transaction():
        put_the_chart_on_file(clinic, deed)
        put_the_enclosures_on_file(submitted, deed)
        add_dana("biller", deed)
    number = submitted.number
    db.session.remove()
    return live_server(app), number


def import_file(page, address, number):
    go(page, f"{address}/imports")
    data = remittance([era_claim(number, "4", "652", "0", DENIED)])
    page.get_by_label("Drop files here").set_input_files({"name": "lp.835", "mimeType": "text/plain", "buffer": data})
    expect(page.get_by_text("lp.835")).to_be_visible()
    page.get_by_role("button", name="Import").click()
    page.get_by_text("1 of 1").wait_for()


def open_denial(page, address):
    go(page, f"{address}/imports")
    page.get_by_role("link", name="EFT-1").click()
    page.get_by_role("link", name="Open the denial").wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Open the denial").click()
    page.get_by_role("heading", name="Prior authorization does not match").wait_for()


def note_the_notice(page):
    page.get_by_label("Their reason, word for word").fill("Precertification/authorization absent.")
    page.get_by_label("Received on").fill("2026-11-20")
    page.get_by_role("button", name="Save the notice").click()
    page.get_by_text("The notice is on record").wait_for()


def show_the_source(page, words):
    """Click a sentence of the sheet until its source shows: the page listens a moment after the sheet stands."""
    source = page.locator("[data-source-shown]").get_by_text(words)
    for _ in range(200):
        page.frame_locator("#paper").get_by_text(words).click()
        if source.is_visible():
            return
    source.wait_for()


def test_from_the_remittance_to_the_letter(page, address, axe, pictures, app):
    home, number = address
    sign_in(page, home)
    import_file(page, home, number)
    open_denial(page, home)
    note_the_notice(page)
    assert axe() == []
    pictures("denial")

    page.get_by_role("button", name="Start the appeal").click()
    page.get_by_text("Nothing is missing").wait_for()
    sheet = page.frame_locator("#paper")
    show_the_source(page, "Precertification/authorization absent.")
    assert axe() == []
    pictures("letter")

    page.get_by_role("checkbox", name="This service was approved before it was given").uncheck()
    sheet.get_by_role("heading", name="This service was approved before it was given").wait_for(state="detached")
    page.get_by_role("checkbox", name="This service was approved before it was given").check()
    sheet.get_by_role("heading", name="This service was approved before it was given").wait_for()

    page.get_by_role("button", name=re.compile("Send to .* to sign")).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download version 1").click()
    data = download.value.path().read_bytes()
    words = " ".join(found.extract_text() for found in pypdf.PdfReader(io.BytesIO(data)).pages).replace("\xa0", " ")
    assert "Renata Castellano" in words
    assert "DRAFT" not in words
    assert data == documents.read(db.session.query(Letter).one().document)


@pytest.mark.parametrize("path", ["/imports", "/imports/unmatched", "/reports/denied", "/denials/new"])
def test_the_pages_are_accessible(page, address, axe, pictures, path):
    home, _ = address
    sign_in(page, home)
    go(page, home + path)
    assert axe() == []
    pictures(path.strip("/").replace("/", "-"))
