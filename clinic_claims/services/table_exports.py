"""Write out: an imported table in its own shape as of today, and denials and appeals as CSV or JSON."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Load

from ..db import db
from ..domain.lifecycle import words
from ..domain.papers import RUN
from ..edi.spreadsheet import FIELDS, Table, TableRow
from ..edi.spreadsheet.cells import Unreadable, Value, read_cell
from ..models import Appeal, Authorization, Claim, Coverage, Denial, Document, ImportRun, Plan, ServiceLine
from . import documents, spreadsheets
from .deeds import Deed, Refused
from .history import record
from .paper_files import AT_ONCE, csv_parts, json_parts
from .readiness import denials_of, open_balance

MEDIA = {"csv": "text/csv", "json": "application/json"}
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
LOOKS = {
    "money": {"num_format": "#,##0.00"},
    "date": {"num_format": "m/d/yyyy"},
    "birthday": {"num_format": "m/d/yyyy"},
}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def back(run: ImportRun, deed: Deed) -> tuple[str, bytes, str]:
    """Write the table of an import again: name, bytes and media type. Columns we know say what holds today.

    Raises Refused for an import that was no table.
    """
    if run.kind not in ("csv", "xlsx"):
        raise Refused("Only a table can be written back in its own shape.")
    document = db.session.get_one(Document, run.document_id)
    looked = spreadsheets.preview(documents.read(document))
    lines = [list(looked.table.columns), *_updated(looked.table)]
    record(run, "export", deed, sentence=f"{run.file_name} written back with today's state.")
    stem = Path(run.file_name).stem
    if run.kind == "xlsx":
        return f"{stem}-updated.xlsx", _workbook(lines, looked.table), WORKBOOK
    return f"{stem}-updated.csv", _csv(lines, looked.table.separator or ","), MEDIA["csv"]


def _kinds(table: Table) -> list[str]:
    """Say how the cells of each column are read; "" for a column that we do not know."""
    return [FIELDS[table.mapping[column]].kind if column in table.mapping else "" for column in table.columns]


def _updated(table: Table) -> Iterator[list[str]]:
    """Give every row with the cells we know anew, written as the file writes them, and the others as they stood."""
    numbers = {str(row.values.get("claim_number", "")) for row in table.rows}
    claims = {claim.number: claim for claim in db.session.scalars(select(Claim).where(Claim.number.in_(numbers)))}
    used: dict[str, list[ServiceLine]] = {}
    fields = [table.mapping.get(column, "") for column in table.columns]
    told = [(place, field) for place, field in enumerate(fields) if field in TODAY]
    slashed = {place for place, _ in told if any("/" in "".join(row.cells[place : place + 1]) for row in table.rows)}
    for row in table.rows:
        claim = claims.get(str(row.values.get("claim_number", "")))
        cells = [*row.cells, *[""] * (len(table.columns) - len(row.cells))][: len(table.columns)]
        if claim is not None:
            line = _line(row, used.setdefault(claim.number, list(claim.lines)))
            for place, field in told:
                value = TODAY[field](claim, line)
                if value != row.values.get(field):
                    cells[place] = _written_as(value, place in slashed)
        yield cells


def _written_as(value: Any, slashed: bool) -> str:
    """Write an amount with cents, and a day as the column writes days."""
    match value:
        case Decimal():
            return f"{value:.2f}"
        case date():
            return f"{value.month}/{value.day}/{value.year}" if slashed else value.isoformat()
        case _:
            return value or ""


def _line(row: TableRow, left: list[ServiceLine]) -> ServiceLine | None:
    found = next((line for line in left if line.code == row.values.get("procedure")), None)
    if found is not None:
        left.remove(found)
    return found


def _denied_on(claim: Claim) -> date | None:
    return next((denial.denied_on for denial in reversed(denials_of(claim))), None)


def _codes(claim: Claim) -> str:
    return "; ".join(denial.codes.replace(" · ", ", ") for denial in denials_of(claim))


# What a column says today, by the field it holds.
TODAY: dict[str, Callable[[Claim, ServiceLine | None], Any]] = {
    "status": lambda claim, line: words(claim.state),
    "paid": lambda claim, line: line.paid if line else claim.paid,
    "balance": lambda claim, line: open_balance(claim),
    "patient_responsibility": lambda claim, line: claim.patient_owes,
    "payer_control_number": lambda claim, line: claim.payer_control_number,
    "authorization": lambda claim, line: claim.authorization and claim.authorization.number,
    "billed_on": lambda claim, line: claim.submitted_on,
    "denied_on": lambda claim, line: _denied_on(claim),
    "denial_codes": lambda claim, line: _codes(claim),
}


def _workbook(lines: Iterable[Sequence[str]], table: Table) -> bytes:
    """Write a sheet with the columns of a table, whose amounts can be added up and whose days can be sorted."""
    import xlsxwriter  # only those who write workbooks pay for loading it

    out, kinds, counted_from = io.BytesIO(), _kinds(table), table.counted_from
    with xlsxwriter.Workbook(out, AS_TEXT) as book:
        sheet, looks = book.add_worksheet("Claims"), {kind: book.add_format(look) for kind, look in LOOKS.items()}
        for place, cells in enumerate(lines):
            for column, cell in enumerate(cells):
                kind = kinds[column]
                sheet.write(place, column, _value(cell, kind, counted_from) if place else cell, looks.get(kind))
    return out.getvalue()


def _value(cell: str, kind: str, counted_from: date | None) -> Value:
    """Read a cell of a column of numbers or days; what cannot be read stays as it stands."""
    if not cell or kind not in ("money", "number", "date", "birthday"):
        return cell
    try:
        return read_cell(kind, cell, counted_from=counted_from)
    except Unreadable:
        return cell


def _csv(lines: Iterable[Sequence[Any]], separator: str = ",") -> bytes:
    """Write text that no spreadsheet runs as a formula, marked as UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows([[_safe(cell) for cell in cells] for cells in lines])
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: Any) -> str:
    text = str(cell)
    amount = text[:1] == "-" and text[1:].replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(RUN) and not amount else text


def denials(deed: Deed, form: str) -> Iterator[bytes]:
    """Write every denial as CSV or JSON, one a line, in parts."""
    return _written(Denial, _about(Load(Denial)), DENIAL, deed, form)


def appeals(deed: Deed, form: str) -> Iterator[bytes]:
    """Write every appeal as CSV or JSON, one a line, in parts."""
    about = (*_about(Load(Appeal).joinedload(Appeal.denial)), Load(Appeal).selectinload(Appeal.letters))
    return _written(Appeal, about, APPEAL, deed, form)


def _about(denial: Any) -> tuple[Any, ...]:
    """Fetch with each denial what it refuses, and the payer: one look for all."""
    return tuple(
        denial.joinedload(subject).joinedload(coverage).joinedload(Coverage.plan).joinedload(Plan.payer)
        for subject, coverage in (
            (Denial.claim, Claim.coverage),
            (Denial.authorization, Authorization.coverage),
        )
    )


def _signed(appeal: Appeal) -> str | None:
    return next((letter.sha256 for letter in reversed(appeal.letters) if letter.signed_at), None)


Columns = Mapping[str, Callable[[Any], Any]]

DENIAL: Columns = {
    "reference": lambda denial: denial.reference,
    "about": lambda denial: denial.subject.reference,
    "payer": lambda denial: denial.subject.coverage.plan.payer.name,
    "member_id": lambda denial: denial.subject.coverage.member_id,
    "service_from": lambda denial: denial.claim.service_from if denial.claim else None,
    "denied_on": lambda denial: denial.denied_on,
    "group": lambda denial: denial.group,
    "carcs": lambda denial: denial.carcs,
    "rarcs": lambda denial: denial.rarcs,
    "category": lambda denial: denial.category,
    "state": lambda denial: denial.state.value,
    "amount": lambda denial: denial.amount,
    "recovered": lambda denial: denial.recovered,
    "approved_before": lambda denial: denial.approved_before,
}
APPEAL: Columns = {
    "reference": lambda appeal: appeal.reference,
    "denial": lambda appeal: appeal.denial.reference,
    "about": lambda appeal: appeal.denial.subject.reference,
    "level": lambda appeal: appeal.level,
    "state": lambda appeal: appeal.state.value,
    "filed_on": lambda appeal: appeal.filed_on,
    "filed_by": lambda appeal: appeal.filed_by,
    "proof": lambda appeal: appeal.proof,
    "decided_on": lambda appeal: appeal.decided_on,
    "amount": lambda appeal: appeal.denial.amount,
    "recovered": lambda appeal: appeal.denial.recovered,
    "payer": lambda appeal: appeal.denial.subject.coverage.plan.payer.name,
    "name": lambda appeal: appeal.name,
    "signed_letter": _signed,
}


def _written(
    model: type[Denial | Appeal], about: tuple[Any, ...], columns: Columns, deed: Deed, form: str
) -> Iterator[bytes]:
    """Tell the history of the export, and give the records in parts. Raises Refused for a form there is none of."""
    if form not in MEDIA:
        raise Refused(f"There is no {form}: choose csv or json.")
    count = db.session.scalar(select(func.count()).select_from(model))
    record("export", "export", deed, sentence=f"{count} {model.__tablename__}s written out as {form.upper()}.")
    return _parts(select(model).options(*about).order_by(model.id), columns, form)


def _parts(query: Select[Any], columns: Columns, form: str) -> Iterator[bytes]:
    """Read and write by turns: nothing is asked of the database before the first part is wanted."""
    with db.session.execute(query, execution_options={"yield_per": AT_ONCE}) as found:
        rows = ({name: _plain(told(each)) for name, told in columns.items()} for each in found.scalars())
        if form == "json":
            yield from map(str.encode, chain(json_parts(rows), ["\n"]))
        else:
            yield codecs.BOM_UTF8
            lines = ([_cell(value) for value in row.values()] for row in rows)
            yield from map(str.encode, csv_parts(chain([list(columns)], lines)))


def _cell(value: Any) -> str:
    return _safe(" ".join(value) if isinstance(value, list) else "" if value is None else value)


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:.2f}"
        case date():
            return value.isoformat()
        case _:
            return value


WRITERS: dict[str, Callable[[Deed, str], Iterator[bytes]]] = {"denials": denials, "appeals": appeals}
