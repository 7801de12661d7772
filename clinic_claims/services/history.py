"""Write and read the history: every deed's one line, and the walk that finds tampering."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from ..db import db
from ..domain.lifecycle import words
from ..models import Appeal, Authorization, Claim, Denial, Event, Letter, Patient
from ..models.history import CHANGED_KEY, PURGED, Told
from . import chain, strokes
from .deeds import Deed
from .workitems import touch

PER_BATCH = 1000
QUIET = ("view", "search", "export", "print", "download")  # what changes nothing


def record(
    subject: Any,
    action: str,
    deed: Deed,
    *,
    sentence: str | None = None,
    left: str | None = None,
    reached: str | None = None,
    **data: Any,
) -> None:
    """Add the line that tells of a deed, in the deed's own transaction. `subject` is a record or a plain word."""
    saved = not isinstance(subject, str)
    if saved and subject.id is None:
        strokes.number(subject)
    told: Told = {
        "subject": subject.__tablename__ if saved else subject,
        "subject_id": subject.id if saved else None,
        "patient_id": patient_of(subject) if saved else data.pop("patient_id", None),
        "at": deed.at,
        "actor": deed.actor,
        "action": action,
        "left": left,
        "reached": reached,
        "sentence": sentence or f"{words(action).capitalize()}.",
        "data": json.loads(json.dumps(data, default=str)) if data else {},
    }
    strokes.tell(told)
    if action not in QUIET:
        touch(db.session(), told["subject"], told["subject_id"])


def patient_of(subject: Any) -> int | None:
    """Name the patient a record is about, for the patient's own trail."""
    match subject:
        case Patient():
            return subject.id
        case Claim() | Authorization():
            return subject.case.patient_id
        case Denial():
            return subject.subject.case.patient_id
        case Appeal():
            return patient_of(subject.denial)
        case Letter():
            return patient_of(subject.subject)
        case _:
            return getattr(subject, "patient_id", None)


def of(subject: Any) -> list[Event]:
    """Return the record's own history, newest first."""
    query = select(Event).where(Event.subject == subject.__tablename__, Event.subject_id == subject.id)
    return list(db.session.scalars(query.order_by(Event.id.desc())))


def was_seen(subject: Any, actor: str, since: datetime) -> bool:
    """Say whether a person opened the record since then."""
    mine = (Event.subject == subject.__tablename__, Event.subject_id == subject.id, Event.actor == actor)
    return (
        db.session.scalar(select(Event.id).where(*mine, Event.action.in_(QUIET), Event.at > since).limit(1)) is not None
    )


def around(claim: Claim, denials: Sequence[Denial], limit: int = 200) -> list[Event]:
    """Return the history of a claim with its denials, appeals and authorization, newest first; views left out."""
    hanging = _hanging(claim, denials)
    about = [and_(Event.subject == table, Event.subject_id.in_(keys)) for table, keys in hanging if keys]
    told = db.session.scalars(select(Event).where(or_(*about), Event.action != "view"))
    return sorted(told, key=lambda event: event.id, reverse=True)[:limit]


def _hanging(claim: Claim, denials: Sequence[Denial]) -> Iterator[tuple[str, Sequence[int]]]:
    """Name the records by key: given a query in its place, PostgreSQL would read the whole history."""
    yield "claim", [claim.id]
    yield "authorization", [claim.authorization_id] if claim.authorization_id else []
    denied, appeals = [each.id for each in denials], [appeal.id for each in denials for appeal in each.appeals]
    yield "denial", denied
    yield "appeal", appeals
    written = or_(Letter.appeal_id.in_(appeals), Letter.denial_id.in_(denied))
    yield "letter", db.session.scalars(select(Letter.id).where(written)).all() if denials else []


def verify(*keys: bytes) -> tuple[int, str | None]:
    """Walk the chain. Return how many events were read and, if one was changed or is missing, the first such.

    `keys` are the audit key and those before it. Raises KeyMissing where a part was sealed with another.
    """
    walk = chain.begin(keys, _naming())
    start, count = walk.number, 0
    for event in _events_after(start):
        if broken := walk.follow(event):
            return count, _doubted(keys, event, broken) if event.id == start + 1 else broken
        count += 1
    return count, None


def unproved(*keys: bytes) -> int:
    """Return the number of the last event that a lost key sealed; `verify` begins after it."""
    return chain.unproved(keys, _naming())


def _naming() -> list[tuple[str, Any]]:
    """Return action and data of the events that name a key, oldest first."""
    naming = select(Event.action, Event.data).where(Event.action.in_((CHANGED_KEY, PURGED)))
    return [(action, data) for action, data in db.session.execute(naming.order_by(Event.id))]


def _doubted(keys: tuple[bytes, ...], event: Event, broken: str) -> str:
    """Say that the key may be wrong where no key seals the first event that was read, nor the last."""
    last = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    if not any(last.digest == last.sealed(key, last.previous) for key in keys):
        return f"{broken}, or AUDIT_KEY is not the key that this history was written with"
    return broken


def start_of_chain() -> tuple[int, str]:
    """Return number and digest of the event before the first one kept: 0 and nothing, unless old ones were purged."""
    query = select(Event.data).where(Event.action == PURGED).order_by(Event.id.desc()).limit(1)
    told = db.session.scalar(query)
    return (told["through"], told["digest"]) if told else (0, "")


def anchor() -> tuple[int, str]:
    """Return number and digest of the last event: kept elsewhere, they show whether the end was cut off later."""
    last = db.session.execute(select(Event.id, Event.digest).order_by(Event.id.desc()).limit(1)).first()
    return (last.id, last.digest) if last else (0, "")


def missing_since(number: int, digest: str) -> str | None:
    """Compare the history with an anchor taken earlier. Return what is wrong, if anything."""
    found = db.session.get(Event, number)
    if number <= start_of_chain()[0]:
        return None  # older than what the law asks to keep
    if found is None:
        return f"event {number} of the anchor is missing: the end of the history was cut off"
    return None if found.digest == digest else f"event {number} is not the one of the anchor"


def _events_after(last: int) -> Iterator[Event]:
    while batch := db.session.scalars(select(Event).where(Event.id > last).order_by(Event.id).limit(PER_BATCH)).all():
        yield from batch
        last = batch[-1].id
        db.session.expunge_all()
