"""What each file made, and taking a whole import back while nothing was built on it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ForeignKey, Select, Table, delete, func, select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.lifecycle import words
from ..models import (
    Adjustment,
    Authorization,
    Claim,
    ClaimPayment,
    Coverage,
    Deadline,
    Denial,
    Event,
    ImportedRow,
    ImportRun,
    LinePayment,
    Patient,
    Remittance,
    TreatmentCase,
)
from . import workitems
from .deeds import Deed, Refused
from .history import QUIET, record

MODELS: dict[str, Any] = {model.__tablename__: model for model in (Claim, TreatmentCase, Coverage, Patient, Denial)}
ORDER = (Denial, Claim, TreatmentCase, Coverage, Patient)  # what hangs from another goes before it
MONEY = ("835", "paper")  # kinds that pay
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


def told_of(subject: Claim | Denial) -> list[ImportedRow]:
    """Return where files other than remittances told of a record, oldest first."""
    mine = ImportedRow.subject == subject.__tablename__, ImportedRow.subject_id == subject.id
    query = select(ImportedRow).where(*mine).options(joinedload(ImportedRow.run)).order_by(ImportedRow.id)
    return list(db.session.scalars(query))


def undo(run: ImportRun, deed: Deed) -> int:
    """Take back every record that a run made; returns how many. The file may then be imported again.

    Raises Refused with each thing that was built on them since, and when the file's money stands on claims or it only
    told of states.
    """
    if run.undone_at is not None:
        raise Refused(f"This import was undone on {run.undone_at:%Y-%m-%d} by {run.undone_by}.")
    count = _remove_remittances(run, deed) if run.kind in MONEY else _remove_records(run, deed)
    run.standing, run.undone_at, run.undone_by = None, deed.at, deed.actor
    record(run, "undo_import", deed, sentence=f"Import of {run.file_name} undone: {count} records removed.")
    db.session.flush()
    db.session.expire_all()
    return count


def is_undoable(run: ImportRun) -> bool:
    """Say whether there is anything to undo, as far as the import alone decides."""
    if run.undone_at is not None:
        return False
    return not _posted(run) if run.kind in MONEY else any(row.made for row in run.rows)


def _of(run: ImportRun) -> Select[int]:
    return select(Remittance.id).where(Remittance.document_id == run.document_id)


def _posted(run: ImportRun) -> int:
    """Count what of a file's money stands on a claim."""
    paid = ClaimPayment.remittance_id.in_(_of(run)) & ClaimPayment.claim_id.is_not(None)
    named = Adjustment.remittance_id.in_(_of(run)) & Adjustment.claim_id.is_not(None)
    return sum(db.session.scalar(select(func.count()).where(each)) or 0 for each in (paid, named))


def _remove_remittances(run: ImportRun, deed: Deed) -> int:
    """Remove a file's checks and transfers with their payments while none of it stands on a claim."""
    if posted := _posted(run):
        told = f"{posted} of its payments {'stand' if posted != 1 else 'stands'} on claims"
        raise Refused(f"{told}, and money that was posted is taken back by the payer's own reversal alone.")
    payments = select(ClaimPayment.id).where(ClaimPayment.remittance_id.in_(_of(run)))
    numbers = list(db.session.scalars(payments))
    for number in numbers:
        workitems.touch(db.session(), "claim_payment", number)
    removed = list(db.session.scalars(select(Remittance).where(Remittance.id.in_(_of(run)))))
    for remittance in removed:
        record(remittance, "undo_import", deed, sentence="Removed: the import that made it was undone.")
    reasons = Adjustment.payment_id.in_(payments) | Adjustment.remittance_id.in_(_of(run))
    for model, condition in (
        (Adjustment, reasons),
        (LinePayment, LinePayment.payment_id.in_(payments)),
        (ClaimPayment, ClaimPayment.remittance_id.in_(_of(run))),
        (Remittance, Remittance.document_id == run.document_id),
    ):
        db.session.execute(delete(model).where(condition), execution_options={"synchronize_session": False})
    return len(numbers) + len(removed)


def _remove_records(run: ImportRun, deed: Deed) -> int:
    """Remove each record that a file made."""
    made = _made(run)
    if reasons := [*_not_undoable(run, made), *_built_on(run, made)]:
        raise Refused(*reasons)
    for model in ORDER:
        for key in made.get(model.__tablename__, ()):
            _remove(model, key, deed)
    return sum(map(len, made.values()))


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
