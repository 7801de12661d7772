"""Long work: letters printed in one go, large files being posted, and how far each is."""

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import pdf
from ..db import transaction
from ..domain import windows
from ..domain.permissions import Permission
from ..models import Letter
from ..services import import_jobs, jobs, letter_batches, letter_bundles, progress
from . import background, sessions
from .paper import as_pdf
from .security import Door, needs, record_access, this_deed

LONGEST_KEY = 12  # digits
SHOWN = (letter_batches.KIND, import_jobs.KIND)  # what people ask for; the work of each day is nobody's
MOST_SHOWN = 400  # jobs looked at for the list
FORMS = {"letters": False, "envelopes": True}  # the file's name, and whether each letter begins on a sheet of its own

blueprint = Blueprint("batches", __name__, url_prefix="/batches")


@blueprint.get("")
@needs(Permission.CLAIM_READ)
def index() -> ResponseReturnValue:
    """List the work that goes on in the background, and what became of it."""
    asked = jobs.newest(SHOWN, MOST_SHOWN)
    found = [list(members) for _, members in groupby(asked, key=lambda job: job.batch or job.key)]
    running = any(job.finished_at is None for batch in found for job in batch)
    if running:
        _keep_going()
    told = {job.id: progress.read(job.id) for batch in found for job in batch if job.state == "running"}
    shown = {"batches": found, "running": running, "told": told, "letters": letter_batches.KIND}
    return render_template("batches/_list.html" if _is_part() else "batches/index.html", **shown)


def _is_part() -> bool:
    return request.headers.get("HX-Request") == "true"


def _keep_going() -> None:
    """Have the work done; the page asks again by itself, which is no sign of a person at the desk."""
    background.wake()
    if _is_part():
        sessions.current().is_a_look = True


@blueprint.get("/new")
@needs(Permission.LETTER_DRAFT)
def new() -> ResponseReturnValue:
    """Show of which records a kind of letter may be printed in one go."""
    kind = request.args.get("kind", "appeal")
    if kind not in letter_batches.BULK:
        abort(404)
    with transaction():
        record_access("view", page="letters in one go")
    shown = {"kinds": letter_batches.BULK, "kind": kind, "found": letter_batches.choices(kind)}
    return render_template("batches/new.html", all="all" in request.args, **shown)


@blueprint.post("")
@needs(Permission.LETTER_DRAFT)
def order() -> ResponseReturnValue:
    """Have the letters of the chosen records printed."""
    kind = request.form.get("kind", "appeal")
    bulk = letter_batches.BULK.get(kind) or abort(404)
    rows = [row.partition("-") for row in request.form.getlist("rows")]
    mine = [key for table, _, key in rows if table == bulk.about.__tablename__ and key.isdecimal()]
    keys = [int(key) for key in mine if len(key) <= LONGEST_KEY]
    found = letter_batches.choices(kind, keys)
    if not found:
        flash("Choose at least one record that waits for this letter.", "info")
        return redirect(url_for(".new", kind=kind))
    with transaction():
        batch = letter_batches.order(found, this_deed(), kind=kind, review="review" in request.form)
    background.wake()
    return redirect(url_for(".show", batch=batch))


@blueprint.get("/<batch>")
@needs(Permission.CLAIM_READ)
def show(batch: str) -> ResponseReturnValue:
    """Show each letter of a batch: printed, or why not."""
    found = letter_batches.contents(batch) or abort(404)
    left = sum(each.job.finished_at is None for each in found)
    if left:
        _keep_going()
    if not _is_part() and not left:
        with transaction():
            record_access("view", page="letters in one go")
    shown = {"batch": batch, "found": found, "left": left, "bulk": letter_batches.BULK[found[0].job.payload["kind"]]}
    return render_template("batches/_letters.html" if _is_part() else "batches/show.html", **shown)


@blueprint.get("/<batch>/<form>.pdf")
@needs(Permission.CLAIM_READ)
def bound(batch: str, form: str) -> ResponseReturnValue:
    """Give every letter of a batch as one file to print, the kept bytes one after the other."""
    if form not in FORMS:
        abort(404)
    letters = _letters(batch)
    with transaction():
        for letter in letters:
            record_access("print", letter, sentence="Letter opened to print.", sha256=letter.sha256)
    return as_pdf(letter_bundles.one_pdf(letters, two_sided=FORMS[form]), f"{form}.pdf")


@blueprint.get("/<batch>/letters.zip")
@needs(Permission.EXPORT)
def zipped(batch: str) -> ResponseReturnValue:
    """Give every letter of a batch as a file of its own, in one archive."""
    letters = _letters(batch)
    with transaction():
        told = {"sentence": f"{len(letters)} letters downloaded.", "letters": [letter.id for letter in letters]}
        record_access("export", page="letters in one go", **told)
    answer = Response(letter_bundles.zipped(letters), content_type="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename="letters.zip")
    return answer


def _letters(batch: str) -> list[Letter]:
    return [each.letter for each in letter_batches.contents(batch) if each.letter] or abort(404)


@blueprint.get("/envelope-test.pdf")
@needs(Door.SIGNED_IN)
def envelope_test() -> ResponseReturnValue:
    """Give a sheet that shows where the windows of an envelope fall, to be held against the clinic's own."""
    from ..press import printed  # WeasyPrint takes half a second to load

    known: dict[str, Any] = {"address": windows.ADDRESS, "sender": windows.SENDER, "fold": windows.PANEL_HEIGHT}
    page = render_template("batches/envelope.html", **known)
    return as_pdf(printed(page, pdf.TEMPLATES / "batches" / "envelope.css"), "envelope-test.pdf")
