"""What every deed asks about the worklist, put together once: to put a question takes as long as to answer it."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from ..db import db
from ..domain.authorizations import VisitState
from ..models import (
    Appeal,
    Authorization,
    Claim,
    Coverage,
    Deadline,
    Denial,
    Plan,
    Snooze,
    TreatmentCase,
    Visit,
    WorkItem,
)

Record = TypeVar("Record", Claim, Authorization, Denial, Appeal)
KEYS = bindparam("keys", expanding=True)

_ON_IT = or_(Visit.authorization_id.in_(KEYS), Visit.drug_authorization_id.in_(KEYS))

# Which records hang from which, in the order to ask in: from, what, and their keys.
HANGING = (
    ("claim", "denial", select(Denial.id).where(Denial.claim_id.in_(KEYS))),
    ("authorization", "denial", select(Denial.id).where(Denial.authorization_id.in_(KEYS))),
    ("authorization", "visit", select(Visit.id).where(_ON_IT, Visit.state == VisitState.SCHEDULED)),
    ("denial", "appeal", select(Appeal.id).where(Appeal.denial_id.in_(KEYS))),
    ("appeal", "denial", select(Appeal.denial_id).where(Appeal.id.in_(KEYS))),
)
_ITEMS = select(WorkItem).where(WorkItem.subject == bindparam("subject"), WorkItem.subject_id.in_(KEYS))
_SNOOZES = select(Snooze).where(Snooze.subject == bindparam("subject"), Snooze.subject_id.in_(KEYS))


def records(model: type[Record], numbers: Iterable[int], states: Iterable[str] = ()) -> Iterable[Record]:
    """Read records with their parties; only those in one of `states` where any is named."""
    return db.session.scalars(_with_parties(model, tuple(states)), {"keys": list(numbers)})


def running(subject: str, numbers: Iterable[int]) -> Iterable[Deadline]:
    """Read the clocks that run on records of this table."""
    return db.session.scalars(_running(subject), {"keys": list(numbers)})


def items(subject: str, numbers: Iterable[int]) -> Iterable[WorkItem]:
    """Read the rows there are for records of this table."""
    return db.session.scalars(_ITEMS, {"subject": subject, "keys": list(numbers)})


def snoozes(subject: str, numbers: Iterable[int]) -> Iterable[Snooze]:
    """Read which of these were put aside."""
    return db.session.scalars(_SNOOZES, {"subject": subject, "keys": list(numbers)})


@cache
def _running(subject: str) -> Select[Any]:
    query = select(Deadline).where(getattr(Deadline, f"{subject}_id").in_(KEYS), Deadline.stopped_at.is_(None))
    return query.options(defer(Deadline.asked))


@cache
def _with_parties(model: type[Any], states: tuple[str, ...]) -> Select[Any]:
    query = select(model).where(model.id.in_(KEYS)).options(*_parties(model))
    return query.where(model.state.in_(states)) if states else query


def _parties(model: type[Any]) -> tuple[Any, ...]:
    if model is Appeal:
        return (joinedload(Appeal.denial).options(*_parties(Denial)),)
    if model is Denial:
        claim = joinedload(Denial.claim).options(*_parties(Claim))
        return claim, selectinload(Denial.authorization).options(*_parties(Authorization))  # few have one
    return (
        joinedload(model.case).joinedload(TreatmentCase.patient),
        joinedload(model.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
    )
