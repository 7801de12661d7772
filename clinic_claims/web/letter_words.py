"""The words of one letter: an argument worded anew, and paragraphs of the clinic's own, looked at while typing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField, TextAreaField

from ..domain import own_words
from ..domain.arguments import Argument
from ..domain.gaps import Gap
from ..domain.letters import Letter as Composed
from ..domain.own_words import OwnParagraph
from ..domain.permissions import Permission
from ..services import composition, drafts, letter_words, letters
from ..services.deeds import Refused
from .forms import optional
from .letter_desk import Desk, open_desk
from .paper import sheet_body
from .records import RecordForm, attempt
from .security import needs, this_deed

ROWS = 14
NEW = "new"
KEPT = "The letter has your words."
RESTORED = "The standard words stand again."
REMOVED = "The paragraph is taken out."
LETTER = "/<table>/<int:key>/<kind>"

blueprint = Blueprint("letter_words", __name__, url_prefix="/letters/words")


class WordsForm(RecordForm):
    """Words of a letter; for a paragraph also the section or the argument that it follows."""

    after = SelectField("Where it stands", validate_choice=False)
    text = TextAreaField(
        "Words", [optional()], render_kw={"rows": ROWS, "spellcheck": "true", "maxlength": own_words.LONGEST + 1}
    )

    @property
    def plain(self) -> str:
        """Return what was typed, its line ends as ours."""
        return (self.text.data or "").replace("\r\n", "\n")


@dataclass(frozen=True)
class Place:
    """What is edited: its mark in the page, its name, the words it starts from, and the argument when it is one."""

    mark: str
    title: str
    standard: str
    argument: Argument | None = None


@blueprint.route(f"{LETTER}/argument/<name>", methods=["GET", "POST"])
@needs(Permission.LETTER_DRAFT)
def argument(table: str, key: int, kind: str, name: str) -> ResponseReturnValue:
    """Word an argument anew for this letter, or restore its standard words."""
    desk, deed = open_desk(table, key, kind, page="words"), this_deed()
    known = letter_words.argument_of(desk.subject, desk.kind, name, deed)
    usual = letter_words.standard(desk.subject, desk.kind, known, deed)
    place, form = Place(f"edited:{name}", known.heading, usual, known), WordsForm()
    del form.after
    if not form.is_submitted():
        form.text.data = drafts.typed(desk.subject, desk.kind).edits.get(name, usual)
    return _answer(desk, place, form, lambda text: letter_words.edit(desk.subject, desk.kind, known, text, deed))


@blueprint.route(f"{LETTER}/paragraph/<name>", methods=["GET", "POST"])
@needs(Permission.LETTER_DRAFT)
def paragraph(table: str, key: int, kind: str, name: str) -> ResponseReturnValue:
    """Write a paragraph of the clinic's own, change or move it, or take it out."""
    desk, deed = open_desk(table, key, kind, page="words"), this_deed()
    known = letter_words.paragraph(desk.subject, desk.kind, name)
    if known is None and name != NEW and request.method == "GET":
        abort(404)
    form, own = WordsForm(), "" if name == NEW else name
    spots = places(letters.compose(desk.subject, deed, kind=desk.kind))
    form.after.choices = [*spots.items()]
    if not form.is_submitted():
        _fill(form, known, [*spots])
    place = Place(f"own:{name}", "Your own paragraph", known.text if known else "")
    return _answer(
        desk, place, form, lambda text: letter_words.put(desk.subject, desk.kind, own, form.after.data, text, deed)
    )


@blueprint.post(f"{LETTER}/enclosures")
@needs(Permission.LETTER_DRAFT)
def enclose(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Choose which documents on file go with a letter."""
    desk, form = open_desk(table, key, kind, page="enclosures"), RecordForm()
    kept, row = request.form.getlist("enclose"), drafts.held(desk.subject, desk.kind)
    if attempt(form, row, lambda: composition.enclose(desk.subject, desk.kind, kept, this_deed()), about=desk.subject):
        flash(" ".join(form.form_errors), "error")
    return redirect(desk.home)


def places(letter: Composed) -> dict[str, str]:
    """Return where a paragraph may stand, in the order of the page: after each section and each argument."""
    found: dict[str, str] = {}
    for section in letter.sections:
        if section in ("lead", "arguments"):
            found |= {a.id: f"After “{a.heading}”" for a in letter.arguments if a.lead == (section == "lead")}
        elif section in own_words.SECTIONS:
            found[section] = f"After {own_words.SECTIONS[section]}"
    return found


def _fill(form: WordsForm, known: OwnParagraph | None, spots: list[str]) -> None:
    last = next((spot for spot in reversed(spots) if spot != "requests"), "")
    form.after.data = known.after if known else last
    form.text.data = known.text if known else ""


def _answer(desk: Desk, place: Place, form: WordsForm, keep: Callable[[str], Any]) -> ResponseReturnValue:
    """Show the form, try the words without keeping them, or keep them and go back to the letter."""
    if not form.is_submitted():
        form.shows(drafts.held(desk.subject, desk.kind))
        return _page(desk, place, form)
    if "try" in request.form:
        return _tried(desk, place, form)
    if phrase := request.form.get("better"):
        form.text.data = _bettered(_gaps(desk, place, form), form.plain, phrase)
    text = "" if "undo" in request.form else form.plain
    if code := attempt(form, drafts.held(desk.subject, desk.kind), lambda: keep(text)):
        return _page(desk, place, form), code
    flash(KEPT if text else RESTORED if place.argument else REMOVED, "success")
    return redirect(desk.home)


def _composed(desk: Desk, place: Place, form: WordsForm) -> Composed:
    after = form.after.data if "after" in form else ""
    typed = letter_words.tried(desk.subject, desk.kind, place.mark, form.plain, after)
    return letters.compose(desk.subject, this_deed(), kind=desk.kind, typed=typed)


def _gaps(desk: Desk, place: Place, form: WordsForm) -> list[Gap]:
    return [gap for gap in _composed(desk, place, form).gaps if gap.field == place.mark]


def _bettered(gaps: list[Gap], text: str, which: str) -> str:
    """Put the better words in place of the phrase of one gap; a gap that is gone changes nothing."""
    gap = next((gap for gap in gaps if gap.phrase and gap.phrase == which), None)
    return own_words.reworded(text, gap.phrase, gap.better) if gap else text


def _tried(desk: Desk, place: Place, form: WordsForm) -> str:
    """Answer what was typed so far: what is wrong with it, what differs, and the page as it would print."""
    letter = _composed(desk, place, form)
    gaps = [gap for gap in letter.gaps if gap.field == place.mark]
    runs = own_words.compared(place.standard, form.plain)
    checked = render_template("appeals/_checked.html", place=place, gaps=gaps, runs=runs)
    return f"{checked}\n<template data-sheet>{sheet_body(letter)}</template>"


def _page(desk: Desk, place: Place, form: WordsForm) -> str:
    try:
        gaps = _gaps(desk, place, form)
    except Refused:
        gaps = []
    shown: dict[str, Any] = {"desk": desk, "place": place, "form": form, "gaps": gaps}
    shown["runs"] = own_words.compared(place.standard, form.plain)
    shown["edited"] = place.argument and place.argument.id in drafts.typed(desk.subject, desk.kind).edits
    return render_template("appeals/words.html", **shown)
