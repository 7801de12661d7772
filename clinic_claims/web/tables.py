"""Spreadsheets: settle the columns, look before taking in; imports with what they made, undone or written back."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from ..db import db, transaction
from ..domain.permissions import Permission
from ..edi.spreadsheet import TableRow
from ..models import ClaimPayment, Document, ImportRun, Remittance
from ..services import arrivals, import_jobs, import_runs, intake, rejected_batches, spreadsheets, table_exports
from ..services.deeds import Refused
from ..services.unmatched import WAITS
from . import background, waiting_tables
from .imports import LONGEST_NAME
from .paper import as_file
from .records import seen
from .security import needs, record_access, this_deed

MOST_ROWS, MOST_FAULTS, MOST_CLAIMS = 12, 50, 50

blueprint = Blueprint("tables", __name__, url_prefix="/imports")


@blueprint.get("/tables/<digest>")
@needs(Permission.REMITTANCE_POST)
def look(digest: str) -> ResponseReturnValue:
    """Show how a table would be read: its columns, its first rows, its faults, and what is known already."""
    return _shown(digest, spreadsheets.preview(waiting_tables.read(digest)))


def _shown(digest: str, found: spreadsheets.Preview, reasons: list[str] | None = None, code: int = 200) -> Any:
    with transaction():
        record_access("view", "import", page="table", sha256=digest)
    known: dict[str, Any] = {
        "digest": digest,
        "name": _text("name") or waiting_tables.name_of(digest),
        "found": found,
        "claims": found.claims[:MOST_CLAIMS],
        "unready": spreadsheets.unready(found, this_deed().book, MOST_CLAIMS),
        "fields": spreadsheets.FIELDS,
        "samples": _samples(found),
        "faults": found.faults[:MOST_FAULTS],
        "cells": _cells(found),
        "source": _text("source") or found.mapping_name,
        "reasons": reasons,
    }
    return render_template("imports/table.html", **known), code


def _samples(found: spreadsheets.Preview) -> list[list[str]]:
    """Give for each column what stands in it first, blanks left out."""
    fields = [found.table.mapping.get(column, "") for column in found.table.columns]
    first = found.table.rows[:MOST_ROWS]
    columns = ([_shown_cell(row, place, field) for row in first] for place, field in enumerate(fields))
    return [[cell for cell in dict.fromkeys(column) if cell][:3] for column in columns]


def _shown_cell(row: TableRow, place: int, field: str) -> str:
    """Give a cell as it stands, and beside a day that a workbook keeps as a number the day itself."""
    cell, value = row.cells[place] if place < len(row.cells) else "", row.values.get(field)
    return f"{cell} ({value})" if isinstance(value, date) and cell[:5].isdigit() and len(cell) < 8 else cell


def _cells(found: spreadsheets.Preview) -> dict[tuple[int | None, str], str]:
    """Give what stands in each faulty cell that is listed, by row and column."""
    places = {column: place for place, column in enumerate(found.table.columns)}
    rows = {row.number: row.cells for row in found.table.rows}
    told: dict[tuple[int | None, str], str] = {}
    for fault in found.faults[:MOST_FAULTS]:
        cells, place = rows.get(fault.row or 0, ()), places.get(fault.column, -1)
        told[fault.row, fault.column] = cells[place] if 0 <= place < len(cells) else ""
    return told


def _text(name: str) -> str:
    return request.form.get(name, "").strip()[:LONGEST_NAME]


def _mapping(found: spreadsheets.Preview) -> dict[str, str]:
    chosen = {column: request.form.get(f"column-{place}", "") for place, column in enumerate(found.table.columns)}
    return {column: field for column, field in chosen.items() if field}


@blueprint.post("/tables/<digest>")
@needs(Permission.REMITTANCE_POST)
def take(digest: str) -> ResponseReturnValue:
    """Read the table by the columns chosen; take it in when that was asked for."""
    data = waiting_tables.read(digest)
    mapping = _mapping(spreadsheets.preview(data))
    if request.form.get("deed") != "take":
        return _shown(digest, spreadsheets.preview(data, mapping))
    choices: dict[str, Any] = {
        "mapping": mapping, "source": _text("source"), "leave_out": "leave_out" in request.form
    }  # fmt: skip
    name = _text("name") or "table.csv"
    if import_jobs.is_large(data):
        with transaction():
            job = import_jobs.order(name, data, this_deed(), **choices).id
        background.wake()
        return redirect(url_for("imports.results", job=job))
    with transaction():
        answer = intake.take_in(name, data, this_deed(), **choices)
    if answer.run_id is None:
        told = [fault["message"] for fault in answer.faults]
        return _shown(digest, spreadsheets.preview(data, mapping), told, 422)
    waiting_tables.drop(digest)
    flash(_counted(answer.matched) if answer.matched else "No claim was new.", "success")
    return redirect(url_for(".run", run_id=answer.run_id))


def _counted(claims: int) -> str:
    return f"{claims:,} claims taken in." if claims != 1 else "1 claim taken in."


@blueprint.get("/runs/<int:run_id>")
@needs(Permission.REMITTANCE_POST)
def run(run_id: int) -> ResponseReturnValue:
    """Show one import: what it made or changed, and what was left out."""
    return _run(seen(ImportRun, run_id))


def _run(row: ImportRun, reasons: list[str] | None = None) -> str:
    known = {
        "run": row,
        "records": import_runs.records(row),
        "undoable": import_runs.is_undoable(row),
        "remittances": db.session.scalars(
            select(Remittance).where(Remittance.document_id == row.document_id).order_by(Remittance.id)
        ).all(),
        "unmatched": _unmatched(row),
        "rejected": rejected_batches.of_document(row.document_id),
        "document": db.session.get(Document, row.document_id),
        "kinds": intake.KINDS,
        "of_claims": arrivals.OF_CLAIMS,
        "of_money": arrivals.OF_MONEY,
        "reasons": reasons,
    }
    return render_template("imports/run.html", **known)


def _unmatched(row: ImportRun) -> int:
    """Count the payments of a file that still wait for a claim."""
    of_file = select(Remittance.id).where(Remittance.document_id == row.document_id)
    query = select(func.count()).where(WAITS, ClaimPayment.remittance_id.in_(of_file))
    return db.session.scalar(query) or 0


@blueprint.post("/runs/<int:run_id>/undo")
@needs(Permission.REMITTANCE_POST)
def undo(run_id: int) -> ResponseReturnValue:
    """Take a whole import back while nothing was built on it."""
    row = db.get_or_404(ImportRun, run_id)
    try:
        with transaction():
            count = import_runs.undo(row, this_deed())
    except Refused as refused:
        return _run(db.session.get_one(ImportRun, run_id), refused.reasons), 409
    flash(f"The import was undone: {count:,} records removed.", "success")
    return redirect(url_for(".run", run_id=run_id))


@blueprint.get("/runs/<int:run_id>/table")
@needs(Permission.EXPORT)
def back(run_id: int) -> ResponseReturnValue:
    """Hand the table back in its own shape, with what holds today."""
    row = db.get_or_404(ImportRun, run_id)
    with transaction():
        record_access("export", row)
        name, data, media = table_exports.back(row, this_deed())
    return as_file(data, media, name)


@blueprint.get("/export/<what>.<form>")
@needs(Permission.EXPORT)
def export(what: str, form: str) -> ResponseReturnValue:
    """Hand out every denial or appeal as CSV or JSON."""
    if what not in table_exports.WRITERS or form not in table_exports.MEDIA:
        return render_template("errors/404.html"), 404
    with transaction():
        record_access("export", page=what, format=form)
        parts = table_exports.WRITERS[what](this_deed(), form)
    return _file(f"{what}.{form}", stream_with_context(parts), table_exports.MEDIA[form])


def _file(name: str, data: bytes | Iterator[bytes], media: str) -> Response:
    answer = Response(data, content_type=f"{media}; charset=utf-8" if media.startswith("text/") else media)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
