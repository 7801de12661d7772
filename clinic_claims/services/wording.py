"""The clinic's wording of arguments, standard paragraphs and requests: in versions, seen before it is saved."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from .. import pdf
from ..db import db
from ..domain import letters as composing
from ..domain.citations import overstatements
from ..domain.facts import LetterFacts
from ..domain.letters import Letter, LetterBook
from ..domain.merge_fields import FIELDS, Field, Shown
from ..domain.paragraphs import field_faults, merged
from ..examples import facts_example, facts_examples, letter_kind
from ..models import TextOverride
from ..reading import from_json
from ..rulebook import Rulebook
from .deeds import Deed, Refused
from .history import record

LONGEST = 4000  # characters
MOST_NAMED = 5  # kinds of plan that a line names
PARAGRAPH, REQUEST = "paragraph.", "request."  # what the key of either begins with; an argument's is its id
ASKED = {"payer": "payer", "specialists": "the specialists who know the treatment", "direct_line": "direct line"}


@dataclass(frozen=True)
class Piece:
    """A piece of wording: its key, its name, in which letters it stands, its shipped words, and its merge fields."""

    key: str
    name: str
    where: str
    shipped: str
    fields: Mapping[str, str]


def pieces(book: Rulebook) -> dict[str, Piece]:
    """Return everything a lead may word, by key: paragraphs, requests, arguments."""
    found = (*_paragraphs(book.letters), *_requests(book), *_arguments(book.letters))
    return {piece.key: piece for piece in found}


def _paragraphs(book: LetterBook) -> Iterator[Piece]:
    for one in book.paragraphs.values():
        yield Piece(PARAGRAPH + one.id, one.name, one.where, one.text, _meaning(one.allowed))


def _requests(book: Rulebook) -> Iterator[Piece]:
    classes = book.clocks.classes
    for hook in book.letters.hooks.values():
        law = f", under {hook.law}" if hook.law and hook.confidence == "verified" else ""
        named = [classes[name].name if name in classes else name for name in hook.payer_classes]
        where = ", ".join(named) if len(named) < MOST_NAMED else "nearly every kind of plan"
        yield Piece(REQUEST + hook.id, f"{hook.request.replace('_', ' ').capitalize()}{law}", where, hook.text, ASKED)


def _arguments(book: LetterBook) -> Iterator[Piece]:
    fields = _meaning([name for name, field in FIELDS.items() if field.everywhere])
    for one in book.arguments.values():
        yield Piece(one.id, one.heading, one.summary, "", fields)


def _meaning(names: tuple[str, ...] | list[str]) -> dict[str, str]:
    fields: list[tuple[str, Field]] = [(name, FIELDS[name]) for name in names]
    return {name: field.meaning for name, field in fields}


def versions(key: str) -> list[TextOverride]:
    """Return every wording of a piece, the newest first."""
    query = select(TextOverride).where(TextOverride.argument == key).order_by(TextOverride.version.desc())
    return list(db.session.scalars(query))


def current() -> dict[str, TextOverride]:
    """Return the wording in force of each piece that the clinic words itself, by key."""
    newest = {row.argument: row for row in db.session.scalars(select(TextOverride).order_by(TextOverride.version))}
    return {key: row for key, row in newest.items() if row.text}


def edits(facts: LetterFacts) -> dict[str, str]:
    """Return the clinic's wording of arguments, filled with the facts of a case."""
    shown = Shown(facts, composing.ask(facts))
    return {key: merged(row.text, shown) for key, row in current().items() if "." not in key}


def in_force(book: LetterBook) -> LetterBook:
    """Return the rules for letters with the clinic's own standard paragraphs and requests."""
    return worded(book, {key: row.text for key, row in current().items() if "." in key})


def worded(book: LetterBook, texts: Mapping[str, str]) -> LetterBook:
    """Put texts in place of the shipped words of paragraphs and requests; a key that is gone is passed over."""
    own = {key: text for key, text in texts.items() if text}
    paragraphs = {i: replace(p, text=own.get(PARAGRAPH + i, p.text)) for i, p in book.paragraphs.items()}
    hooks = {i: replace(h, text=_line(own.get(REQUEST + i, h.text))) for i, h in book.hooks.items()}
    return replace(book, paragraphs=paragraphs, hooks=hooks) if own else book


def _line(text: str) -> str:
    """Return a request as one line without its full stop, which follows the law."""
    return " ".join(text.split()).rstrip(".")


def save(key: str, text: str, deed: Deed) -> TextOverride:
    """Keep a wording as the next version; an empty one, or the shipped one, restores the shipped words.

    Raises Refused as `check` does.
    """
    piece = check(key, text, deed)
    text = "" if text.strip() == piece.shipped.strip() else text.strip()
    last = db.session.scalar(select(func.max(TextOverride.version)).where(TextOverride.argument == key)) or 0
    row = TextOverride(argument=key, version=last + 1, text=text, made_at=deed.at, made_by=deed.actor)
    db.session.add(row)
    told = f"“{piece.name}” worded anew, version {row.version}." if row.text else f"“{piece.name}”: shipped words."
    record("wording", "word_argument", deed, sentence=told, argument=key, version=row.version)
    return row


def check(key: str, text: str, deed: Deed) -> Piece:
    """Return the piece that a text would word. Raises Refused for an unknown one, and for each fault with its place.

    Faults are unknown merge fields, what reviewers refute, and law in words that letters of every payer class carry.
    """
    piece = pieces(deed.book).get(key)
    if piece is None:
        raise Refused(f"{key} is no wording of the rules.")
    if faults := list(_faults(piece, text, deed.book.letters)):
        raise Refused(*faults)
    return piece


def _faults(piece: Piece, text: str, book: LetterBook) -> Iterator[str]:
    yield from field_faults(text, piece.fields)
    if len(text) > LONGEST:
        yield f"Use at most {LONGEST} characters."
    for phrase, better in overstatements(text, book.overstatements.values()):
        yield f"“{phrase}” is refuted by reviewers. Write instead: {better}."
    if piece.key.startswith((PARAGRAPH, REQUEST)):
        found = dict.fromkeys(law[0] for column in book.columns.values() for law in re.finditer(column.marks, text))
        for law in (law for law in found if law not in piece.shipped):
            yield f"“{law}” binds one kind of plan only. Leave it out: letters add each plan's own law."


def restore(key: str, version: int, deed: Deed) -> TextOverride:
    """Put an earlier wording in force again, as a new version; version 0 is the shipped one. Raises Refused."""
    texts = {row.version: row.text for row in versions(key)} | {0: ""}
    if version not in texts:
        raise Refused(f"There is no version {version}.")
    return save(key, texts[version], deed)


def preview(key: str, deed: Deed, text: str | None = None) -> Letter:
    """Compose a made-up case that says this, with its wording in force or `text`. Raises Refused."""
    if text is None:
        text = row.text if (row := current().get(key)) else ""
    for name in sorted(facts_examples(), key=lambda name: not name.startswith("appeal_")):
        facts = from_json(facts_example(name), LetterFacts)
        book = worded(deed.book.letters, {key: text})
        letter = composing.compose(facts, book, letter_kind(name))
        if letter.argues(key) and letter_kind(name) != "p2p_brief":
            words = {key: merged(text, Shown(facts, composing.ask(facts)))} if text else {}
            return composing.compose(facts, book, letter_kind(name), [key], words)
        if _says(letter, key):
            return letter
    raise Refused("No made-up case says this: look at it in a letter that does.")


def _says(letter: Letter, key: str) -> bool:
    if key.startswith(REQUEST):
        asked = (*letter.requests, *(one for group in letter.grounds.values() for one in group))
        return any(REQUEST + one.id == key for one in asked)
    return key.startswith(PARAGRAPH) and f'data-words="{key.removeprefix(PARAGRAPH)}"' in pdf.html(letter)
