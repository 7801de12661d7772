"""Keep one worklist row for each open item: whatever a deed's history tells of is looked at again at its commit.

The rows are a copy of what claims, authorizations, denials, appeals and their clocks say; `rebuild` makes them anew
and must change nothing.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session, SessionTransaction

from ..db import db
from ..domain.authorizations import VisitState
from ..domain.counting import spoken
from ..models import BenefitsCheck, Snooze, TreatmentCase, Visit, WorkItem
from . import item_queries, strokes
from .next_actions import ALWAYS, MAKERS

TOUCHED = "work_touched"  # in the session's info: what this transaction's deeds told of
BATCH = 500
MOST_CENTS = 2**31 - 1
BESIDE = ("benefits_check", "patient")  # no item of its own, yet another record's item hangs from it

Keyed = tuple[str, int]


def touch(session: Session, subject: str, subject_id: int | None) -> None:
    """Note that a deed told of this record."""
    if subject_id is not None and (subject in MAKERS or subject in BESIDE):
        session.info.setdefault(TOUCHED, set()).add((subject, subject_id))


@event.listens_for(Session, "before_commit")
def refresh_touched(session: Session) -> None:
    """Bring the rows of everything this transaction touched up to date, inside the same transaction."""
    touched: set[Keyed] = session.info.pop(TOUCHED, set())
    if touched:
        session.flush()
        refresh(touched)
        session.flush()


@event.listens_for(Session, "after_soft_rollback")
def forget_touched(session: Session, ended: SessionTransaction) -> None:
    """What was rolled back has changed nothing; after a savepoint the rest of the transaction still stands."""
    if not ended.nested:
        session.info.pop(TOUCHED, None)


def refresh(touched: Collection[Keyed]) -> None:
    """Recompute the rows of these records and of those that hang from them."""
    for subject, numbers in widened(touched).items():
        ordered = sorted(numbers)
        for start in range(0, len(ordered), BATCH):
            _refresh(subject, ordered[start : start + BATCH])
            db.session.flush()  # so that a large import never holds all its rows at once


def rebuild() -> None:
    """Recompute every row; nothing changes unless a row was wrong."""
    everything = {(row.subject, row.subject_id) for row in db.session.scalars(select(WorkItem))}
    for subject, (model, _) in MAKERS.items():
        everything |= {(subject, number) for number in db.session.scalars(select(model.id))}
    refresh(everything)


def revalue(*, everything: bool) -> None:
    """Reckon anew what an hour's work should bring: of what was refused, after a new count of results, and of rows that
    an earlier release left without."""
    query = select(WorkItem.subject, WorkItem.subject_id)
    bare = query.where(WorkItem.minus_worth == 0, WorkItem.minus_cents < 0)
    touched = {(subject, key) for subject, key in db.session.execute(bare)}
    if everything:
        refused = query.where(WorkItem.kind.in_(("denial", "appeal")))
        touched |= {(subject, key) for subject, key in db.session.execute(refused)}
    refresh(touched)


def widened(touched: Collection[Keyed]) -> dict[str, set[int]]:
    """Add what hangs from these records: denials from claims and requests, appeals from denials."""
    found: dict[str, set[int]] = {subject: set() for subject in (*MAKERS, *BESIDE)}
    for subject, number in touched:
        found[subject].add(number)
    if checks := found.pop("benefits_check"):
        found["visit"] |= set(db.session.scalars(_checked(checks)))
    if patients := found.pop("patient"):
        found["visit"] |= set(db.session.scalars(_booked(patients)))
    for subject, hanging, query in item_queries.HANGING:
        if found[subject]:
            found[hanging] |= set(db.session.scalars(query, {"keys": list(found[subject])}))
    return found


def _booked(patients: Collection[int]) -> Any:
    """Ask for the visits ahead of these patients: an injection on record may have made them too early."""
    query = select(Visit.id).join(TreatmentCase, TreatmentCase.id == Visit.case_id)
    return query.where(TreatmentCase.patient_id.in_(patients), Visit.state == VisitState.SCHEDULED)


def _checked(checks: Collection[int]) -> Any:
    """Ask for the visits ahead whose coverage these checks are about."""
    query = select(Visit.id).join(BenefitsCheck, BenefitsCheck.coverage_id == Visit.coverage_id)
    return query.where(BenefitsCheck.id.in_(checks), Visit.state == VisitState.SCHEDULED)


def _refresh(subject: str, numbers: list[int]) -> None:
    _, make = MAKERS[subject]
    due = {values["subject_id"]: _bounded(values) for values in make(numbers)}
    for snooze in item_queries.snoozes(subject, due) if due else ():
        _put_aside(due[snooze.subject_id], snooze)
    there = {row.subject_id: row for row in (item_queries.items(subject, due) if due else ())}
    for number in due.keys() & there.keys():
        _change(there[number], due[number])
    strokes.write(WorkItem, [values for number, values in due.items() if number not in there])
    if gone := [number for number in numbers if number not in due]:
        db.session.execute(delete(WorkItem).where(WorkItem.subject == subject, WorkItem.subject_id.in_(gone)))


def _bounded(values: dict[str, Any]) -> dict[str, Any]:
    """Keep what orders the list within what its columns hold, however large an amount a file may tell."""
    return values | {name: max(values[name], -MOST_CENTS) for name in ("minus_cents", "minus_worth")}


def _change(row: WorkItem, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _put_aside(values: dict[str, Any], snooze: Snooze) -> None:
    """Hide an item until the day somebody chose. Something else to do wakes it, and so does a day that moved nearer."""
    if snooze.next_action != values["next_action"]:
        return
    day, until = values["act_by"], snooze.until
    if day != snooze.act_by and values["sort_on"] != ALWAYS:
        until = min(until, day)
    values["from_on"] = max(values["from_on"], until)
    values["because"] = [*values["because"], f"Put aside until {spoken(snooze.until)}"]
