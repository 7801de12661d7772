"""The registry of references: what may be cited, with what limits, read when and by whom."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import SelectField, TextAreaField

from ..clock import today
from ..db import db
from ..domain.permissions import Permission
from ..domain.registry import leaning_on
from ..models import OwnCitation
from ..services import registry
from .forms import LineField, optional, required
from .patient_forms import CHOOSE, ToldForm
from .records import RecordForm, attempt
from .security import needs, this_deed

RESULTS = CHOOSE | {"stands": "It stands as printed", "retired": "It must no longer be cited"}
STANDINGS = {
    "": "All",
    "verified": "Verified",
    "to be confirmed": "To be confirmed",
    "not verified": "Not verified",
    "read again": "Read again",
    "retired": "Retired",
}
READ = LineField("Where you read it", [required("Enter the address or the journal page that you read.")])

blueprint = Blueprint("citations", __name__, url_prefix="/references")


class ReadingForm(ToldForm):
    """A reference read again in its source."""

    result = SelectField("What you found", [required("Choose what you found.")], choices=RESULTS)
    source = READ
    note = LineField("Note", [optional()])


class OwnForm(ToldForm):
    """A reference that the clinic adds."""

    supports = SelectField("Argument it supports", [required("Choose the argument that it supports.")], choices=CHOOSE)
    authors = LineField("Authors", [required("Enter the authors as the journal prints them.")])
    title = LineField("Title", [required("Enter the title.")], longest=400)
    journal = LineField("Journal", [required("Enter the journal.")])
    year = LineField("Year, volume and pages", [required("Enter the year.")], longest=60)
    pmid = LineField("PMID", [optional()], longest=20)
    doi = LineField("DOI", [optional()])
    source = READ
    finding = TextAreaField(
        "What it found, in one sentence", [required("Enter the finding; the letter prints it.")], render_kw={"rows": 3}
    )
    limits = TextAreaField(
        "Its limits", [required("Enter what a reviewer may answer.")], render_kw={"rows": 2}, description="For staff."
    )


@blueprint.get("")
@needs(Permission.RULES_READ)
def index() -> ResponseReturnValue:
    """List the references, or those that hold some words or stand so."""
    words, wanted = request.args.get("words", "").strip().lower(), request.args.get("standing", "")
    every, read = registry.every(this_deed().book), registry.readings()
    stands = {key: registry.standing(one, read.get(key), today()) for key, one in every.items()}
    shown = [
        one
        for key, one in every.items()
        if wanted in ("", stands[key]) and words in f"{one.id} {one.reference} {one.finding}".lower()
    ]
    chosen = {"words": words, "wanted": wanted, "standings": STANDINGS}
    return render_template("citations/index.html", shown=shown, stands=stands, readings=read, **chosen)


@blueprint.get("/<key>")
@needs(Permission.RULES_READ)
def show(key: str) -> ResponseReturnValue:
    """Show one reference, what leans on it, and the open letters that use it."""
    return _page(key, ReadingForm(formdata=None))


@blueprint.post("/<key>/read")
@needs(Permission.RULES_WRITE)
def read(key: str) -> ResponseReturnValue:
    """Note that a reference was read in its source again."""
    form = ReadingForm()
    told = form.told
    if code := attempt(form, None, lambda: registry.read_again(key, deed=this_deed(), **told)):
        return _page(key, form), code
    flash("The reading is on record.", "success")
    return redirect(url_for(".show", key=key))


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.LETTER_DRAFT)
def new() -> ResponseReturnValue:
    """Add a reference."""
    form = OwnForm()
    arguments = this_deed().book.letters.arguments.values()
    form.supports.choices = CHOOSE | {argument.id: argument.heading for argument in arguments}
    page = {"title": "Add a reference", "button": "Add the reference", "crumbs": [("References", url_for(".index"))]}
    page["sub"] = "No letter prints it before a second person has read the source and confirmed it."
    if not form.is_submitted():
        return render_template("components/form_page.html", form=form, **page)
    if code := attempt(form, None, lambda: registry.add(this_deed(), **form.told)):
        return render_template("components/form_page.html", form=form, **page), code
    flash("Added. A second person confirms it now.", "success")
    return redirect(url_for(".index"))


@blueprint.post("/<key>/confirm")
@needs(Permission.LETTER_DRAFT)
def confirm(key: str) -> ResponseReturnValue:
    """Confirm a reference that somebody else added."""
    row = db.session.scalar(select(OwnCitation).where(OwnCitation.key == key)) or abort(404)
    form = RecordForm()
    if code := attempt(form, None, lambda: registry.confirm(row, this_deed())):
        return _page(key, ReadingForm(formdata=None), form.form_errors), code
    flash("Confirmed: letters may cite it.", "success")
    return redirect(url_for(".show", key=key))


def _own() -> dict[str, OwnCitation]:
    return {row.key: row for row in registry.mine()}


def _page(key: str, form: ReadingForm, reasons: list[str] | None = None) -> str:
    deed = this_deed()
    one = registry.every(deed.book).get(key) or abort(404)
    shown = {
        "leaning": leaning_on(key, registry.in_force(deed.book).letters),
        "letters": registry.open_letters(key, deed),
    }
    read = registry.readings().get(key)
    shown |= {"reading": read, "standing": registry.standing(one, read, today()), "checks": registry.checks(key)}
    shown |= {"own": _own().get(key), "reasons": reasons or []}
    return render_template("citations/show.html", one=one, form=form, **shown)
