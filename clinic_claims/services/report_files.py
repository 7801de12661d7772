"""The denied-claims report as text for the terminal, CSV, JSON, a workbook and an accessible PDF."""

import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..domain import words
from ..pdf import TEMPLATES
from .deeds import Deed
from .reports import Filters, Group, Report, Row, to_csv, to_json

FOLDER = TEMPLATES / "reports"
SUMS = ("denials", "overturned", "denied", "recovered", "written_off", "open")
MONEY = SUMS[2:]
HEADINGS = {"denied": "Denied $", "recovered": "Recovered $", "written_off": "Written off $", "open": "Open $"}

# What each column means; every workbook and every PDF carries this, so that a figure can be argued about.
DEFINITIONS = {
    "reference": "Our number of the denial. One claim may have several.",
    "denied on": "The day of the payer's decision: the remittance date, or the date on the notice.",
    "claim": "Claim number as billed, or our number of the authorization that was denied.",
    "treatment": "Botulinum toxin or MVD surgery, from the treatment case.",
    "category": "Why it was denied, read from the adjustment and remark codes by the rulebook.",
    "code": "Group and claim adjustment reason codes (CARC) as sent.",
    "remarks": "Remittance advice remark codes (RARC) as sent.",
    "approved before": "Whether an approval was on file when the service was billed.",
    "state": "Where the work on the denial stands today.",
    "denials": "How many denials the row counts.",
    "overturned": "How many of them brought money back, wholly or in part.",
    "denied": "Dollars the payer refused.",
    "recovered": "Dollars won back by correction or appeal.",
    "written off": "Dollars given up for good, signed by two people.",
    "open": "Dollars still in dispute: denied less recovered, written off and moved to the patient.",
}


def title(name: str) -> str:
    """Return a column's heading: `denied_on` is "Denied on"."""
    return HEADINGS.get(name, name.replace("_", " ").capitalize())


def covered(filters: Filters) -> str:
    """Say in words what the report covers."""
    since, until = filters.since, filters.until
    days = f"from {words.day(since)}" if since else ""
    days += f" to {words.day(until)}" if until else ""
    named = (("payer", filters.payer), ("category", filters.category), ("treatment", filters.treatment))
    only = [f"{name} {value}" for name, value in (*named, ("state", filters.state)) if value]
    if filters.approved_before is not None:
        only.append("approved before" if filters.approved_before else "not approved before")
    return "; ".join([f"Denials {days.strip()}" if days else "All denials", *only])


def to_table(report: Report) -> str:
    """Lay groups and total out for a terminal."""
    head = [title(name) for name in (*report.group_by, *SUMS)]
    lines = [head, *(_cells(group) for group in report.groups), _cells(report.total, report.group_by)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = len(report.group_by)
    laid = ["  ".join(_laid(line, widths, texts)).rstrip() for line in lines]
    return "\n".join([covered(report.filters), "", laid[0], "-" * max(map(len, laid)), *laid[1:], ""])


def _laid(line: Sequence[str], widths: Sequence[int], texts: int) -> Iterable[str]:
    for place, (cell, width) in enumerate(zip(line, widths, strict=True)):
        yield cell.ljust(width) if place < texts else cell.rjust(width)


def _cells(group: Group, group_by: Sequence[str] = ()) -> list[str]:
    """Spell a group out; a total, which has no values of its own, says so in the first column."""
    named = [value.replace("_", " ") for value in group.values] or ["Total", *[""] * (len(group_by) - 1)][: len(group_by)]
    sums = [getattr(group, name) for name in SUMS]
    return [*named, *(f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}" for value in sums)]


def to_xlsx(report: Report) -> bytes:
    """Write a workbook: summary, rows and definitions. Dates and money are typed, and text never runs as a formula."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": False, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        styles = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "bold": book.add_format({"bold": True}),
            "bold_money": book.add_format({"bold": True, "num_format": "#,##0.00"}),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        _summary(book, report, styles)
        _sheet(book, "Denials", [field.name for field in fields(Row)], _rows(report.rows), styles)
        _sheet(book, "Definitions", ("column", "meaning"), [(title(k), v) for k, v in DEFINITIONS.items()], styles)
    return out.getvalue()


def _rows(rows: Iterable[Row]) -> Iterable[list[Any]]:
    return ([getattr(row, field.name) for field in fields(Row)] for row in rows)


def _summary(book: Any, report: Report, styles: dict[str, Any]) -> None:
    lines = [[*group.values, *(getattr(group, name) for name in SUMS)] for group in report.groups]
    sheet = _sheet(book, "Summary", (*report.group_by, *SUMS), lines, styles)
    total = ["Total", *[""] * (len(report.group_by) - 1)] if report.group_by else []
    last = [*total, *(getattr(report.total, name) for name in SUMS)]
    for column, value in enumerate(last):
        _write(sheet, len(lines) + 1, column, value, styles, "bold")
    sheet.write_string(len(lines) + 3, 0, covered(report.filters))


def _sheet(book: Any, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], styles: dict[str, Any]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 18)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, title(head), styles["head"])
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _write(sheet, number, column, value, styles)
    return sheet


def _write(sheet: Any, row: int, column: int, value: Any, styles: dict[str, Any], weight: str = "") -> None:
    """Write a cell by the type of its value; text is written as text, whatever it starts with."""
    match value:
        case Decimal():
            sheet.write_number(row, column, value, styles["bold_money" if weight else "money"])
        case int():
            sheet.write_number(row, column, value, styles.get(weight))
        case date():
            sheet.write_datetime(row, column, value, styles["day"])
        case _:
            sheet.write_string(row, column, str(value), styles.get(weight))


def to_pdf(report: Report, deed: Deed) -> bytes:
    """Print the report with its definitions."""
    from ..press import printed  # WeasyPrint takes half a second to load

    loader = FileSystemLoader(FOLDER)
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    context = {
        "report": report,
        "covered": covered(report.filters),
        "made": f"{words.day(deed.today)} by {deed.actor}",
        "sums": SUMS,
        "definitions": DEFINITIONS,
        "title": title,
        "cells": _cells,
    }
    return printed(page.get_template("denied.html").render(context), FOLDER / "report.css")


def _json(report: Report) -> bytes:
    return f"{json.dumps(to_json(report), indent=1, ensure_ascii=False)}\n".encode()


FORMS: dict[str, Callable[[Report, Deed], bytes]] = {
    "table": lambda report, deed: to_table(report).encode(),
    "csv": lambda report, deed: to_csv(report).encode(),
    "json": lambda report, deed: _json(report),
    "xlsx": lambda report, deed: to_xlsx(report),
    "pdf": to_pdf,
}
"""Each form of the report, as the bytes of a file."""
