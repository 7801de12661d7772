"""The denied-claims report against sums done by hand, and every form it takes."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from clinic_claims.db import transaction
from clinic_claims.domain.papers import harmless
from clinic_claims.services import denials, report_files, reports, table_exports
from clinic_claims.services.deeds import Refused
from clinic_claims.services.reports import Filters

FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def denied(submitted, approval, deed):
    """Three denials of the claim: 412.00 + 240.00 in October, of which 100.00 came back, and 50.25 in November."""
    rows = [
        (["197"], Decimal("412.00"), date(2026, 10, 5)),
        (["50"], Decimal("240.00"), date(2026, 10, 20)),
        (["50"], Decimal("50.25"), date(2026, 11, 3)),
    ]
    with transaction():
        made = [
            denials.open_denial(
                submitted, deed, group="CO", carcs=carcs, amount=amount, denied_on=day, notice_dated_on=day
            )
            for carcs, amount, day in rows
        ]
        denials.recover(made[1], Decimal("100.00"), deed, source="EFT-1")
    return made


def sums(group):
    return group.denials, group.overturned, str(group.denied), str(group.recovered), str(group.open)


def test_totals_are_those_done_by_hand(denied, deed):
    report = reports.denied(Filters(), deed, ["month"])
    assert sums(report.total) == (3, 1, "702.25", "100.00", "602.25")
    assert {group.values[0]: sums(group) for group in report.groups} == {
        "2026-10": (2, 1, "652.00", "100.00", "552.00"),
        "2026-11": (1, 0, "50.25", "0.00", "50.25"),
    }


@pytest.mark.parametrize("group_by", [[], ["payer"], ["payer", "category", "month"], ["code"], ["approved_before"]])
def test_the_total_is_the_sum_of_the_groups_and_of_the_rows(denied, deed, group_by):
    report = reports.denied(Filters(), deed, group_by)
    rows = list(reports.lines(report))
    for name in ("denied", "recovered", "written_off", "open"):
        total = getattr(report.total, name)
        assert total == sum(getattr(group, name) for group in report.groups)
        assert total == sum(getattr(row, name) for row in rows)
    assert report.total.denials == sum(group.denials for group in report.groups) == len(rows)


def test_both_ends_of_the_days_are_covered(denied, deed):
    report = reports.denied(Filters(since=date(2026, 10, 20), until=date(2026, 11, 3)), deed)
    assert sums(report.total) == (2, 1, "290.25", "100.00", "190.25")


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(), "All denials"),
        (Filters(category="medical_necessity"), "All denials; reason Medical necessity"),
        (Filters(plan_class="erisa_self_funded"), "All denials; plan class Self-funded employer plan (ERISA)"),
        (Filters(until=date(2026, 11, 3), state="appealing", missed=True),
         "Denials to November 3, 2026; state appealing; window missed"),
    ],
)  # fmt: skip
def test_a_report_says_in_words_what_it_covers(book, filters, said):
    assert report_files.covered_in_words(filters, book) == said


@pytest.mark.parametrize(
    ("filters", "group_by", "said"),
    [
        (Filters(), ["whim"], "Cannot group by whim"),
        (Filters(), ["payer", "month", "code", "state"], "at most 3"),
        (Filters(since=date(2026, 2, 1), until=date(2026, 1, 1)), [], "The last day lies before the first day."),
    ],
)
def test_a_report_that_cannot_be_made_says_why(app, deed, filters, group_by, said):
    with pytest.raises(Refused, match=said):
        reports.denied(filters, deed, group_by)


def test_the_chart_by_month_leaves_no_month_out(denied, submitted, deed):
    with transaction():
        denials.open_denial(submitted, deed, group="CO", carcs=["50"], amount=Decimal(80), denied_on=date(2026, 7, 31))
    chart = report_files.chart(reports.denied(Filters(), deed, ["month"]), deed.book)
    told = [(bar.label, bar.shown) for bar in chart.bars]
    assert told == [
        ("Jul 2026", "$80"),
        ("Aug 2026", "$0"),
        ("Sep 2026", "$0"),
        ("Oct 2026", "$652"),
        ("Nov 2026", "$50"),
    ]
    assert not report_files.without_gaps([])


def test_months_are_filled_across_the_turn_of_a_year(denied, submitted, deed):
    with transaction():
        denials.open_denial(submitted, deed, group="CO", carcs=["50"], amount=Decimal(80), denied_on=date(2025, 12, 31))
    filled = report_files.without_gaps(reports.denied(Filters(), deed, ["month"]).groups)
    assert [group.values[0] for group in filled] == ["2025-12", *(f"2026-{month:02d}" for month in range(1, 12))]


def workbook(report, deed):
    return openpyxl.load_workbook(io.BytesIO(written("xlsx", report, deed)))


def written(form, report, deed):
    return b"".join(report_files.FORMS[form](report, deed))


def test_the_workbook_holds_typed_cells_and_the_same_sums(denied, deed):
    book = workbook(reports.denied(Filters(), deed, ["month"]), deed)
    assert book.sheetnames == ["Summary", "Denials", "Definitions"]
    rows = list(book["Summary"].iter_rows(values_only=True))
    assert rows[0][:4] == ("Month", "Denials", "Won", "Denied $")
    assert rows[1] == ("Oct 2026", 2, 1, 652, 100, 0, 0, 552)
    assert rows[3] == ("Total", 3, 1, 702.25, 100, 0, 0, 602.25)
    day, amount = book["Denials"]["A2"], book["Denials"]["U2"]
    assert (day.value.date(), day.number_format) == (date(2026, 11, 3), "yyyy-mm-dd")
    assert (amount.value, amount.number_format) == (50.25, "#,##0.00")


def test_paper_shows_the_first_groups_and_lines_and_the_total_of_all(denied, deed, monkeypatch):
    monkeypatch.setattr(report_files, "MOST_PRINTED", 1)
    report = reports.denied(Filters(), deed, ["month"])
    groups, lines = report_files.printed_paper(report, deed.book).sections
    assert groups.text == "The first 1 of 2; the workbook holds all."
    assert (len(groups.table.rows), groups.table.total[1]) == (1, 3)
    assert (lines.text, len(lines.table.rows)) == ("The newest 1 of 3; the workbook holds all.", 1)


def test_the_workbook_defines_each_sum_it_shows(app, deed):
    book = workbook(reports.denied(Filters(), deed, ["payer"]), deed)
    defined = {row[0] for row in book["Definitions"].iter_rows(values_only=True)}
    shown = {cell.value for cell in book["Summary"][1]}
    assert shown - {"Payer"} <= defined


@pytest.mark.parametrize("mark", "=+-@\t\r\n\0＝＋－＠")
def test_every_mark_that_starts_a_formula_is_made_harmless(mark):
    assert harmless(f"{mark}A1+1") == table_exports._safe(f"{mark}A1+1") == f"'{mark}A1+1"


def test_no_cell_can_start_a_formula(denied, clinic, deed):
    with transaction():
        clinic.patient.last_name = FORMULA
    report = reports.denied(Filters(), deed)
    cell = workbook(report, deed)["Denials"]["D2"]
    assert (cell.data_type, cell.value.startswith("=HYPERLINK"), cell.hyperlink) == ("s", True, None)
    row = next(csv.DictReader(io.StringIO("".join(report_files.to_csv(report)))))
    assert row["patient"].startswith("'=")
    assert row["denied"] == "50.25"


def test_every_cell_of_the_csv_is_as_the_standard_writer_would_write_it(denied, clinic, deed):
    """Names with all that a file must guard against: separators, quotes, breaks, and marks that start a formula."""
    with transaction():
        clinic.patient.last_name, clinic.patient.first_name = '=O"Hara', 'Ann, "Nan"\r\nJr.'
        clinic.plan.name, clinic.plan.payer.name = '@Gold, "Plus"', "Payer\nof two lines"
    report = reports.denied(Filters(), deed)
    out = io.StringIO(newline="")
    rows = [[harmless(value) for value in row] for row in reports.lines(report)]
    csv.writer(out).writerows([reports.Row._fields, *rows])
    assert len(rows) == 3
    assert "".join(report_files.to_csv(report)) == out.getvalue()


def test_money_in_csv_and_json_has_two_decimals_and_days_are_iso(denied, deed):
    report = reports.denied(Filters(), deed)
    document = json.loads("".join(report_files.to_json(report)))
    assert (document["total"]["written_off"], document["rows"][0]["denied_on"]) == ("0.00", "2026-11-03")
    assert next(csv.DictReader(io.StringIO("".join(report_files.to_csv(report)))))["written_off"] == "0.00"


def test_the_table_lines_its_figures_up(denied, deed):
    lines = written("table", reports.denied(Filters(), deed, ["month", "payer"]), deed).decode().splitlines()
    assert lines[0] == "All denials"
    assert lines[2].startswith("Month")
    assert lines[-1].startswith("Total")
    assert lines[-1].split() == ["Total", "3", "1", "702.25", "100.00", "0.00", "0.00", "602.25"]
    assert len({len(line) for line in lines[2:]}) == 1


def test_the_pdf_prints_groups_rows_total_and_definitions(denied, deed):
    pages = pypdf.PdfReader(io.BytesIO(written("pdf", reports.denied(Filters(), deed, ["month"]), deed)))
    text = " ".join(" ".join(page.extract_text() for page in pages.pages).split())
    for words in (
        "Denied claims",
        "All denials. Made on November 20, 2026 by D. Park.",
        "702.25",
        "602.25",
        "DEN-00001",
    ):
        assert words in text
    assert "Dollars still in dispute" in text
    assert "Page 1 of" in text


def test_a_report_of_nothing_says_so(app, deed):
    report = reports.denied(Filters(since=date(2030, 1, 1)), deed)
    text = pypdf.PdfReader(io.BytesIO(written("pdf", report, deed))).pages[0].extract_text()
    assert "No denial in this range." in text
    assert written("table", report, deed).decode().startswith("Denials from January 1, 2030")
