"""The clinic's own wording: a lead changes it here, sees it on a made-up case first, and can take it back."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from ..domain.permissions import Permission
from ..services import wording
from ..services.deeds import Refused
from ..services.wording import Piece
from .forms import optional
from .paper import as_sheet, sheet
from .records import RecordForm, attempt
from .security import needs, this_deed

GROUPS = {wording.PARAGRAPH: "Standard paragraphs", wording.REQUEST: "Requests", "": "Arguments"}

blueprint = Blueprint("wording", __name__, url_prefix="/wording")


class WordingForm(RecordForm):
    """The clinic's words."""

    text = TextAreaField("Your wording", [optional()], render_kw={"rows": 9})


class RestoreForm(RecordForm):
    """Which version to put in force again."""

    number = HiddenField()


@blueprint.get("")
@needs(Permission.RULES_READ)
def index() -> ResponseReturnValue:
    """List paragraphs, requests and arguments with the wording in force."""
    groups: dict[str, list[Piece]] = {title: [] for title in GROUPS.values()}
    for piece in wording.pieces(this_deed().book).values():
        groups[next(title for start, title in GROUPS.items() if piece.key.startswith(start))].append(piece)
    return render_template("wording/index.html", groups=groups, own=wording.current())


@blueprint.get("/<key>")
@needs(Permission.RULES_READ)
def show(key: str) -> ResponseReturnValue:
    """Show a piece's wording on a made-up case, with its versions."""
    return _page(_known(key))


@blueprint.post("/<key>")
@needs(Permission.RULES_WRITE)
def save(key: str) -> ResponseReturnValue:
    """Show a wording as it would print, or keep it."""
    piece, form = _known(key), WordingForm()
    if "show" in request.form:
        code = attempt(form, None, lambda: wording.check(key, form.text.data or "", this_deed()))
        return _page(piece, form, typed=form.text.data or ""), code or 200
    if code := attempt(form, None, lambda: wording.save(key, form.text.data or "", this_deed())):
        return _page(piece, form), code
    flash("Saved. Letters composed from now on use it.", "success")
    return redirect(url_for(".show", key=key))


@blueprint.post("/<key>/restore")
@needs(Permission.RULES_WRITE)
def restore(key: str) -> ResponseReturnValue:
    """Put an earlier wording in force again."""
    piece, form = _known(key), RestoreForm()
    typed = form.number.data or ""
    number = int(typed) if typed.isdecimal() else -1
    if code := attempt(form, None, lambda: wording.restore(key, number, this_deed())):
        return _page(piece, reasons=form.form_errors), code
    flash("Restored.", "success")
    return redirect(url_for(".show", key=key))


@blueprint.get("/<key>/page")
@needs(Permission.RULES_READ)
def page(key: str) -> ResponseReturnValue:
    """Give the page of a made-up case that says it."""
    return as_sheet(wording.preview(_known(key).key, this_deed()))


def _known(key: str) -> Piece:
    return wording.pieces(this_deed().book).get(key) or abort(404)


def _page(
    piece: Piece, form: WordingForm | None = None, reasons: list[str] | None = None, typed: str | None = None
) -> str:
    own = wording.current().get(piece.key)
    if form is None:
        form = WordingForm(formdata=None)
        form.text.data = own.text if own else piece.shipped
    shown = {
        "versions": wording.versions(piece.key),
        "own": own,
        "sheet": _sheet(piece, None if form.form_errors else typed),
    }
    shown |= {"is_new": typed is not None and not form.form_errors, "reasons": reasons or []}
    return render_template("wording/show.html", piece=piece, form=form, **shown)


def _sheet(piece: Piece, typed: str | None) -> str:
    """Return the page of a made-up case with the piece marked; empty where none says it."""
    try:
        html = sheet(wording.preview(piece.key, this_deed(), typed))
    except Refused:
        return ""
    for mark in (f'data-words="{piece.key.removeprefix(wording.PARAGRAPH)}"', f'data-argument="{piece.key}"'):
        html = html.replace(mark, f"{mark} data-picked")
    return html.replace(f'data-src="hook:{piece.key.removeprefix(wording.REQUEST)}"', "data-picked")
