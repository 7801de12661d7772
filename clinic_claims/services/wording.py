"""The clinic's wording of arguments, in versions."""

from sqlalchemy import func, select

from ..db import db
from ..domain import letters as composing
from ..domain import wording
from ..domain.citations import overstatements
from ..domain.facts import LetterFacts
from ..domain.letters import Letter
from ..examples import facts_example, facts_examples, letter_kind
from ..models import TextOverride
from ..reading import from_json
from .deeds import Deed, Refused
from .history import record

LONGEST = 4000  # characters


def versions(argument: str) -> list[TextOverride]:
    """Return every wording of an argument, the newest first."""
    query = select(TextOverride).where(TextOverride.argument == argument).order_by(TextOverride.version.desc())
    return list(db.session.scalars(query))


def current() -> dict[str, TextOverride]:
    """Return the wording in force of each argument that the clinic words itself."""
    newest = {row.argument: row for row in db.session.scalars(select(TextOverride).order_by(TextOverride.version))}
    return {argument: row for argument, row in newest.items() if row.text}


def edits(facts: LetterFacts) -> dict[str, str]:
    """Return the clinic's wording filled with the facts of a case."""
    return {argument: wording.filled(row.text, facts) for argument, row in current().items()}


def save(argument: str, text: str, deed: Deed) -> TextOverride:
    """Keep a wording as the next version; an empty one restores the shipped words.

    Raises Refused for an unknown argument or merge field, and for what reviewers refute, with the better words.
    """
    known = deed.book.letters.arguments.get(argument)
    if known is None:
        raise Refused(f"{argument} is no argument of the rules.")
    if faults := list(_faults(text, deed)):
        raise Refused(*faults)
    last = db.session.scalar(select(func.max(TextOverride.version)).where(TextOverride.argument == argument)) or 0
    row = TextOverride(argument=argument, version=last + 1, text=text.strip(), made_at=deed.at, made_by=deed.actor)
    db.session.add(row)
    told = (
        f"“{known.heading}” worded anew, version {row.version}." if row.text else f"“{known.heading}”: shipped words."
    )
    record("wording", "word_argument", deed, sentence=told, argument=argument, version=row.version)
    return row


def _faults(text: str, deed: Deed) -> list[str]:
    fields = ", ".join(f"{{{name}}}" for name in wording.FIELDS)
    found = [f"{strange} is no merge field. There are: {fields}." for strange in wording.unknown(text)]
    if len(text) > LONGEST:
        found.append(f"Use at most {LONGEST} characters.")
    claims = overstatements(text, deed.book.letters.overstatements.values())
    return found + [f"“{phrase}” is refuted by reviewers. Write instead: {better}." for phrase, better in claims]


def restore(argument: str, version: int, deed: Deed) -> TextOverride:
    """Put an earlier wording in force again, as a new version; version 0 is the shipped one. Raises Refused."""
    texts = {row.version: row.text for row in versions(argument)} | {0: ""}
    if version not in texts:
        raise Refused(f"There is no version {version}.")
    return save(argument, texts[version], deed)


def preview(argument: str, deed: Deed, text: str | None = None) -> Letter:
    """Compose a made-up case that makes this argument, with its wording in force or `text`. Raises Refused."""
    for name in sorted(facts_examples(), key=lambda name: not name.startswith("appeal_")):
        facts = from_json(facts_example(name), LetterFacts)
        known = composing.compose(facts, deed.book.letters, letter_kind(name))
        if known.argues(argument):
            words = edits(facts) if text is None else {argument: wording.filled(text, facts)} if text else {}
            return composing.compose(facts, deed.book.letters, letter_kind(name), [argument], words)
    raise Refused("No made-up case makes this argument: preview it in a letter.")
