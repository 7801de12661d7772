"""The rows of a spreadsheet as claims: which rows belong together, what is missing, and what they say was paid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ..edi.spreadsheet import CellFault, Table, TableRow
from .billed import dotted
from .claims import Line
from .incoming import Incoming

ZERO = Decimal(0)
NEEDED = {  # what every row must say
    "claim_number": "a claim number",
    "date_of_service": "a date of service",
    "procedure": "a procedure code",
    "charge": "a charge",
}
TELLING = ("member_id", "mrn", "birth_date")
PATIENT = "a member ID, a record number or a birth date to tell the patient by"
PLACE_OF_OFFICE = "11"


@dataclass(frozen=True)
class Said:
    """What a row says became of its line: dollars paid, the patient's share, codes, and the day of the denial."""

    paid: Decimal
    patient: Decimal | None
    codes: tuple[tuple[str, str], ...]  # group and CARC
    rarcs: tuple[str, ...]
    denied_on: date | None

    @property
    def is_answer(self) -> bool:
        """Whether the payer has answered at all, as far as the row says."""
        return bool(self.paid or self.codes or self.patient)


@dataclass
class TableClaim:
    """The rows of one claim: as a file tells of a claim, and what each row says became of its line."""

    told: Incoming
    rows: list[int]
    said: list[Said] = field(default_factory=list)


def claims_of(table: Table) -> tuple[list[TableClaim], list[CellFault]]:
    """Put rows of one claim number together; also give a fault for each row that cannot be a service line."""
    faults = list(_unheld(table))
    if faults or not table.mapping:
        return [], faults
    groups: dict[str, list[TableRow]] = {}
    bad = {fault.row for fault in table.faults if fault.row}
    for row in _once(table.rows, faults):
        found = [*_missing(row, table), *_impossible(row, table)]
        if found or row.number in bad:
            faults += found
            bad.add(row.number)
        else:
            groups.setdefault(str(row.values["claim_number"]), []).append(row)
    whole = {number: rows for number, rows in groups.items() if not _has_bad_row(number, table, bad)}
    return [_claim(number, rows) for number, rows in whole.items()], faults


def _unheld(table: Table) -> Iterator[CellFault]:
    """Say once for the whole table what none of its columns holds."""
    held = set(table.mapping.values())
    if not held:
        return  # which the table says itself
    if not table.rows:
        yield CellFault(None, "", "The table has no rows below the names of its columns.")
    wanted = [said for name, said in NEEDED.items() if name not in held]
    wanted += [PATIENT] if held.isdisjoint(TELLING) else []
    for said in wanted:
        yield CellFault(None, "", f"No column holds {said}; say what each column holds.")


def _has_bad_row(number: str, table: Table, bad: set[int]) -> bool:
    """A claim with one bad row would be entered with a line too few: leave it out whole."""
    return any(row.number in bad and row.values.get("claim_number") == number for row in table.rows)


def _once(rows: Sequence[TableRow], faults: list[CellFault]) -> Iterator[TableRow]:
    """Leave out what stands in the table twice, cell by cell."""
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        if (first := seen.setdefault((row.values.get("claim_number"), *row.cells), row.number)) != row.number:
            faults.append(CellFault(row.number, "", f"is the same as row {first}"))
        else:
            yield row


def _missing(row: TableRow, table: Table) -> Iterator[CellFault]:
    columns = {name: column for column, name in table.mapping.items()}
    for name, said in NEEDED.items():
        if name in columns and name not in row.values and not _is_faulty(row, columns[name], table):
            yield CellFault(row.number, columns[name], f"needs {said}")
    if not any(name in row.values for name in TELLING) and any(name in columns for name in TELLING):
        yield CellFault(row.number, "", f"needs {PATIENT}")


def _impossible(row: TableRow, table: Table) -> Iterator[CellFault]:
    """Say what cannot be, though each cell by itself can be read."""
    columns, told = {name: column for column, name in table.mapping.items()}, row.values
    first, last = told.get("date_of_service"), told.get("date_of_service_to")
    if isinstance(charge := told.get("charge"), Decimal) and charge < 0:
        yield CellFault(row.number, columns["charge"], "is below zero: what was taken back is no claim")
    if isinstance(units := told.get("units"), Decimal) and units <= 0:
        yield CellFault(row.number, columns["units"], "should be 1 or more")
    if not isinstance(first, date):
        return
    if isinstance(last, date) and last < first:
        yield CellFault(row.number, columns["date_of_service_to"], "lies before the service began")
    for name, said in (("birth_date", "lies after the service"), ("denied_on", "lies before the service")):
        day = told.get(name)
        if isinstance(day, date) and (day > first if name == "birth_date" else day < first):
            yield CellFault(row.number, columns.get(name, ""), said)


def _is_faulty(row: TableRow, column: str, table: Table) -> bool:
    return any(fault.row == row.number and fault.column == column for fault in table.faults)


def _claim(number: str, rows: Sequence[TableRow]) -> TableClaim:
    first = _merged(rows)
    days = [row.values["date_of_service"] for row in rows]
    ends = [row.values.get("date_of_service_to", row.values["date_of_service"]) for row in rows]
    told = Incoming(
        place=rows[0].number,
        number=number,
        **{ours: first[theirs] for ours, theirs in TEXTS.items() if theirs in first},
        born_on=first.get("birth_date"),
        provider_npis=(first.get("rendering_npi", ""),),
        place_of_service=first.get("place_of_service", PLACE_OF_OFFICE),
        lines=tuple(_line(row.values, first) for row in rows),
        service_from=min(days),  # pyright: ignore[reportArgumentType] (the column is read as dates)
        service_to=max(ends),  # pyright: ignore[reportArgumentType]
        submitted_on=first.get("billed_on"),
    )
    return TableClaim(told, [row.number for row in rows], [_said(row.values) for row in rows])


TEXTS = {
    "last": "patient_last",
    "first": "patient_first",
    "member_id": "member_id",
    "sex": "sex",
    "mrn": "mrn",
    "payer": "payer",
    "payer_id": "payer_id",
    "provider_name": "rendering_name",
    "authorization": "authorization",
}


def _merged(rows: Sequence[TableRow]) -> dict[str, Any]:
    """Take each field from the first row that says it."""
    found: dict[str, Any] = {}
    for row in rows:
        found = dict(row.values) | found
    return found


def _line(values: Any, first: dict[str, Any]) -> Line:
    diagnoses = [dotted(code) for code in values.get("diagnoses") or first.get("diagnoses") or ("",)]
    units = Decimal(values.get("units") or 1).to_integral_value(ROUND_CEILING)
    return Line(
        code=values["procedure"],
        modifiers=list(values.get("modifiers", ())),
        diagnosis=diagnoses[0],
        further_diagnoses=diagnoses[1:],
        units=max(int(units), 1),
        ndc=values.get("ndc"),
        charged=values["charge"],
    )


def _said(values: Any) -> Said:
    codes = [each for name in ("denial_codes", "remark_codes") for each in values.get(name, ())]
    remarks = tuple(code for code in codes if is_remark(code))
    carcs = tuple((group, carc) for group, _, carc in (_parted(c) for c in codes if not is_remark(c)))
    paid = values.get("paid") or ZERO
    return Said(
        paid, values.get("patient_responsibility"), carcs, remarks, values.get("denied_on") or values.get("paid_on")
    )


def _parted(code: str) -> tuple[str, str, str]:
    """Part "CO-197" into group and code; a bare code has no group."""
    return code.partition("-") if "-" in code else ("", "", code)


def is_remark(code: str) -> bool:
    """Say whether a code is a remark (RARC): M, MA or N and a number."""
    return code[:1] in ("M", "N") and "-" not in code
