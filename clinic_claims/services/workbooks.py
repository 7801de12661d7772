"""A report as a workbook: a sheet for each table with typed cells, and one that defines every word."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from ..domain.papers import Column, Paper, Table

FORMATS = {"money": "#,##0.00", "percent": "0.0%", "day": "yyyy-mm-dd", "count": "#,##0", "days": "0.0"}
LONGEST = 31  # characters that a sheet's name may have
PART = 1 << 16  # bytes


def to_xlsx(paper: Paper) -> Iterator[bytes]:
    """Write the workbook into a file of its own and give it in parts; rows are held one at a time.

    Text is written as text, whatever it starts with: no cell can run as a formula.
    """
    import xlsxwriter  # only those who write workbooks pay for loading it

    options = {"in_memory": False, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, options) as book:
            book.set_properties({"title": paper.title, "comments": paper.about})
            styles = _styles(book)
            for section in paper.sections:
                if section.table:
                    _sheet(book, section.table, paper.about, styles)
            _sheet(book, _definitions(paper), paper.about, styles)
        file.seek(0)
        yield from iter(partial(file.read, PART), b"")


def _styles(book: Any) -> dict[tuple[str, bool], Any]:
    kinds = ("text", "code", *FORMATS)
    made = {
        (kind, bold): book.add_format({"bold": bold, "num_format": FORMATS.get(kind, "@"), "valign": "top"})
        for kind in kinds
        for bold in (False, True)
    }
    return made | {
        ("head", True): book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
    }


def _definitions(paper: Paper) -> Table:
    own = [
        (column.label, column.means)
        for section in paper.sections
        if section.table
        for column in section.table.columns
        if column.means
    ]
    rows = [*dict([*own, *paper.means]).items()]
    return Table(name="Definitions", columns=(Column("Word"), Column("Meaning", "code")), rows=rows)


def _sheet(book: Any, table: Table, about: str, styles: dict[tuple[str, bool], Any]) -> None:
    sheet = book.add_worksheet(table.name[:LONGEST])
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    wide = table.name == "Definitions"
    sheet.set_column(0, max(len(table.columns) - 1, 0), 24 if wide else 18)
    if wide:
        sheet.set_column(1, 1, 110)
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.label, styles["head", True])
    last = _write_rows(sheet, table, styles)
    sheet.write_string(last + 2, 0, about)


def _write_rows(sheet: Any, table: Table, styles: dict[tuple[str, bool], Any]) -> int:
    """Write rows and total; return the last row's number."""
    number = 0
    for number, row in enumerate(table.rows, 1):
        _write(sheet, number, row, table.columns, styles, bold=False)
    if table.total is not None:
        number += 1
        _write(sheet, number, table.total, table.columns, styles, bold=True)
    return number


def _write(
    sheet: Any,
    number: int,
    row: Sequence[Any],
    columns: Iterable[Column],
    styles: dict[tuple[str, bool], Any],
    *,
    bold: bool,
) -> None:
    for place, (value, column) in enumerate(zip(row, columns, strict=True)):
        if value is None or value == "":
            continue
        style = styles[column.kind, bold]
        if column.kind == "day" and isinstance(value, date):
            sheet.write_datetime(number, place, value, style)
        elif column.is_figure and not isinstance(value, str):
            sheet.write_number(number, place, value / 100 if column.kind == "percent" else value, style)
        else:
            sheet.write_string(number, place, str(value), styles["text", bold])
