"""Write out: an imported table in its own shape as of today, and denials and appeals as CSV or JSON."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Load

from ..db import db
from ..domain.lifecycle import words
from ..edi.spreadsheet import Table, TableRow
from ..models import Appeal, Authorization, Claim, Coverage, Denial, Document, ImportRun, Plan, ServiceLine
from . import documents, spreadsheets
from .deeds import Deed, Refused
from .history import record
from .paper_files import AT_ONCE, csv_parts, json_parts
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


def denials(deed: Deed, form: str) -> Iterator[bytes]:
    """Write every denial as CSV or JSON, one a line, in parts."""
    return _written(Denial, _about(Load(Denial)), _denial, deed, form)


def _about(denial: Any) -> tuple[Any, ...]:
    """Fetch with each denial what it refuses, and the payer: one look for all."""
    return tuple(
        denial.joinedload(subject).joinedload(coverage).joinedload(Coverage.plan).joinedload(Plan.payer)
        for subject, coverage in (
            (Denial.claim, Claim.coverage),
            (Denial.authorization, Authorization.coverage),
        )
    )


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


def appeals(deed: Deed, form: str) -> Iterator[bytes]:
    """Write every appeal as CSV or JSON, one a line, in parts."""
    return _written(Appeal, _about(Load(Appeal).joinedload(Appeal.denial)), _appeal, deed, form)


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


def _written(
    model: type[Denial | Appeal], about: tuple[Any, ...], read: Callable[[Any], dict[str, Any]], deed: Deed, form: str
) -> Iterator[bytes]:
    """Tell the history of the export, and give the records in parts. Raises Refused for a form there is none of."""
    if form not in MEDIA:
        raise Refused(f"There is no {form}: choose csv or json.")
    count = db.session.scalar(select(func.count()).select_from(model))
    record("export", "export", deed, sentence=f"{count} {model.__tablename__}s written out as {form.upper()}.")
    return _parts(select(model).options(*about).order_by(model.id), read, form)


def _parts(query: Select[Any], read: Callable[[Any], dict[str, Any]], form: str) -> Iterator[bytes]:
    """Read and write by turns: nothing is asked of the database before the first part is wanted."""
    with db.session.execute(query, execution_options={"yield_per": AT_ONCE}) as found:
        rows = ({name: _plain(value) for name, value in read(each).items()} for each in found.scalars())
        if form == "json":
            yield from map(str.encode, chain(json_parts(rows), ["\n"]))
        else:
            yield codecs.BOM_UTF8
            yield from map(str.encode, csv_parts(_lines(rows)))


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[list[str]]:
    """Give heads and cells of a spreadsheet."""
    for number, row in enumerate(rows):
        if number == 0:
            yield list(row)
        yield [
            _safe(" ".join(cell) if isinstance(cell, list) else "" if cell is None else cell) for cell in row.values()
        ]


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:.2f}"
        case date():
            return value.isoformat()
        case _:
            return value


WRITERS: dict[str, Callable[[Deed, str], Iterator[bytes]]] = {"denials": denials, "appeals": appeals}
