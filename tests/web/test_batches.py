"""Letters in one go: chosen, printed in the background, each done or why not, handed out as one file or an archive."""

import io
import zipfile

import pikepdf
import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Denial, Event, Letter
from clinic_claims.services import documents, jobs, letter_batches
from clinic_claims.services.deeds import Deed
from clinic_claims.services.job_kinds import KINDS

from .conftest import send


@pytest.fixture
def blank():
    """The bytes of a letter of one page."""
    out = io.BytesIO()
    with pikepdf.new() as whole:
        whole.add_blank_page()
        whole.save(out)
    return out.getvalue()


@pytest.fixture
def work_off(app, clock, blank, monkeypatch):
    """Do what waits, as a worker would; pages are blank, as printing is tested elsewhere."""

    def printed(letter, draft):
        return letter_batches.letters.printed_for_real(letter, draft=draft) if letter.gaps else blank

    monkeypatch.setattr(letter_batches.letters, "printed_for_real", letter_batches.letters.printed, raising=False)
    monkeypatch.setattr(letter_batches.letters, "printed", printed)

    def run():
        with app.app_context():
            while jobs.run_next(KINDS, Deed("worker", clock(), app.extensions["rulebook"])):
                pass

    return run


def order(client, *rows, kind="appeal", **more):
    return send(client, "/batches", f"/batches/new?kind={kind}", kind=kind, rows=list(rows), **more).location


def test_a_batch_is_chosen_printed_and_sent_to_sign(sign_in, appeal, work_off, read):
    client = sign_in()
    assert f'aria-label="Choose APL-{appeal:05d}" checked>' in client.get("/batches/new?all=1").text
    place = order(client, f"appeal-{appeal}", review="on")
    assert "0 of 1 letters" in client.get(place).text
    assert 'hx-trigger="every 1s"' in client.get(place).text
    work_off()
    text = client.get(place).text
    assert "<strong>1</strong> printed and kept." in text
    assert "hx-trigger" not in text
    assert read(lambda: db.session.get(Appeal, appeal).state) == "in_review"
    assert read(lambda: db.session.query(Letter).one().made_by) == "biller@clinic.example"
    assert "Nothing waits for this letter" in client.get("/batches/new").text
    assert "1 letter" in client.get("/batches").text


def test_a_letter_with_gaps_is_left_out_says_why_and_may_be_asked_for_again(sign_in, app, appeal, work_off, read):
    client = sign_in()
    with app.app_context():
        denial = db.session.query(Denial).one()
        denial.reason_quoted, quoted = "", denial.reason_quoted
        db.session.commit()
    place = order(client, f"appeal-{appeal}")
    work_off()
    assert "Denial reason in the payer&#39;s words is missing" in client.get(place).text
    assert client.get(f"{place}/letters.pdf").status_code == 404
    with app.app_context():
        db.session.query(Denial).one().reason_quoted = quoted
        db.session.commit()
    order(client, f"appeal-{appeal}")
    work_off()
    assert read(lambda: db.session.query(Letter).count()) == 1


def test_letters_to_patients_are_written_for_denials(sign_in, denied, work_off, read):
    client = sign_in()
    place = order(client, f"denial-{denied.denial}", kind="patient_letter")
    work_off()
    text = client.get(place).text
    assert ("printed" in text) or ("left out" in text)
    assert "Letters to patients" in text


def test_they_are_handed_out_as_one_file_and_as_an_archive(sign_in, app, appeal, work_off, blank, read):
    client = sign_in("manager")
    place = order(client, f"appeal-{appeal}")
    work_off()
    for form, pages in (("letters", 1), ("envelopes", 2)):
        answer = client.get(f"{place}/{form}.pdf")
        with pikepdf.open(io.BytesIO(answer.data)) as whole, whole.open_outline() as outline:
            assert len(whole.pages) == pages
            assert [item.title for item in outline.root] == ["LTR-00001 APL-00001 v1"]
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{place}/letters.zip").data))
    assert archive.namelist() == ["LTR-00001 APL-00001 v1.pdf"]
    assert archive.read("LTR-00001 APL-00001 v1.pdf") == blank
    assert read(lambda: documents.read(db.session.query(Letter).one().document)) == blank
    actions = read(lambda: list(db.session.scalars(select(Event.action).where(Event.subject == "letter"))))
    assert actions.count("print") == 2
    assert read(lambda: db.session.query(Event).filter_by(action="export").count()) == 1


@pytest.mark.parametrize("rows", [[], ["appeal-99"], ["denial-1"], ["appeal-²"], ["appeal-" + "9" * 30], ["x"]])
def test_nothing_chosen_is_said(sign_in, appeal, rows):
    client = sign_in()
    assert order(client, *rows) == "/batches/new?kind=appeal"
    assert "Choose at least one record" in client.get("/batches/new").text


@pytest.mark.parametrize(
    "address", ["/batches/none", "/batches/none/letters.pdf", "/batches/new?kind=x", "/batches/a/b.pdf"]
)
def test_what_is_not_there_is_not_found(sign_in, address):
    assert sign_in().get(address).status_code == 404


def test_the_test_sheet_names_its_measures(sign_in):
    data = sign_in().get("/batches/envelope-test.pdf").data
    with pikepdf.open(io.BytesIO(data)) as sheet:
        assert [float(edge) for edge in sheet.pages[0].mediabox] == [0, 0, 612, 792]
        assert len(sheet.pages) == 1


def test_an_auditor_looks_and_changes_nothing(sign_in):
    client = sign_in("auditor")
    assert client.get("/batches").status_code == 200
    assert client.get("/batches/new").status_code == 403


def test_the_work_of_each_day_is_not_in_the_list_of_what_people_asked_for(app, sign_in, clock):
    with app.app_context(), transaction():
        jobs.enqueue("day", {"on": "2026-11-22"}, Deed("S. Kim", clock(), app.extensions["rulebook"]), key="day")
    assert '<td data-label="What"' not in sign_in().get("/batches").text
