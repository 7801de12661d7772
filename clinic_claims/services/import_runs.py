"""What each file made, and taking a whole import back while nothing was built on it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ForeignKey, Table, delete, func, select

from ..db import db
from ..domain.lifecycle import words
from ..models import (
    Authorization,
    Claim,
    Coverage,
    Deadline,
    Denial,
    Event,
    ImportedRow,
    ImportRun,
    Patient,
    TreatmentCase,
)
from .deeds import Deed, Refused
from .history import QUIET, record

MODELS: dict[str, Any] = {model.__tablename__: model for model in (Claim, TreatmentCase, Coverage, Patient, Denial)}
ORDER = (Denial, Claim, TreatmentCase, Coverage, Patient)  # what hangs from another goes before it
PARTS = ("service_line", "denial_line", "deadline")  # they go with their owner


@dataclass
class Tracker:
    """The records a file made or changed, each with its first place in the file."""

    rows: dict[tuple[str, int], tuple[int, bool]] = field(default_factory=dict)

    def made(self, place: int, subject: Any) -> None:
        """Note a record that did not exist before."""
        self.rows[subject.__tablename__, subject.id] = (place, True)

    def changed(self, place: int, subject: Any) -> None:
        """Note a record that the file told something about."""
        self.rows.setdefault((subject.__tablename__, subject.id), (place, False))

    def of(self, run: ImportRun) -> list[dict[str, Any]]:
        """Return the rows to keep."""
        return [
            {"run_id": run.id, "subject": table, "subject_id": key, "place": place, "made": made}
            for (table, key), (place, made) in self.rows.items()
        ]


def standing(digest: str) -> ImportRun | None:
    """Return the import of a file by its SHA-256, unless it was undone."""
    return db.session.scalar(select(ImportRun).where(ImportRun.standing == digest))


def newest(limit: int, before: int | None = None) -> list[ImportRun]:
    """Return imports, newest first."""
    query = select(ImportRun).order_by(ImportRun.id.desc()).limit(limit)
    return list(db.session.scalars(query.where(ImportRun.id < before) if before else query))


def records(run: ImportRun) -> list[tuple[ImportedRow, Any]]:
    """Return what a run made or changed, each with its record; None for one that is gone."""
    found: list[tuple[ImportedRow, Any]] = []
    for row in run.rows:
        model = MODELS.get(row.subject) or (Authorization if row.subject == "authorization" else None)
        found.append((row, db.session.get(model, row.subject_id) if model else None))
    return found


def undo(run: ImportRun, deed: Deed) -> int:
    """Take back every record that a run made; returns how many. The file may then be imported again.

    Raises Refused with each thing that was built on them since, or when the file only told of money or states.
    """
    if run.undone_at is not None:
        raise Refused(f"This import was undone on {run.undone_at:%Y-%m-%d} by {run.undone_by}.")
    made = _made(run)
    if reasons := [*_not_undoable(run, made), *_built_on(run, made)]:
        raise Refused(*reasons)
    for model in ORDER:
        for key in made.get(model.__tablename__, ()):
            _remove(model, key, deed)
    run.standing, run.undone_at, run.undone_by = None, deed.at, deed.actor
    count = sum(map(len, made.values()))
    record(run, "undo_import", deed, sentence=f"Import of {run.file_name} undone: {count} records removed.")
    db.session.flush()
    db.session.expire_all()
    return count


def _made(run: ImportRun) -> dict[str, list[int]]:
    made: dict[str, list[int]] = {}
    for row in run.rows:
        if row.made:
            made.setdefault(row.subject, []).append(row.subject_id)
    return made


def _not_undoable(run: ImportRun, made: dict[str, list[int]]) -> Iterator[str]:
    if not made:
        yield "This file only told of records that were there before; it made nothing that could be removed."
    elif changed := [row for row in run.rows if not row.made]:
        yield f"This file also changed {len(changed)} records that were there before; correct those by hand."


def _built_on(run: ImportRun, made: dict[str, list[int]]) -> Iterator[str]:
    """Name each record of the run that somebody has touched since, and what hangs from them by now."""
    for row in run.rows:
        since = (
            select(Event)
            .where(Event.subject == row.subject, Event.subject_id == row.subject_id, Event.at > run.taken_at)
            .where(Event.action.not_in(QUIET))
        )
        if event := db.session.scalar(since.order_by(Event.id).limit(1)):
            name = f"{words(row.subject).capitalize()} {row.subject_id}"
            yield f"{name} was changed by {event.actor} on {event.at:%Y-%m-%d}: {event.sentence}"
    for table, key in _links_to(made):
        own = made.get(table.name, [])
        target = key.column.table.name
        query = select(func.count()).where(key.parent.in_(made[target]), table.c.id.not_in(own))
        if number := db.session.scalar(query):
            yield f"{number} more on file ({words(table.name)}) hang from a {words(target)} that this file made."


def _links_to(made: dict[str, list[int]]) -> Iterator[tuple[Table, ForeignKey]]:
    """Give every foreign key that may point at a record of the run from outside."""
    for table in db.metadata.tables.values():
        for key in table.foreign_keys:
            if table.name not in PARTS and key.column.table.name in made:
                yield table, key


def _remove(model: Any, key: int, deed: Deed) -> None:
    found = db.session.get_one(model, key)
    record(found, "undo_import", deed, sentence="Removed: the import that made it was undone.")
    db.session.flush()
    clock = Deadline.__table__.c.get(f"{model.__tablename__}_id")
    if clock is not None:
        db.session.execute(delete(Deadline).where(clock == key))
    db.session.delete(found)
    db.session.flush()
