"""Read the history as an auditor does: by person, deed, patient and day; and account for disclosures."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from ..db import db
from ..domain.papers import harmless
from ..models import Appeal, Authorization, Claim, Event, Letter

PER_PAGE = 100
MOST_ROWS = 50_000  # of a file
GAVE_OUT = ("export", "print", "download", "file", "submit")  # deeds by which something may leave the clinic
WAYS = {
    "export": "saved as a file",
    "print": "printed",
    "download": "downloaded",
    "file": "filed",
    "submit": "submitted",
}


@dataclass(frozen=True)
class Wanted:
    """What of the history is looked for; nothing means all."""

    who: str | None = None
    action: str | None = None
    patient_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Disclosure:
    """What of a patient's record went out: when, what, to whom, how, by whom. 45 CFR 164.528 names these."""

    at: datetime
    what: str
    to: str
    how: str
    by: str
    event: int


def find(wanted: Wanted, timezone: str, before: int | None = None, limit: int = PER_PAGE) -> list[Event]:
    """Return the events wanted, newest first; `before` is the number of the last one shown."""
    query = _narrowed(wanted, ZoneInfo(timezone)).order_by(Event.id.desc()).limit(limit)
    return list(db.session.scalars(query.where(Event.id < before) if before else query))


def actions() -> list[str]:
    """Return every kind of deed on record, in order."""
    return list(db.session.scalars(select(Event.action).distinct().order_by(Event.action)))


def actors() -> list[str]:
    """Return everybody who did something, in order."""
    return list(db.session.scalars(select(Event.actor).distinct().order_by(Event.actor)))


def to_csv(events: list[Event]) -> str:
    """Write events as CSV, safe to open in a spreadsheet."""
    names = ("id", "at", "actor", "action", "subject", "subject_id", "patient_id", "left", "reached", "sentence")
    rows = ([_cell(getattr(event, name)) for name in names] for event in events)
    return _written(names, rows)


def disclosures(patient_id: int) -> list[Disclosure]:
    """Return what went out about a patient, newest first."""
    query = select(Event).where(Event.patient_id == patient_id, Event.action.in_(GAVE_OUT))
    return [_disclosure(event) for event in db.session.scalars(query.order_by(Event.id.desc()))]


def disclosures_to_csv(found: list[Disclosure]) -> str:
    """Write the accounting as CSV."""
    names = tuple(field.name for field in fields(Disclosure))
    return _written(names, ([_cell(value) for value in asdict(one).values()] for one in found))


def _narrowed(wanted: Wanted, zone: ZoneInfo) -> Select[Event]:
    query = select(Event)
    for name, value in (("actor", wanted.who), ("action", wanted.action), ("patient_id", wanted.patient_id)):
        query = query.where(getattr(Event, name) == value) if value else query
    if wanted.since:
        query = query.where(Event.at >= datetime.combine(wanted.since, time.min, zone))
    if wanted.until:
        query = query.where(Event.at < datetime.combine(date.fromordinal(wanted.until.toordinal() + 1), time.min, zone))
    return query


def _disclosure(event: Event) -> Disclosure:
    proof = event.data.get("proof") or event.data.get("filed_by") or event.data.get("submitted_by")
    how = WAYS[event.action] + (f": {proof}" if proof else "")
    return Disclosure(event.at, _what(event), _to(event), how, event.actor, event.id)


def _what(event: Event) -> str:
    return f"{event.subject.replace('_', ' ')} {event.subject_id}" if event.subject_id else event.subject


def _to(event: Event) -> str:
    """Name who received it: the payer for what was filed; whoever sat at the screen for the rest."""
    if event.action not in ("file", "submit"):
        return "staff, for use outside the program"
    kinds: dict[str, type[Any]] = {kind.__tablename__: kind for kind in (Appeal, Authorization, Claim, Letter)}
    record = db.session.get(kinds[event.subject], event.subject_id) if event.subject in kinds else None
    about = record.denial.subject if isinstance(record, Appeal) else record
    coverage = getattr(about, "coverage", None)
    return coverage.plan.payer.name if coverage else "payer"


def _written(names: tuple[str, ...], rows: Iterator[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    return "" if value is None else harmless(value.isoformat() if isinstance(value, datetime) else value)
