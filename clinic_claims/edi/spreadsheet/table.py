"""Read a spreadsheet of claims: which column is what, every cell as what it should be, and what is wrong where."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from .cells import Unreadable, Value, read_cell
from .fields import FIELDS, suggest
from .sources import NoTable, Sheet, sheet_of

MOST_FAULTS = 500
TOTAL = re.compile(r"(grand |sub)?\s?totals?\b", re.I)
WHOSE = ("claim_number", "patient_last", "patient_first", "birth_date", "mrn", "member_id")
SAID_ONCE = ("payer", "payer_id", "date_of_service")  # beside those, of a claim with several lines
QUOTED = re.compile(r'="(.*)"|\'([=+\-@].*)', re.S)  # text that was kept from turning into a number or a formula


@dataclass(frozen=True, slots=True)
class CellFault:
    """One thing wrong with a table: rows are numbered as a spreadsheet shows them, None where none is at fault."""

    row: int | None
    column: str
    message: str

    def __str__(self) -> str:
        row = f"row {self.row}" if self.row else ""
        column = f"column {self.column}" if self.column else ""
        place = ", ".join(part for part in (row, column) if part)
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its number, its cells as they stand, and by field what they mean.

    `values` holds only fields with something in them: money and numbers as `Decimal`, dates as `date`, modifiers,
    diagnoses, denial and remark codes as tuples, all else as text.
    """

    number: int
    cells: tuple[str, ...]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """All that a spreadsheet says. `mapping` is from column to field; `separator` is empty for a workbook.

    `counted_from` is the day from which a workbook counts its days; None for text.
    """

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    faults: tuple[CellFault, ...]
    warnings: tuple[CellFault, ...]
    mapping: Mapping[str, str]
    separator: str
    counted_from: date | None = None


def read_table(data: bytes, mapping: Mapping[str, str] | None = None) -> Table:
    """Read CSV or Excel. Never raises, whatever the bytes: all that is wrong comes back as faults, with places.

    `mapping` is from column to field, as someone settled it; without one the columns are told by their names.
    A row with a faulty cell is there all the same, without that cell's value.
    """
    try:
        sheet = sheet_of(data)
    except NoTable as refusal:
        return Table((), (), (CellFault(None, "", str(refusal)),), (), {}, "")
    columns = _columns(sheet)
    wanted = suggest(columns) if mapping is None else mapping
    known = {column: field for column, field in wanted.items() if column in columns and field in FIELDS}
    faults, warnings = list(_misfits(columns, wanted)), list(_remarks(sheet))
    rows: list[TableRow] = []
    for number, cells in _body(sheet):
        if TOTAL.match(next(filter(None, cells))):
            warnings.append(CellFault(number, "", "looks like a total and was left out"))
        else:
            row = _row(number, cells, columns, known, faults, sheet.counted_from)
            rows.append(_continued(row, rows[-1]) if rows else row)
    found = tuple(rows), _capped(faults), _capped(warnings)
    return Table(columns, *found, known, sheet.separator, sheet.counted_from)


def _columns(sheet: Sheet) -> tuple[str, ...]:
    """Name the columns by the header; those without a name, or with one taken already, by their place."""
    header = sheet.rows[sheet.header] if sheet.rows else []
    width = max((_extent(row) for row in sheet.rows[sheet.header :]), default=0)
    counts: Counter[str] = Counter()
    names: list[str] = []
    for place, given in enumerate([*header, *[""] * width][:width], start=1):
        name = " ".join(given.split()) or f"Column {place}"
        counts[name] += 1
        names.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return tuple(names)


def _extent(row: list[str]) -> int:
    """Count the cells of a row up to the last that is not blank."""
    return max((place for place, cell in enumerate(row, start=1) if cell), default=0)


def _misfits(columns: tuple[str, ...], mapping: Mapping[str, str]) -> Iterator[CellFault]:
    fields = Counter(mapping.values())
    for column, field in mapping.items():
        if column not in columns:
            yield CellFault(None, column, "this column is not in the file; settle the columns anew")
        if field not in FIELDS:
            yield CellFault(None, column, f"there is no field “{field}” to read it as")
        if fields[field] > 1:
            yield CellFault(None, column, f"two columns cannot both be {field}")
    if not mapping:
        yield CellFault(None, "", "None of the columns is known by its name; say what each column holds.")


def _remarks(sheet: Sheet) -> Iterator[CellFault]:
    if sheet.remark:
        yield CellFault(None, "", sheet.remark)
    if sheet.header:
        yield CellFault(sheet.header + 1, "", "taken for the header; what stands above it was left out")


def _body(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header that are not blank, with their numbers."""
    for number, cells in enumerate(sheet.rows[sheet.header + 1 :], start=sheet.header + 2):
        if any(cells):
            yield number, cells


def _row(
    number: int,
    cells: list[str],
    columns: tuple[str, ...],
    mapping: Mapping[str, str],
    faults: list[CellFault],
    counted_from: date | None,
) -> TableRow:
    values: dict[str, Value] = {}
    for column, cell in zip(columns, cells, strict=False):
        text, field = _bare(cell), mapping.get(column, "")
        if not text or not field:
            continue
        try:
            values[field] = read_cell(FIELDS[field].kind, text, counted_from=counted_from)
        except Unreadable as refusal:
            faults.append(CellFault(number, column, str(refusal)))
    return TableRow(number, tuple(cells), _spread(values))


def _continued(row: TableRow, above: TableRow) -> TableRow:
    """Read a further line of the claim right above: whose it is stands there alone, in merged cells or once.

    A row that names anybody, or nothing that was done, is none.
    """
    if row.number != above.number + 1 or "procedure" not in row.values or any(name in row.values for name in WHOSE):
        return row
    told = {name: above.values[name] for name in (*WHOSE, *SAID_ONCE) if name in above.values}
    return replace(row, values=told | dict(row.values))


def _bare(cell: str) -> str:
    """Free a cell of what only keeps a spreadsheet from misreading it: ="00123" and an apostrophe in front."""
    match = QUOTED.fullmatch(cell)
    return (match[1] or match[2] or "").strip() if match else cell


def _spread(values: dict[str, Value]) -> dict[str, Value]:
    """Split what one cell says of two fields; a column of its own goes before."""
    if name := values.pop("patient_name", None):
        last, first = name if isinstance(name, tuple) else ("", "")
        values = {"patient_last": last, "patient_first": first} | values
    if "denial_codes" not in values and (reason := values.get("denial_reason")):
        with suppress(Unreadable):  # most reasons are words, some are codes
            values["denial_codes"] = read_cell("denials", str(reason))
    procedure = values.get("procedure")
    if isinstance(procedure, tuple):
        values["procedure"] = procedure[0]
        if procedure[1:]:
            values.setdefault("modifiers", procedure[1:])
    return values


def _capped(faults: list[CellFault]) -> tuple[CellFault, ...]:
    rest = len(faults) - MOST_FAULTS
    return tuple(faults) if rest <= 0 else (*faults[:MOST_FAULTS], CellFault(None, "", f"and {rest:,} more"))
