"""Import: drop files, see what became of each, and find the claim of every payment that matched none."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.datastructures import FileStorage

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Adjustment, Claim, ClaimPayment, Denial, Document, Event, Job, Remittance
from ..services import arrivals, import_jobs, import_runs, intake, jobs, matching, progress, takebacks, traces
from ..services.deeds import Refused
from ..services.unmatched import WAITS
from . import background, sessions, waiting_tables
from .records import seen
from .security import needs, this_deed

PER_PAGE = 50
ZERO = Decimal(0)
AT_ONCE = 20  # payments on a page, each with its likely claims
RUNS = 10  # files on a page
LONGEST_NAME = 120  # characters of a file name that are kept

blueprint = Blueprint("imports", __name__, url_prefix="/imports")


@blueprint.url_value_preprocessor
def _allow_large_files(*_: Any) -> None:
    request.max_content_length = intake.LARGEST


@blueprint.get("")
@needs(Permission.REMITTANCE_POST)
def index() -> ResponseReturnValue:
    """Show where to drop files, what waits for a claim, and what came before."""
    before = request.args.get("before", type=int)
    query = select(Remittance).order_by(Remittance.id.desc()).limit(PER_PAGE + 1)
    found = db.session.scalars(query.where(Remittance.id < before) if before else query).all()
    shown, older = found[:PER_PAGE], found[PER_PAGE - 1].id if len(found) > PER_PAGE else None
    runs = import_runs.newest(RUNS + 1, request.args.get("files", type=int))
    known: dict[str, Any] = {
        "remittances": shown,
        "counts": _counts(shown),
        "older": older,
        "waiting": matching.count(),
        "running": jobs.unfinished(import_jobs.KIND),
        "refused": import_jobs.refused_lately(this_deed()),
        "runs": runs[:RUNS],
        "older_file": runs[RUNS - 1].id if len(runs) > RUNS else None,
        "kinds": intake.KINDS,
    }
    return render_template("imports/index.html", **known)


def _counts(remittances: Any) -> dict[int, tuple[int, int]]:
    """Count claims, and those that wait for none of ours, by remittance."""
    query = select(ClaimPayment.remittance_id, func.count(), func.count().filter(~WAITS))
    query = query.where(ClaimPayment.remittance_id.in_([row.id for row in remittances]))
    return {key: (whole, ours) for key, whole, ours in db.session.execute(query.group_by(ClaimPayment.remittance_id))}


@blueprint.post("")
@needs(Permission.REMITTANCE_POST)
def take_in() -> ResponseReturnValue:
    """Take in every file, each in its own transaction; a large one in the background, a table after a look at it."""
    files = [file for file in request.files.getlist("files") if file.filename]
    if not files:
        flash("Choose at least one file.", "error")
        return redirect(url_for(".index"))
    done: dict[str, Any] = {"file": [], "job": [], "table": []}
    for file in files:
        kind, number = _take_in(file)
        done[kind].append(number)
    if len(files) == 1 and done["table"]:
        return redirect(url_for("tables.look", digest=done["table"][0]))
    background.wake()
    return redirect(url_for(".results", **done))


def _name(file: FileStorage) -> str:
    return Path(file.filename or "").name[-LONGEST_NAME:]


def _take_in(file: FileStorage) -> tuple[str, int | str]:
    """Post one file, or ask for it to be posted, or keep a table to be looked at.

    Returns its line of history, its job, or what it is kept under.
    """
    if digest := waiting_tables.keep(file, _name(file)):
        return "table", digest
    name, data, deed, accepted = _name(file), file.read(), this_deed(), request.form.get("accepted", "")
    if import_jobs.is_large(data):
        with transaction():
            return "job", import_jobs.order(name, data, deed, accepted=accepted).id
    try:
        with transaction():
            return "file", import_jobs.post_now(name, data, deed, accepted=accepted)
    except Refused as refused:
        with transaction():
            return "file", import_jobs.note(import_jobs.refused(name, refused.reasons), deed)


@blueprint.get("/results")
@needs(Permission.REMITTANCE_POST)
def results() -> ResponseReturnValue:
    """Show what became of each file, and how far those are that are still being posted; a part when that is asked."""
    found, waiting, tables = list(_answers()), list(_waiting()), list(_tables())
    if not (found or waiting or tables):
        return redirect(url_for(".index"))
    if waiting:
        background.wake()
        sessions.current().is_a_look = True  # the page asks again by itself: that is no sign of a person
    part = request.headers.get("HX-Request") == "true"
    told = {"kinds": intake.KINDS, "nameless": arrivals.NAMELESS, "counted": arrivals.counted}
    shown = {"answers": found, "waiting": waiting, "tables": tables, **told}
    return render_template("imports/_results.html" if part else "imports/results.html", **shown)


def _jobs() -> list[Job]:
    wanted = request.args.getlist("job", type=int)
    return list(
        db.session.scalars(select(Job).where(Job.id.in_(wanted), Job.kind == import_jobs.KIND).order_by(Job.id))
    )


def _answers() -> Iterator[dict[str, Any]]:
    """Give what is known of each file that came to its end."""
    ended = [job for job in _jobs() if job.finished_at]
    wanted = [*request.args.getlist("file", type=int), *(job.result["event"] for job in ended if job.result)]
    events = select(Event).where(Event.id.in_(wanted), Event.action == import_jobs.NOTED).order_by(Event.id)
    yield from (event.data for event in db.session.scalars(events))
    for job in ended:
        if not job.result:
            yield import_jobs.refused(job.payload["name"], job.error.splitlines()).to_history()


def _waiting() -> Iterator[dict[str, Any]]:
    """Give each file that is not posted yet, with how far it is."""
    for job in _jobs():
        if not job.finished_at:
            yield {"job": job, "told": progress.read(job.id)}


def _tables() -> Iterator[tuple[str, str]]:
    """Give each table that still waits to be looked at, with its name."""
    asked = filter(waiting_tables.waits, request.args.getlist("table"))
    yield from ((digest, waiting_tables.name_of(digest)) for digest in asked)


@blueprint.get("/remittances/<int:remittance_id>")
@needs(Permission.CLAIM_READ)
def remittance(remittance_id: int) -> ResponseReturnValue:
    """Show one check or transfer: each claim it pays or denies, money outside any claim, and the file's own words."""
    row, deed = seen(Remittance, remittance_id), this_deed()
    document, segment = db.session.get(Document, row.document_id), request.args.get("segment", type=int)
    payments, older = _payments_of(row)
    denials = select(Denial).where(Denial.claim_payment_id.in_([each.id for each in payments])).order_by(Denial.id)
    outside = db.session.scalars(select(Adjustment).where(Adjustment.remittance_id == row.id)).all()
    named = [payment.claim_id for payment in payments] + [entry.claim_id for entry in outside]
    claims = db.session.scalars(select(Claim).where(Claim.id.in_([key for key in named if key])))
    shown = {
        "remittance": row,
        "payments": payments,
        "more": older,
        "document": document,
        "claims": {claim.id: claim for claim in claims},
        "totals": _totals(row),
        "denials": list(db.session.scalars(denials)),
        "outside": [(entry, takebacks.in_words(entry, deed)) for entry in outside],
        "segment": segment,
        "segments": traces.around(document, segment) if document and segment and not row.typed else [],
    }
    return render_template("imports/remittance.html", **shown)


def _payments_of(row: Remittance) -> tuple[Sequence[ClaimPayment], int | None]:
    """Return a page of the claims of a remittance in the order of the file, and where the next page begins."""
    after = request.args.get("after", type=int) or 0
    query = select(ClaimPayment).where(ClaimPayment.remittance_id == row.id, ClaimPayment.segment > after)
    pairs = (joinedload(ClaimPayment.reverses), joinedload(ClaimPayment.corrects))
    query = query.options(selectinload(ClaimPayment.adjustments), *pairs)
    found = db.session.scalars(query.order_by(ClaimPayment.segment).limit(PER_PAGE + 1)).all()
    return found[:PER_PAGE], found[PER_PAGE - 1].segment if len(found) > PER_PAGE else None


def _totals(row: Remittance) -> dict[str, Any]:
    sums = (func.count(), func.sum(ClaimPayment.charged), func.sum(ClaimPayment.paid))
    count, charged, paid = db.session.execute(select(*sums).where(ClaimPayment.remittance_id == row.id)).one()
    return {"count": count, "charged": charged or ZERO, "paid": paid or ZERO}
