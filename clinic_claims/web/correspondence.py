"""A new letter about a denial or a request: choose its kind, see what it needs, read its page, print and keep it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ..db import db
from ..domain.permissions import Permission
from ..models import Authorization, Denial
from ..services import composition, correspondence, drafts, particulars
from ..services.drafts import Record
from ..services.fact_letters import printed
from .gap_places import place_of
from .letter_desk import Desk, ParticularsForm, particulars_form
from .letters import ArrangeForm
from .paper import as_pdf, as_sheet
from .records import RecordForm, attempt, seen
from .security import needs, this_deed

RECORDS: dict[str, type[Any]] = {"denial": Denial, "authorization": Authorization}

blueprint = Blueprint("correspondence", __name__, url_prefix="/write")


@blueprint.get("/<table>/<int:key>")
@needs(Permission.CLAIM_READ)
def choose(table: str, key: int) -> ResponseReturnValue:
    """List the kinds of letter that fit a record, with what each needs, and those printed before."""
    subject = _record(table, key, page="letters")
    shown = {"offers": correspondence.offered(subject, this_deed()), "kept": correspondence.kept(subject)}
    return render_template("correspondence/choose.html", subject=subject, readers=correspondence.READERS, **shown)


@blueprint.get("/<table>/<int:key>/<kind>")
@needs(Permission.CLAIM_READ)
def show(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Show one letter beside what it needs."""
    subject = _record(table, key, page=kind)
    return _page(subject, kind)


@blueprint.post("/<table>/<int:key>/<kind>/particulars")
@needs(Permission.LETTER_DRAFT)
def note(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Keep the address and the explanation that this letter needs."""
    subject = db.get_or_404(RECORDS.get(table) or abort(404), key)
    form = particulars_form(Desk(subject, kind))
    if code := attempt(form, subject, lambda: particulars.note(subject, kind, this_deed(), **form.told)):
        return _page(subject, kind, form), code
    return redirect(url_for(".show", table=table, key=key, kind=kind))


@blueprint.post("/<table>/<int:key>/<kind>/arguments")
@needs(Permission.LETTER_DRAFT)
def arrange(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Switch an argument on or off, or move it."""
    subject, form = db.get_or_404(RECORDS.get(table) or abort(404), key), ArrangeForm()
    correspondence.check(subject, kind, this_deed())
    row = drafts.held(subject, kind)
    if code := attempt(form, row, lambda: composition.arrange(subject, kind, form.chosen, this_deed()), about=subject):
        return _page(subject, kind, reasons=form.form_errors), code
    return redirect(url_for(".show", table=table, key=key, kind=kind))


@blueprint.post("/<table>/<int:key>/<kind>")
@needs(Permission.LETTER_DRAFT)
def keep(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Print the letter and keep its bytes."""
    subject, form = db.get_or_404(RECORDS.get(table) or abort(404), key), RecordForm()
    if code := attempt(form, None, lambda: correspondence.finish(subject, kind, this_deed()), about=subject):
        return _page(subject, kind, reasons=form.form_errors), code
    flash("The letter is printed and kept.", "success")
    return redirect(url_for(".choose", table=table, key=key))


@blueprint.get("/<table>/<int:key>/<kind>/page")
@needs(Permission.CLAIM_READ)
def sheet(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Give the letter's page for the frame."""
    return as_sheet(correspondence.compose(_record(table, key, page="sheet"), kind, this_deed()))


@blueprint.get("/<table>/<int:key>/<kind>/draft.pdf")
@needs(Permission.CLAIM_READ)
def draft(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Print the letter as it stands."""
    subject = _record(table, key, page="draft")
    letter = correspondence.compose(subject, kind, this_deed())
    return as_pdf(printed(letter, draft=True), f"{subject.reference}-{kind}-draft.pdf")


def _record(table: str, key: int, **data: Any) -> Record:
    return seen(RECORDS.get(table) or abort(404), key, **data)


def _page(subject: Record, kind: str, form: ParticularsForm | None = None, reasons: list[str] | None = None) -> str:
    correspondence.check(subject, kind, this_deed())
    desk, arranging = Desk(subject, kind), RecordForm(formdata=None)
    composed = composition.composition(subject, this_deed(), kind)
    arranging.shows(drafts.held(subject, kind))
    if form is None:
        form = particulars_form(desk, formdata=None)
        form.tells(desk, composed.letter.address)
    shown: dict[str, Any] = {"subject": subject, "letter": composed.letter, "composed": composed, "desk": desk}
    shown |= {"form": arranging, "asked": form, "reasons": reasons or [], "place_of": place_of}
    return render_template("correspondence/show.html", **shown)
