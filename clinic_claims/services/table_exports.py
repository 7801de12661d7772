"""Write out: an imported table in its own shape as of today, and denials and appeals as CSV or JSON."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.lifecycle import words
from ..edi.spreadsheet import Table, TableRow
from ..models import Appeal, Claim, Denial, Document, ImportRun, ServiceLine
from . import documents, spreadsheets
from .deeds import Deed, Refused
from .history import record
from .readiness import denials_of, open_balance

MEDIA = {"csv": "text/csv", "json": "application/json"}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


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
        return f"{stem}-updated.xlsx", _workbook(lines), WORKBOOK
    return f"{stem}-updated.csv", _csv(lines, looked.table.separator or ","), MEDIA["csv"]


def _updated(table: Table) -> Iterator[list[str]]:
    """Give every row with the cells we know anew and the others as they stood."""
    numbers = {str(row.values.get("claim_number", "")) for row in table.rows}
    claims = {claim.number: claim for claim in db.session.scalars(select(Claim).where(Claim.number.in_(numbers)))}
    used: dict[str, list[ServiceLine]] = {}
    for row in table.rows:
        claim = claims.get(str(row.values.get("claim_number", "")))
        cells = [*row.cells, *[""] * (len(table.columns) - len(row.cells))][: len(table.columns)]
        if claim is not None:
            line = _line(row, used.setdefault(claim.number, list(claim.lines)))
            for place, column in enumerate(table.columns):
                said = TODAY.get(table.mapping.get(column, ""))
                if said is not None:
                    cells[place] = said(claim, line)
        yield cells


def _line(row: TableRow, left: list[ServiceLine]) -> ServiceLine | None:
    found = next((line for line in left if line.code == row.values.get("procedure")), None)
    if found is not None:
        left.remove(found)
    return found


def _paid(claim: Claim, line: ServiceLine | None) -> str:
    return f"{line.paid if line else claim.paid:.2f}"


def _denied_on(claim: Claim, line: ServiceLine | None) -> str:
    return next((f"{denial.denied_on}" for denial in reversed(denials_of(claim))), "")


def _codes(claim: Claim, line: ServiceLine | None) -> str:
    return "; ".join(denial.codes.replace(" · ", ", ") for denial in denials_of(claim))


# What a column says today, by the field it holds.
TODAY: dict[str, Callable[[Claim, ServiceLine | None], str]] = {
    "status": lambda claim, line: words(claim.state),
    "paid": _paid,
    "balance": lambda claim, line: f"{open_balance(claim):.2f}",
    "patient_responsibility": lambda claim, line: f"{claim.patient_owes:.2f}",
    "payer_control_number": lambda claim, line: claim.payer_control_number or "",
    "authorization": lambda claim, line: (claim.authorization and claim.authorization.number) or "",
    "billed_on": lambda claim, line: f"{claim.submitted_on or ''}",
    "denied_on": _denied_on,
    "denial_codes": _codes,
}


def _workbook(lines: Iterable[Sequence[str]]) -> bytes:
    import xlsxwriter  # only those who write workbooks pay for loading it

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Claims")
        for place, cells in enumerate(lines):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell)
    return out.getvalue()


def _csv(lines: Iterable[Sequence[Any]], separator: str = ",") -> bytes:
    """Write text that no spreadsheet runs as a formula, marked as UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows([[_safe(cell) for cell in cells] for cells in lines])
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: Any) -> str:
    text = str(cell)
    amount = text[:1] == "-" and text[1:].replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(FORMULA) and not amount else text


def denials(deed: Deed, form: str) -> bytes:
    """Write every denial as CSV or JSON, one a line."""
    query = select(Denial).options(joinedload(Denial.claim), joinedload(Denial.authorization)).order_by(Denial.id)
    return _written("denials", [_denial(each) for each in db.session.scalars(query)], deed, form)


def _denial(denial: Denial) -> dict[str, Any]:
    about = denial.subject
    return {
        "reference": denial.reference,
        "about": about.reference,
        "payer": about.coverage.plan.payer.name,
        "member_id": about.coverage.member_id,
        "service_from": denial.claim.service_from if denial.claim else None,
        "denied_on": denial.denied_on,
        "group": denial.group,
        "carcs": denial.carcs,
        "rarcs": denial.rarcs,
        "category": denial.category,
        "state": denial.state.value,
        "amount": denial.amount,
        "recovered": denial.recovered,
        "approved_before": denial.approved_before,
    }


def appeals(deed: Deed, form: str) -> bytes:
    """Write every appeal as CSV or JSON, one a line."""
    query = select(Appeal).options(joinedload(Appeal.denial)).order_by(Appeal.id)
    return _written("appeals", [_appeal(each) for each in db.session.scalars(query)], deed, form)


def _appeal(appeal: Appeal) -> dict[str, Any]:
    return {
        "reference": appeal.reference,
        "denial": appeal.denial.reference,
        "about": appeal.denial.subject.reference,
        "level": appeal.level,
        "state": appeal.state.value,
        "filed_on": appeal.filed_on,
        "filed_by": appeal.filed_by,
        "proof": appeal.proof,
        "decided_on": appeal.decided_on,
        "amount": appeal.denial.amount,
        "recovered": appeal.denial.recovered,
    }


def _written(what: str, rows: list[dict[str, Any]], deed: Deed, form: str) -> bytes:
    """Put records into a file. Raises Refused for a form there is none of."""
    if form not in MEDIA:
        raise Refused(f"There is no {form}: choose csv or json.")
    record("export", "export", deed, sentence=f"{len(rows)} {what} written out as {form.upper()}.")
    plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
    if form == "json":
        return f"{json.dumps(plain, indent=1, ensure_ascii=False)}\n".encode()
    lines = [
        [" ".join(cell) if isinstance(cell, list) else ("" if cell is None else cell) for cell in row.values()]
        for row in plain
    ]
    heads = [list(plain[0])] if plain else []
    return _csv([*heads, *lines])


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:.2f}"
        case date():
            return value.isoformat()
        case _:
            return value


WRITERS: dict[str, Callable[[Deed, str], bytes]] = {"denials": denials, "appeals": appeals}
