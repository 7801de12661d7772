"""Payers' decisions against the clock that bound them: when each was due, when it came, and the proof of sending."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, case, func, literal, or_, select, type_coerce
from sqlalchemy.orm import aliased

from ..db import db
from ..domain.papers import Ref
from ..models import Appeal, Authorization, Claim, ClaimPayment, Coverage, Deadline, Denial, Payer, Plan, Remittance
from .measures import Period
from .sql_time import days_between

MOST = 500  # late answers shown
_OF_APPEAL = aliased(Claim), aliased(Authorization)
_FIRST_PAID = (
    select(func.min(Remittance.paid_on))
    .join(ClaimPayment, ClaimPayment.remittance_id == Remittance.id)
    .where(ClaimPayment.claim_id == Claim.id, Remittance.paid_on >= Claim.submitted_on)
    .correlate(Claim)
    .scalar_subquery()
)
# The day on which the clock stopped: the answer's own day where one is on file; empty while no answer came.
_DATED = func.coalesce(Authorization.decided_on, Appeal.decided_on, _FIRST_PAID)
_STOPPED = type_coerce(func.date(Deadline.stopped_at), Date())
_ANSWERED = type_coerce(case((Deadline.stopped_at.is_not(None), func.coalesce(_DATED, _STOPPED))), Date())
_COVERAGE = func.coalesce(Authorization.coverage_id, Claim.coverage_id, *(each.coverage_id for each in _OF_APPEAL))


@dataclass(frozen=True)
class Answer:
    """One decision that the payer owed. `on` is empty while it has not come; `late` counts days after the last one."""

    record: Ref
    clock: str
    asked_on: date | None
    proof: str
    payer: str
    due: date
    on: date | None
    late: int
    citation: str
    confidence: str


@dataclass(frozen=True)
class Score:
    """How many decisions a payer owed by now, how many came late or not at all, and the longest delay in days."""

    payer: str
    owed: int
    late: int
    longest: int


def _late(today: date) -> Any:
    """Days by which the answer came, or is, after the last lawful day; zero or less when in time."""
    return days_between(Deadline.legal, func.coalesce(_ANSWERED, literal(today, Date())))


def _owed(columns: tuple[Any, ...], period: Period, today: date, payer: str | None) -> Any:
    """Select the payer's clocks that a rule stands behind and whose day, or answer, lies behind us."""
    of_claim, of_request = _OF_APPEAL
    query: Any = (
        select(*columns)
        .select_from(Deadline)
        .outerjoin(Authorization, Authorization.id == Deadline.authorization_id)
        .outerjoin(Claim, Claim.id == Deadline.claim_id)
        .outerjoin(Appeal, Appeal.id == Deadline.appeal_id)
        .outerjoin(Denial, Denial.id == Appeal.denial_id)
        .outerjoin(of_claim, of_claim.id == Denial.claim_id)
        .outerjoin(of_request, of_request.id == Denial.authorization_id)
        .join(Coverage, Coverage.id == _COVERAGE)
        .join(Plan, Plan.id == Coverage.plan_id)
        .join(Payer, Payer.id == Plan.payer_id)
        .where(Deadline.who == "payer", Deadline.rule != "", period.holds(Deadline.legal))
        .where(or_(Deadline.legal < today, Deadline.stopped_at.is_not(None)))
    )
    return query.where(Payer.name == payer) if payer else query


def scores(period: Period, today: date, payer: str | None = None) -> tuple[Score, ...]:
    """Count by payer, the most late answers first."""
    each = _owed((Payer.name.label("payer"), _late(today).label("late")), period, today, payer).subquery()
    late = each.c.late > 0
    columns = (each.c.payer, func.count(), func.count().filter(late), func.coalesce(func.max(each.c.late), 0))
    found = [Score(*row) for row in db.session.execute(select(*columns).group_by(each.c.payer))]
    return tuple(sorted(found, key=lambda score: (-score.late, score.payer)))


_CELLS = (
    Payer.name.label("payer"), Deadline.label, Deadline.part, Deadline.legal, Deadline.citation, Deadline.confidence,
    _ANSWERED.label("answered"), Authorization.id.label("request"), Authorization.submitted_on,
    Authorization.submitted_by, Authorization.proof, Claim.id.label("claim"), Claim.number,
    Claim.submitted_on.label("sent_on"), Appeal.id.label("appeal"), Appeal.filed_on, Appeal.filed_by,
    Appeal.proof.label("filing_proof"), Appeal.no_proof_reason,
)  # fmt: skip


def late(
    period: Period, today: date, payer: str | None = None, *, limit: int = MOST, awaited: bool = False
) -> Iterator[Answer]:
    """Yield the late answers, the longest delay first; those `awaited` alone have not come yet."""
    days = _late(today)
    query = _owed((*_CELLS, days.label("late")), period, today, payer).where(days > 0)
    if awaited:
        query = query.where(Deadline.stopped_at.is_(None))
    for row in db.session.execute(query.order_by(days.desc(), Deadline.id).limit(limit)):
        law = row.citation or "no citation on file"
        yield Answer(*_asked(row), row.payer, row.legal, row.answered, row.late, law, row.confidence)


def _asked(row: Any) -> tuple[Ref, str, date | None, str]:
    """Name the record, its clock, the day we asked, and how that can be shown."""
    clock = f"{row.label} ({row.part.replace('_', ' ')})" if row.part else row.label
    if row.request:
        proof = row.proof or (f"sent by {row.submitted_by}" if row.submitted_by else "none on file")
        return Ref("authorization", row.request, f"AUTH-{row.request:05d}"), clock, row.submitted_on, proof
    if row.appeal:
        proof = row.filing_proof or row.no_proof_reason or "none on file"
        return Ref("appeal", row.appeal, f"APL-{row.appeal:05d}"), clock, row.filed_on, proof
    return Ref("claim", row.claim, row.number), clock, row.sent_on, "claim as sent"
