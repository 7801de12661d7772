"""Write down notes and calls about a record, and keep what was promised in them."""

import re
from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from ..db import db
from ..models import Authorization, Claim, Denial, Mention, Note, Patient, User
from .deeds import Deed, Refused
from .follow_ups import ABOUT
from .history import patient_of, record
from .workitems import touch

Noted = Claim | Authorization | Denial | Patient
KINDS = {"call": "Call", "note": "Note"}
LONGEST = 4000  # characters
NAMED = re.compile(r"(?<![\w.])@([\w.+-]*\w)")


def find(table: str, key: int) -> Noted | None:
    """Return the record that a note is to be about; None for one that is not there or takes no notes."""
    return db.session.get(ABOUT[table], key) if table in ABOUT else None


def add(
    about: Noted,
    kind: str,
    text: str,
    deed: Deed,
    *,
    spoke_to: str | None = None,
    call_reference: str | None = None,
    promised_on: date | None = None,
) -> Note:
    """Write a note or a call down; what was promised becomes a follow-up of the record's owner, else of the writer.

    Raises Refused without words, for a promised day that is past, and for an @name that nobody has.
    """
    people = _named(text)
    if reasons := list(_reasons_against(kind, text, promised_on, deed)):
        raise Refused(*reasons)
    note = Note(
        subject=about.__tablename__,
        subject_id=about.id,
        patient_id=patient_of(about),
        kind=kind,
        text=text.strip(),
        spoke_to=spoke_to or None,
        call_reference=call_reference or None,
        promised_on=promised_on,
        owner_id=getattr(about, "owner_id", None) or deed.user_id,
        author=deed.actor,
        at=deed.at,
    )
    db.session.add(note)
    db.session.flush()
    db.session.add_all(Mention(note_id=note.id, user_id=person.id) for person in people)
    record(about, kind, deed, sentence=_sentence(note), note_id=note.id)
    touch(db.session(), "note", note.id)
    return note


def _reasons_against(kind: str, text: str, promised_on: date | None, deed: Deed) -> Iterator[str]:
    if kind not in KINDS:
        yield f"Choose one of: {', '.join(KINDS.values())}."
    if not text.strip():
        yield "Write down what was said."
    if len(text) > LONGEST:
        yield f"Use at most {LONGEST:,} characters."
    if promised_on is not None and promised_on < deed.today:
        yield "The promised day is past: choose today or later."


def _sentence(note: Note) -> str:
    whom = f" with {note.spoke_to}" if note.spoke_to else ""
    reference = f" (reference {note.call_reference})" if note.call_reference else ""
    promised = f" Promised for {note.promised_on}." if note.promised_on else ""
    return f"{KINDS[note.kind]}{whom}{reference}: {note.text}{promised}"


def _named(text: str) -> list[User]:
    """Return the people whose e-mail names, before the @ of the address, stand in the text. Raises Refused."""
    names = {name.lower() for name in NAMED.findall(text)}
    if not names:
        return []
    known = people_by_name()
    if unknown := sorted(names - known.keys()):
        raise Refused(
            f"Nobody is called @{unknown[0]}. People here: {', '.join(f'@{name}' for name in sorted(known))}."
        )
    return [known[name] for name in sorted(names)]


def people_by_name() -> dict[str, User]:
    """Return everybody who can be named in a note, by the part of their e-mail address before the @."""
    active = db.session.scalars(select(User).where(User.active).order_by(User.email))
    return {person.email.partition("@")[0]: person for person in active}


def finish(note: Note, deed: Deed) -> None:
    """Mark a promise as kept; a second press changes nothing."""
    if note.done_at is not None:
        return
    note.done_at, note.done_by = deed.at, deed.actor
    about = db.session.get(ABOUT[note.subject], note.subject_id)
    record(about, "follow_up_done", deed, sentence=f"Follow-up done: {note.text}", note_id=note.id)
    touch(db.session(), "note", note.id)


def postpone(note: Note, day: date, deed: Deed) -> None:
    """Move a promise to another day. Raises Refused for a day that is past and for a promise that is done."""
    if note.done_at is not None:
        raise Refused("This follow-up is done already.")
    if day < deed.today:
        raise Refused("The promised day is past: choose today or later.")
    if day == note.promised_on:
        return
    about = db.session.get(ABOUT[note.subject], note.subject_id)
    sentence = f"Follow-up moved from {note.promised_on} to {day}: {note.text}"
    note.promised_on = day
    record(about, "move_follow_up", deed, sentence=sentence, note_id=note.id)
    touch(db.session(), "note", note.id)


def open_promises(about: Noted) -> list[Note]:
    """Return what was promised about a record and is not done, the soonest first."""
    mine = select(Note).where(Note.subject == about.__tablename__, Note.subject_id == about.id)
    promised = Note.promised_on.is_not(None) & Note.done_at.is_(None)
    return list(db.session.scalars(mine.where(promised).order_by(Note.promised_on, Note.id)))


def unread(user: User) -> list[Note]:
    """Return the notes that name a person and were not read yet, newest first."""
    query = select(Note).join(Mention, Mention.note_id == Note.id).order_by(Note.id.desc())
    return list(db.session.scalars(query.where(Mention.user_id == user.id, Mention.read_at.is_(None))))


def mark_read(note: Note, user: User, deed: Deed) -> None:
    """Note that a person saw a note that names them."""
    mention = db.session.get(Mention, (note.id, user.id))
    if mention is not None and mention.read_at is None:
        mention.read_at = deed.at
