"""The history on a page: filters, paging, files, and what of one patient's record went out."""

import csv
import io

import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import Event
from clinic_claims.services import audit, history, patients
from clinic_claims.services.deeds import Deed

from .conftest import send


@pytest.fixture
def deed(app, clock):
    return Deed("d.park@clinic.example", clock(), app.extensions["rulebook"])


@pytest.fixture
def patient(app, deed):
    """A patient whose letter was printed and exported."""
    with app.app_context(), transaction():
        made = patients.enter(
            deed, mrn="HL-7", first_name="Renata", last_name="Castellano", born_on=deed.today, sex="female"
        )
        history.record(made, "print", deed, sentence="=HYPERLINK()")
        history.record(made, "export", deed)
        return made.id


@pytest.fixture
def auditor(sign_in):
    return sign_in("auditor")


def shown(page):
    return page.count('<td data-label="When">')


def test_the_newest_stands_first_and_looking_is_written_down(app, auditor):
    auditor.get("/history")
    page = auditor.get("/history").text
    assert page.index('<td data-label="Action">View') < page.index('<td data-label="Action">Sign in')
    with app.app_context():
        last = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (last.action, last.subject) == ("view", "history")


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("action=print", 1),
        ("who=d.park@clinic.example", 3),
        ("patient=1", 3),
        ("patient=2", 0),
        ("since=2026-11-22&action=export", 1),
        ("since=2026-11-23", 0),
        ("until=2026-11-21", 0),
    ],
)
def test_filters(auditor, patient, filters, count):
    assert shown(auditor.get(f"/history?{filters}").text) == count


@pytest.mark.parametrize("filters", ["who=nobody", "action=nonsense", "since=nonsense", "patient=x", "before=-1"])
def test_a_wrong_filter_is_told(auditor, filters):
    answer = auditor.get(f"/history?{filters}")
    assert (answer.status_code, "Please look again" in answer.text) == (422, True)


def test_pages_go_on_where_the_last_row_stood(app, auditor, deed, monkeypatch):
    monkeypatch.setattr(audit, "PER_PAGE", 10)
    with app.app_context(), transaction():
        for _ in range(25):
            history.record("session", "ping", deed)
    address, seen = "/history?action=ping", 0
    while address:
        page = auditor.get(address).text
        seen += shown(page)
        pager = page.split('class="pager"')[1].split("</nav>")[0]
        address = pager.split('href="')[1].split('"')[0].replace("&amp;", "&") if "href" in pager else None
    assert seen == 25


def test_a_file_is_written_down_before_it_goes_out_and_runs_no_formula(app, auditor, patient):
    answer = auditor.get("/history/file?patient=1")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=history-")
    assert [row["sentence"] for row in rows] == ["Export.", "'=HYPERLINK()", "Patient entered."]
    with app.app_context():
        last = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (last.action, last.subject, last.data["rows"]) == ("export", "history", 3)


def test_a_patient_is_found_by_number_which_stands_in_no_address(auditor, patient):
    answer = send(auditor, "/history/patient", page="/history", mrn="HL-7")
    assert answer.location == f"/history/patients/{patient}"
    answer = send(auditor, "/history/patient", page="/history", mrn="HL-8")
    assert (answer.status_code, "No patient has this number" in answer.text) == (422, True)


def test_what_went_out_about_a_patient_is_accounted_for(app, auditor, patient):
    page = auditor.get(f"/history/patients/{patient}").text
    assert ("saved as a file" in page, "printed" in page, shown(page)) == (True, True, 2)
    text = auditor.get(f"/history/patients/{patient}/file").text
    assert text.splitlines()[0] == "at,what,to,how,by,event"
    assert len(text.splitlines()) == 3
    with app.app_context():
        last = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert (last.action, last.patient_id) == ("export", patient)


@pytest.mark.parametrize("role", ["biller", "physician", "authorization_coordinator", "administrator"])
def test_the_history_is_closed_to_others(sign_in, role):
    assert sign_in(role).get("/history").status_code == 403
