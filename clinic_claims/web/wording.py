"""The clinic's own wording: a lead changes it here, sees it on a made-up case, and can take it back."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from ..domain.arguments import Argument
from ..domain.permissions import Permission
from ..domain.wording import FIELDS
from ..services import wording
from ..services.deeds import Refused
from .forms import optional
from .paper import as_sheet
from .records import RecordForm, attempt
from .security import needs, this_deed

blueprint = Blueprint("wording", __name__, url_prefix="/wording")


class WordingForm(RecordForm):
    """The clinic's words for an argument."""

    text = TextAreaField("Your wording", [optional()], render_kw={"rows": 12})


class RestoreForm(RecordForm):
    """Which version to put in force again."""

    number = HiddenField()


@blueprint.get("")
@needs(Permission.RULES_READ)
def index() -> ResponseReturnValue:
    """List the arguments with the wording in force."""
    arguments = this_deed().book.letters.arguments.values()
    return render_template("wording/index.html", arguments=arguments, own=wording.current())


@blueprint.get("/<argument>")
@needs(Permission.RULES_READ)
def show(argument: str) -> ResponseReturnValue:
    """Show an argument's wording on a made-up case, with its versions."""
    return _page(_known(argument))


@blueprint.post("/<argument>")
@needs(Permission.RULES_WRITE)
def save(argument: str) -> ResponseReturnValue:
    """Keep a wording."""
    form = WordingForm()
    if code := attempt(form, None, lambda: wording.save(argument, form.text.data or "", this_deed())):
        return _page(_known(argument), form), code
    flash("Saved. Letters composed from now on use it.", "success")
    return redirect(url_for(".show", argument=argument))


@blueprint.post("/<argument>/restore")
@needs(Permission.RULES_WRITE)
def restore(argument: str) -> ResponseReturnValue:
    """Put an earlier wording in force again."""
    form = RestoreForm()
    typed = form.number.data or ""
    number = int(typed) if typed.isdecimal() else -1
    if code := attempt(form, None, lambda: wording.restore(argument, number, this_deed())):
        return _page(_known(argument), reasons=form.form_errors), code
    flash("Restored.", "success")
    return redirect(url_for(".show", argument=argument))


@blueprint.get("/<argument>/page")
@needs(Permission.RULES_READ)
def page(argument: str) -> ResponseReturnValue:
    """Give the page of a made-up case that makes the argument."""
    return as_sheet(wording.preview(_known(argument).id, this_deed()))


def _known(argument: str) -> Argument:
    return this_deed().book.letters.arguments.get(argument) or abort(404)


def _page(argument: Argument, form: WordingForm | None = None, reasons: list[str] | None = None) -> str:
    own = wording.current().get(argument.id)
    if form is None:
        form = WordingForm(formdata=None)
        form.text.data = own.text if own else ""
    try:
        wording.preview(argument.id, this_deed())
        seen = True
    except Refused:
        seen = False
    shown = {"versions": wording.versions(argument.id), "fields": FIELDS, "own": own, "seen": seen}
    return render_template("wording/show.html", argument=argument, form=form, reasons=reasons or [], **shown)
