"""Words for one letter alone: an argument worded anew or restored, and paragraphs of the clinic's own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .. import pdf
from ..db import db
from ..domain import own_words
from ..domain.arguments import Argument
from ..domain.lifecycle import AppealState
from ..domain.own_words import OwnParagraph
from ..models import Appeal
from . import drafts, letters, wording
from .deeds import Deed, Refused
from .drafts import Subject, Typed
from .history import record

SENT = "The letter is with the physician or sent: have it returned before you change it."


@dataclass(frozen=True)
class Source:
    """Where a sentence of the page came from: the mark in the page, what it is, what is on file, and who says so."""

    mark: str
    title: str
    lines: tuple[str, ...]
    standing: str = ""


def check_open(subject: Subject) -> None:
    """Raise Refused once the letter of an appeal has left the desk."""
    if isinstance(subject, Appeal) and subject.state != AppealState.DRAFTING:
        raise Refused(SENT)


def argument_of(subject: Subject, kind: str, name: str, deed: Deed) -> Argument:
    """Return an argument that this letter may make. Raises Refused for any other."""
    every = letters.compose(subject, deed, kind=kind, typed=Typed()).arguments
    found = next((one for one in every if one.id == name), None)
    if found is None:
        raise Refused("This letter does not make that argument.")
    return found


def standard(subject: Subject, kind: str, argument: Argument, deed: Deed) -> str:
    """Return what an argument says when nobody edits it: the clinic's own wording, or the shipped one."""
    letter = letters.compose(subject, deed, kind=kind, typed=Typed())
    return wording.edits(letter.facts).get(argument.id) or pdf.standard(letter, argument)


def edit(subject: Subject, kind: str, argument: Argument, text: str, deed: Deed) -> None:
    """Say an argument in other words in this letter; the standard words restore it. Raises Refused when too long."""
    check_open(subject)
    _check_length(text)
    row, usual = drafts.held(subject, kind), standard(subject, kind, argument, deed)
    rest = {name: kept for name, kept in (row.edits or {}).items() if name != argument.id}
    mine: dict[str, Any] = {"text": text, "standard": usual, "by": deed.actor, "at": deed.at.isoformat()}
    same = not text or text.split() == usual.split()
    row.edits = (rest if same else rest | {argument.id: mine}) or None
    db.session.add(row)
    told = "restored to the standard words" if same else "worded anew for this letter"
    record(subject, "edit_letter", deed, sentence=f"“{argument.heading}” {told}.", argument=argument.id)


def paragraph(subject: Subject, kind: str, key: str) -> OwnParagraph | None:
    """Return one of the letter's own paragraphs, by its number."""
    return next((one for one in drafts.typed(subject, kind).own if one.id == key), None)


def put(subject: Subject, kind: str, key: str, after: str, text: str, deed: Deed) -> str:
    """Add a paragraph (an empty key), change one or move it; without text it is removed. Returns its key.

    Raises Refused when it is too long, when there are too many, or when it is gone.
    """
    check_open(subject)
    _check_length(text)
    row = drafts.held(subject, kind)
    mine = list(row.own or [])
    if key and key not in [one["id"] for one in mine]:
        raise Refused("This paragraph was removed meanwhile. Copy your words and add them as a new one.")
    if not key and len(mine) >= own_words.MOST:
        raise Refused(f"A letter holds at most {own_words.MOST} paragraphs of your own.")
    key = key or str(max((int(one["id"]) for one in mine), default=0) + 1)
    new = {"id": key, "after": after, "text": text, "by": deed.actor, "at": deed.at.isoformat()}
    kept = [new if one["id"] == key else one for one in mine]
    kept = kept if new in kept else [*kept, new]
    row.own = [one for one in kept if one["text"]] or None
    db.session.add(row)
    told = "Own paragraph kept." if text else "Own paragraph removed."
    record(subject, "write_letter", deed, sentence=told, after=after)
    return key


def tried(subject: Subject, kind: str, mark: str, text: str, after: str = "") -> Typed:
    """Return what was typed for a letter with `text` at a mark, to look at before it is kept."""
    known, (what, _, name) = drafts.typed(subject, kind), mark.partition(":")
    if what == "edited":
        rest = {one: said for one, said in known.edits.items() if one != name}
        return replace(known, edits=rest | {name: text} if text.strip() else rest)
    mine = OwnParagraph(id=name, after=after, text=text)
    own = [mine if one.id == name else one for one in known.own]
    return replace(known, own=tuple(own if mine in own else [*own, mine]))


def outdated(subject: Subject, kind: str, deed: Deed) -> Iterator[str]:
    """Name each edited argument whose standard words have changed since: the record behind it did."""
    edits = drafts.held(subject, kind).edits or {}
    made = {one.id for one in letters.compose(subject, deed, kind=kind, typed=Typed()).arguments} if edits else set()
    for name, kept in edits.items():
        argument = deed.book.letters.arguments.get(name)
        if argument and name in made and standard(subject, kind, argument, deed) != kept["standard"]:
            yield f"The record behind “{argument.heading}” changed after it was edited: open the edit and compare."


def noted(subject: Subject, kind: str) -> dict[str, Source]:
    """Return whose words an edited argument and an own paragraph are, by their mark in the page."""
    row = drafts.held(subject, kind)
    edited = {f"edited:{name}": ("Edited for this letter", kept) for name, kept in (row.edits or {}).items()}
    own = {f"own:{kept['id']}": ("The clinic's own paragraph", kept) for kept in row.own or ()}
    return {
        mark: Source(mark, title, (kept["text"],), f"Typed by {kept['by']}")
        for mark, (title, kept) in (edited | own).items()
    }


def _check_length(text: str) -> None:
    if len(text) > own_words.LONGEST:
        raise Refused(f"Use at most {own_words.LONGEST} characters; these are {len(text)}.")
