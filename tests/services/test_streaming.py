"""Files of reports and tables are written as they are sent: however many rows there are, only a part is ever held."""

import csv
import io
import json
import tracemalloc
from datetime import date
from itertools import cycle, islice, repeat

import openpyxl
import pytest
from sqlalchemy import event

from clinic_claims.db import db, transaction
from clinic_claims.domain.papers import Column, Paper, Section, Table
from clinic_claims.services import denial_lines, report_files, reports, seeding, table_exports, workbooks
from clinic_claims.services.reports import Filters


@pytest.fixture
def seeded(app, deed):
    """A hundred and twenty made-up claims, some of them denied."""
    seeding.load(120, 1, deed)
    db.session.rollback()


def test_json_without_end_begins_at_once(seeded, deed, monkeypatch):
    report = reports.denied(Filters(), deed)
    row, *_ = reports.lines(report)
    monkeypatch.setattr(report_files, "lines", lambda report: repeat(row))
    _begins_with(row.reference, report_files.to_json(report))


def test_csv_without_end_begins_at_once(seeded, deed, monkeypatch):
    report = reports.denied(Filters(), deed)
    row, *_ = reports.lines(report)
    read = list(denial_lines._chunks([], None))
    monkeypatch.setattr(denial_lines, "_chunks", lambda conditions, limit: cycle(read))
    _begins_with(row.reference, report_files.to_csv(report))


def _begins_with(reference, written):
    parts = list(islice(written, 5))
    assert reference in parts[2]
    assert max(map(len, parts)) < 1_000_000


def test_a_workbook_holds_one_row_at_a_time():
    few, many = _peak(500), _peak(5_000)
    assert many < 1.3 * few, f"{few:,} bytes for 500 rows, {many:,} for 5,000"


def _peak(count: int) -> int:
    """Return the most bytes held while a workbook of so many rows is written."""
    columns = (Column("Day", "day"), Column("Words"), Column("Dollars", "money"))
    rows = ((date(2026, 1, 1), f"row {number}", number) for number in range(count))
    paper = Paper(
        title="T", about="", sections=(Section(title="T", table=Table(name="T", columns=columns, rows=rows)),)
    )
    tracemalloc.start()
    try:
        assert sum(map(len, workbooks.to_xlsx(paper))) > count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_every_form_holds_every_line_and_no_other(seeded, deed):
    report = reports.denied(Filters(), deed, ["payer"])
    wanted = [row.reference for row in reports.lines(report)]
    by_csv = [row["reference"] for row in csv.DictReader(io.StringIO("".join(report_files.to_csv(report))))]
    document = json.loads("".join(report_files.to_json(report)))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(report_files.FORMS["xlsx"](report, deed))), read_only=True)
    by_sheet = [row[1] for row in book["Denials"].iter_rows(min_row=2, values_only=True)]
    assert len(wanted) == report.total.denials > 10
    assert by_csv == [row["reference"] for row in document["rows"]] == wanted
    assert by_sheet[: len(wanted)] == wanted
    assert document["total"]["denials"] == len(wanted)


def test_an_empty_report_is_whole_json(app, deed):
    report = reports.denied(Filters(since=date(2040, 1, 1)), deed)
    assert json.loads("".join(report_files.to_json(report)))["rows"] == []
    assert len("".join(report_files.to_csv(report)).splitlines()) == 1


@pytest.mark.parametrize(("what", "form", "questions"), [("denials", "csv", 1), ("appeals", "json", 2)])
def test_an_export_asks_the_same_few_questions_for_all_rows(seeded, deed, what, form, questions):
    with transaction():
        parts = table_exports.WRITERS[what](deed, form)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", note := lambda *told: asked.append(told[2]))
    try:
        written = b"".join(parts).decode("utf-8-sig")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert written.count("DEN-") > 5
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == questions  # an appeal's letters come with theirs
