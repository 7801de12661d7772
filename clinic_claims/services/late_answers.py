"""Payers' decisions against the clock that bound them: when each was due, when it came, and the proof of sending."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, case, func, literal, or_, select, type_coerce, union_all

from ..db import db
from ..domain.papers import Ref
from ..models import Appeal, Authorization, Claim, ClaimPayment, Coverage, Deadline, Denial, Payer, Plan, Remittance
from .measures import Period
from .sql_time import days_between

MOST = 500  # late answers shown
_THIS_ONE = (Deadline, Claim)
_PAID = (
    select(Remittance.paid_on.label("on"))
    .join(ClaimPayment, ClaimPayment.remittance_id == Remittance.id)
    .where(ClaimPayment.claim_id == Claim.id, Remittance.posted_at.between(Deadline.started_at, Deadline.stopped_at))
    .correlate(*_THIS_ONE)
)
_WHILE_IT_RAN = Denial.created_at.between(Deadline.started_at, Deadline.stopped_at)
_REFUSED = select(Denial.denied_on).where(Denial.claim_id == Claim.id, _WHILE_IT_RAN).correlate(*_THIS_ONE)
_CAME = union_all(_PAID, _REFUSED).subquery()
_FIRST_ANSWER = select(func.min(_CAME.c.on)).scalar_subquery()
"""The payer's own day of the answer that stopped a claim's clock. One sent again has a clock, and an answer, each."""
_STOPPED = type_coerce(func.date(Deadline.stopped_at), Date())
_REQUEST_REFUSED = (
    select(func.min(Denial.denied_on))
    .where(Denial.authorization_id == Authorization.id, _WHILE_IT_RAN)
    .correlate(Deadline, Authorization)
    .scalar_subquery()
)
_FIRST_DECISION = func.coalesce(
    _REQUEST_REFUSED, case((Authorization.decided_on <= _STOPPED, Authorization.decided_on)), type_=Date()
)
"""The decision that stopped a request's clock: the request itself holds the newest, won by an appeal perhaps."""


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


def _owed(period: Period, today: date, payer: str | None, *wanted: Any) -> Any:
    """Select from the payer's clocks that a rule stands behind and whose day, or answer, lies behind us."""
    ended = or_(Deadline.legal < today, Deadline.stopped_at.is_not(None))
    clocks = (*_binding(period), ended, *wanted)
    owed = union_all(*(way.where(*clocks) for way in _ways(today))).subquery("owed")
    columns = (owed.c.id, owed.c.answered, owed.c.late, Payer.name.label("payer"))
    query: Any = select(*columns).join(Plan, Plan.id == owed.c.plan_id).join(Payer, Payer.id == Plan.payer_id)
    return query.where(Payer.name == payer) if payer else query


def _binding(period: Period) -> tuple[Any, ...]:
    return Deadline.who == "payer", Deadline.rule != "", period.holds(Deadline.legal)


def _ways(today: date) -> Iterator[Any]:
    """Yield the clocks on claims, on requests, and on appeals about either: each finds plan and answer its own way.

    Taken apart, the database reads only the records that a clock stands on.
    """
    of_claim = _way(Deadline.claim_id, _FIRST_ANSWER, today).join(Claim, Claim.id == Deadline.claim_id)
    yield of_claim.join(Coverage, Coverage.id == Claim.coverage_id)
    of_request = _way(Deadline.authorization_id, _FIRST_DECISION, today)
    of_request = of_request.join(Authorization, Authorization.id == Deadline.authorization_id)
    yield of_request.join(Coverage, Coverage.id == Authorization.coverage_id)
    for record, key in ((Claim, Denial.claim_id), (Authorization, Denial.authorization_id)):
        of_appeal = _way(Deadline.appeal_id, Appeal.decided_on, today).join(Appeal, Appeal.id == Deadline.appeal_id)
        of_denial = of_appeal.join(Denial, Denial.id == Appeal.denial_id).join(record, record.id == key)
        yield of_denial.join(Coverage, Coverage.id == record.coverage_id)


def _way(key: Any, answered: Any, today: date) -> Any:
    """Select clocks with the day each stopped, the answer's own where one is on file, and the days it came too late."""
    on = type_coerce(case((Deadline.stopped_at.is_not(None), func.coalesce(answered, _STOPPED))), Date())
    late = days_between(Deadline.legal, func.coalesce(on, literal(today, Date())))
    columns = (Coverage.plan_id, on.label("answered"), late.label("late"))
    return select(Deadline.id, *columns).select_from(Deadline).where(key.is_not(None))


def scores(period: Period, today: date, payer: str | None = None) -> tuple[Score, ...]:
    """Count by payer, the most late answers first."""
    each = _owed(period, today, payer).subquery()
    late = each.c.late > 0
    columns = (each.c.payer, func.count(), func.count().filter(late), func.coalesce(func.max(each.c.late), 0))
    found = [Score(*row) for row in db.session.execute(select(*columns).group_by(each.c.payer))]
    return tuple(sorted(found, key=lambda score: (-score.late, score.payer)))


_CELLS = (
    Deadline.label, Deadline.part, Deadline.asked, Deadline.legal, Deadline.citation, Deadline.confidence,
    Authorization.id.label("request"), Authorization.submitted_on, Authorization.submitted_by, Authorization.proof,
    Claim.id.label("claim"), Claim.number, Claim.submitted_on.label("sent_on"), Appeal.id.label("appeal"),
    Appeal.filed_on, Appeal.filed_by, Appeal.proof.label("filing_proof"), Appeal.no_proof_reason,
)  # fmt: skip


def late(period: Period, today: date, payer: str | None = None, *, limit: int = MOST) -> Iterator[Answer]:
    """Yield the late answers, the longest delay first."""
    each = _owed(period, today, payer).subquery()
    yield from _answers(select(each).where(each.c.late > 0).order_by(each.c.late.desc(), each.c.id).limit(limit))


def awaited(period: Period, today: date, limit: int) -> Iterator[Answer]:
    """Yield the late answers that have not come yet, the longest delay first."""
    overdue = (*_binding(period), Deadline.legal < today, Deadline.stopped_at.is_(None))
    oldest = select(Deadline.id).where(*overdue).order_by(Deadline.legal, Deadline.id).limit(limit)
    yield from _answers(_owed(period, today, None, Deadline.id.in_(oldest)))


def _answers(owed: Any) -> Iterator[Answer]:
    most = owed.subquery()
    query = (
        select(*_CELLS, most.c.payer, most.c.answered, most.c.late)
        .select_from(most)
        .join(Deadline, Deadline.id == most.c.id)
        .outerjoin(Authorization, Authorization.id == Deadline.authorization_id)
        .outerjoin(Claim, Claim.id == Deadline.claim_id)
        .outerjoin(Appeal, Appeal.id == Deadline.appeal_id)
    )
    for row in db.session.execute(query.order_by(most.c.late.desc(), Deadline.id)):
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
    sent = row.asked.get("dates", {}).get("claim_received")  # by this clock: a claim may have been sent again since
    sent_on = date.fromisoformat(sent) if sent else row.sent_on
    return Ref("claim", row.claim, row.number), clock, sent_on, "claim as sent"
