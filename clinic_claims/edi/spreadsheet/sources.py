"""Get the rows out of a file: text in whatever encoding and with whatever separator, or an Excel workbook."""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from itertools import islice
from math import isfinite
from typing import Any

from ..plain import name_of_other_kind
from .cells import FIRST_DAY, FIRST_DAY_1904
from .fields import suggest

SEPARATORS = ",;\t|"
MOST_ROWS, MOST_COLUMNS = 200_000, 500
MOST_UNPACKED, MOST_STRINGS = 300_000_000, 60_000_000  # bytes: of all parts, and of the one that is held in memory
BLANKS = tuple((None,) * 2**power for power in range(8, -1, -1))
LOOKED_AT, LONGEST_HEAD = 15, 100_000
UNSEEN = {  # spaces that do not break, and marks without width: nobody typed them, and no number is found with them
    **dict.fromkeys((0xA0, 0x2007, 0x202F), " "),
    **dict.fromkeys((0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF)),
}


class NoTable(ValueError):
    """The file holds no table we can read; the message says why and what to do."""


@dataclass(frozen=True)
class Sheet:
    """The cells of a table as text, row after row; `separator` is empty for a workbook.

    `counted_from` is the day from which a workbook counts its days; None for text.
    """

    rows: list[list[str]]
    separator: str
    remark: str = ""
    counted_from: date | None = None

    @cached_property
    def header(self) -> int:
        """Where the header stands, counted from 0: of the first rows the one with most names we know."""
        known = [len(suggest(row)) for row in self.rows[:LOOKED_AT]]
        if max(known, default=0) > 1:
            return known.index(max(known))
        return next((at for at, row in enumerate(self.rows) if any(row)), 0)


def sheet_of(data: bytes) -> Sheet:
    """Read a file. Raises `NoTable`."""
    if data.startswith(b"PK\x03\x04"):
        return _workbook(data)
    text = _decoded(data)
    if "\x00" in text or not text.strip():
        raise NoTable(name_of_other_kind(data))
    separator = max(SEPARATORS, key=lambda mark: _fit(text, mark))
    rows = _cut(text, separator)
    return Sheet(_checked(rows), separator)


def _decoded(data: bytes) -> str:
    """Decode UTF-8 or UTF-16, else what Windows writes in the West."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _fit(text: str, separator: str) -> tuple[int, int]:
    """Say how well a separator fits: names known in the best of the first rows, then cells in it."""
    rows = islice(csv.reader(io.StringIO(text[:LONGEST_HEAD], newline=""), delimiter=separator), LOOKED_AT)
    return max(((len(suggest(row)), len(row)) for row in rows), default=(0, 0))


def _cut(text: str, separator: str) -> list[list[str]]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [[cell.translate(UNSEEN).strip() for cell in row] for row in islice(lines, MOST_ROWS + 1)]
    except csv.Error:
        raise NoTable("The table is damaged: a cell is too long, or a quotation mark is never closed.") from None


def _workbook(data: bytes) -> Sheet:
    try:
        from openpyxl import load_workbook  # only those who import workbooks pay for loading it
        from openpyxl.utils.datetime import CALENDAR_MAC_1904
    except ImportError:
        raise NoTable("Excel workbooks cannot be read on this machine; save the sheet as CSV.") from None
    _refuse_bombs(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [(sheet.title, _cells(sheet)) for sheet in book.worksheets]
    except NoTable:
        raise
    except Exception as damage:  # the library raises whatever its parsers raise on a damaged file
        raise NoTable("The Excel workbook is damaged or protected; save the sheet as CSV.") from damage
    filled = [(title, rows) for title, rows in sheets if rows]
    if not filled:
        raise NoTable("The Excel workbook is empty.")
    title, rows = filled[0]
    remark = f"The workbook has {len(filled)} sheets with rows; only the first, “{title}”, was read."
    first_day = FIRST_DAY_1904 if book.epoch == CALENDAR_MAC_1904 else FIRST_DAY
    return Sheet(_checked(rows), "", remark if len(filled) > 1 else "", first_day)


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            strings = sum(entry.file_size for entry in archive.infolist() if "sharedstrings" in entry.filename.lower())
            known = "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise NoTable("The Excel workbook is damaged; save the sheet as CSV.") from None
    if not known:
        raise NoTable(name_of_other_kind(data))
    if unpacked > MOST_UNPACKED or strings > MOST_STRINGS:
        raise NoTable("The Excel workbook is too large; save the sheet as CSV, or split it.")


def _cells(sheet: Any) -> list[list[str]]:
    """Read one sheet as text; blank rows at its end are only formatting."""
    sheet.reset_dimensions()  # some programs write a wrong size, and cells outside it would be lost
    found = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)  # a cell far out would fill its row up to there
    rows = [[_shown(value) for value in _trimmed(row)] for row in islice(found, MOST_ROWS + 1)]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _trimmed(row: tuple[object, ...]) -> tuple[object, ...]:
    """Drop the blank cells at the end of a row, many at a time."""
    for blank in BLANKS:
        while row and row[-len(blank) :] == blank:
            row = row[: -len(blank)]
    return row


def _shown(value: object) -> str:
    """Write a workbook's value as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        return f"{round(value, 6):.6f}".rstrip("0").rstrip(".") if isfinite(value) else "#NUM!"
    return str(value).translate(UNSEEN).strip()


def _checked(rows: list[list[str]]) -> list[list[str]]:
    if len(rows) > MOST_ROWS:
        raise NoTable(f"The table has more than {MOST_ROWS:,} rows; split it, then import the parts.")
    if any(len(row) > MOST_COLUMNS for row in rows):
        raise NoTable(f"The table has more than {MOST_COLUMNS} columns; is it the right file?")
    return rows
