"""What each open record asks for next: the deed, the day with its reason, the money, whose work it is.

Where no rule gives a day, the house does: nothing open lacks one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ..calendars import federal_holiday
from ..clock import day_of
from ..domain.business_days import on_or_before
from ..domain.chances import CERTAIN, Chance, History, chance, worth
from ..domain.lifecycle import AppealState, AuthorizationState
from ..domain.next_actions import (
    APPEAL_NEXT,
    AT_PAYER,
    AUTHORIZATION_NEXT,
    CLAIM_NEXT,
    DENIAL_NEXT,
    MINUTES,
    RENEW,
    SIGNERS,
    USUAL,
)
from ..domain.permissions import Role
from ..models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    Deadline,
    Denial,
    Note,
    RejectedBatch,
    Task,
    Visit,
)
from . import house_days, item_queries, ladders, tallies
from .follow_ups import follow_ups
from .grants import is_granted
from .rechecks import rechecks
from .rejected_items import rejected_items
from .tasks import tasks
from .unmatched import unmatched_payments

FORTNIGHT = timedelta(days=14)
ALWAYS = date.min

Clocks = dict[tuple[str, int, str], list[Deadline]]


@dataclass
class Act:
    """What to do about a record, by when and from when, before the parties are filled in."""

    next_action: str
    clock: Deadline | None
    from_on: date = ALWAYS
    because: tuple[str, ...] = ()
    act_by: date | None = None
    due: date | None = None


def _running(subject: str, numbers: Iterable[int]) -> Clocks:
    found: Clocks = {}
    for row in item_queries.running(subject, numbers):
        found.setdefault((subject, getattr(row, f"{subject}_id"), row.clock), []).append(row)
    return found


def _earliest(clocks: Clocks, subject: str, number: int, clock: str) -> Deadline | None:
    """The clock to act on: the earliest known one, else one that says why it is not known."""
    running = clocks.get((subject, number, clock), [])
    running = [row for row in running if row.who == "clinic"] or running
    known = [row for row in running if row.act_by]
    return min(known, key=lambda row: row.act_by or date.max) if known else next(iter(running), None)


def _on_denial(clocks: Clocks, number: int, names: Iterable[str]) -> Deadline | None:
    """Of several ways to answer a denial, the one that closes first."""
    return ladders.to_act_on(row for name in names for row in clocks.get(("denial", number, name), []))


def _values(
    subject: Denial | Appeal | Claim | Authorization,
    about: Claim | Authorization,
    act: Act,
    *,
    amount: Decimal,
    stage: int,
    codes: str = "",
    odds: Chance = CERTAIN,
) -> dict[str, Any]:
    clock, patient = act.clock, about.case.patient
    act_by, sort_on, because = _day(act, subject.created_at)
    return {
        "subject": subject.__tablename__,
        "subject_id": subject.id,
        "item": subject.reference,
        "kind": subject.__tablename__,
        "claim": about.number if isinstance(about, Claim) else None,
        "patient": patient.name,
        "patient_id": patient.id,
        "payer": about.coverage.plan.payer.name,
        "codes": codes,
        "due": act.due or (clock.legal if clock else None),
        "act_by": act_by,
        "because": because,
        "caution": "unverified: check the notice" if clock and clock.confidence == "recalled" else "",
        "amount": amount,
        "next_action": act.next_action,
        "owner_id": subject.owner_id or about.owner_id,
        "role": _role(about, act.next_action),
        "stage": stage,
        "from_on": act.from_on,
        "sort_on": sort_on,
        "minus_cents": -int(amount * 100),
        "minus_worth": -worth(int(amount * 100), odds.value, MINUTES.get(act.next_action, USUAL)),
    }


def _day(act: Act, opened: datetime) -> tuple[date, date, list[str]]:
    """Return the act-by day, the place in the list and the reason; where no rule gives a day, a house reminder."""
    because = list(act.because or (act.clock.because if act.clock else ("No clock runs on this yet.",)))
    if known := act.act_by or (act.clock.act_by if act.clock else None):
        return known, known, because
    begun = act.clock.started_at if act.clock else opened
    reminder = on_or_before(day_of(begun) + house_days.WEEK, federal_holiday)
    return reminder, ALWAYS, [*because, "House reminder: find the day out within a week"]


def _within_a_week(act: Act, state: str, since: date | None) -> None:
    """Give what only waits for us the house's day, where that comes first."""
    if found := house_days.soon(state, act.clock, since):
        act.act_by, act.because = found


def _role(about: Claim | Authorization, next_action: str) -> str:
    """Say whose work it is where nobody owns it."""
    usual = Role.BILLER if isinstance(about, Claim) else Role.AUTHORIZATION_COORDINATOR
    return SIGNERS.get(next_action, usual)


def _odds(denial: Denial, known: History) -> Chance:
    about = denial.subject
    return chance(denial.category, about.case.treatment, about.coverage.plan.payer.name, known)


def _denials(numbers: list[int]) -> Iterator[dict[str, Any]]:
    clocks, known = _running("denial", numbers), tallies.kept()
    found = list(item_queries.records(Denial, numbers))
    since = house_days.reached_on("denial", {denial.id: denial.state for denial in found})
    for denial in found:
        if denial.state in DENIAL_NEXT:
            act = Act(DENIAL_NEXT[denial.state], _on_denial(clocks, denial.id, (*ladders.FILING, *ladders.BESIDE)))
            _within_a_week(act, denial.state, since.get(denial.id))
            left, odds = denial.amount - denial.recovered, _odds(denial, known)
            yield _values(denial, denial.subject, act, amount=left, stage=2, codes=denial.codes, odds=odds)


def _appeals(numbers: list[int]) -> Iterator[dict[str, Any]]:
    found = [appeal for appeal in item_queries.records(Appeal, numbers) if appeal.state in APPEAL_NEXT]
    filing = _running("denial", [appeal.denial_id for appeal in found])
    deciding, known = _running("appeal", numbers), tallies.kept()
    since = house_days.reached_on("appeal", {appeal.id: appeal.state for appeal in found})
    for appeal in found:
        act, denial = _appeal_act(appeal, filing, deciding), appeal.denial
        _within_a_week(act, appeal.state, since.get(appeal.id))
        left, odds = denial.amount - denial.recovered, _odds(denial, known)
        yield _values(appeal, denial.subject, act, amount=left, stage=3, codes=denial.codes, odds=odds)


def _appeal_act(appeal: Appeal, filing: Clocks, deciding: Clocks) -> Act:
    action = APPEAL_NEXT[appeal.state]
    if appeal.state not in (AppealState.FILED, AppealState.OVERDUE):
        return Act(action, _on_denial(filing, appeal.denial_id, ladders.FILING))
    clock = _earliest(deciding, "appeal", appeal.id, "appeal_decision")
    if appeal.state == AppealState.OVERDUE:
        return Act(action, clock)
    return Act(action, clock, *house_days.once_late(clock, appeal.filed_on))


def _claims(numbers: list[int]) -> Iterator[dict[str, Any]]:
    clocks = _running("claim", numbers)
    for claim in item_queries.records(Claim, numbers, CLAIM_NEXT):
        action, name = CLAIM_NEXT[claim.state]
        clock = _earliest(clocks, "claim", claim.id, name)
        waits = claim.state in AT_PAYER
        act = Act(action, clock, *house_days.once_late(clock, claim.submitted_on)) if waits else Act(action, clock)
        _within_a_week(act, claim.state, day_of(clock.started_at) if clock else None)
        yield _values(claim, claim, act, amount=claim.charged - claim.paid, stage=1)


def _authorizations(numbers: list[int]) -> Iterator[dict[str, Any]]:
    clocks = _running("authorization", numbers)
    for asked in item_queries.records(Authorization, numbers):
        renewal = _earliest(clocks, "authorization", asked.id, "authorization_renewal")
        if is_granted(asked) and renewal is not None and renewal.act_by:
            end = _earliest(clocks, "authorization", asked.id, "authorization_end")
            act = Act(RENEW, renewal, renewal.act_by - FORTNIGHT, due=end.legal if end else None)
            yield _values(asked, asked, act, amount=Decimal(0), stage=0)
        if asked.state in AUTHORIZATION_NEXT:
            clock = _earliest(clocks, "authorization", asked.id, "authorization_decision")
            act = Act(AUTHORIZATION_NEXT[asked.state], clock)
            if asked.state == AuthorizationState.SUBMITTED:
                act = Act(act.next_action, clock, *house_days.once_late(clock, asked.submitted_on))
            if asked.state == AuthorizationState.PLANNED:
                act.because = ("The request is not sent yet.", "House reminder: a week after it was prepared")
                act.act_by = on_or_before(day_of(asked.created_at) + house_days.WEEK, federal_holiday)
            yield _values(asked, asked, act, amount=Decimal(0), stage=0)


MAKERS: dict[str, tuple[Any, Any]] = {
    "claim": (Claim, _claims),
    "authorization": (Authorization, _authorizations),
    "denial": (Denial, _denials),
    "appeal": (Appeal, _appeals),
    "claim_payment": (ClaimPayment, unmatched_payments),
    "rejected_batch": (RejectedBatch, rejected_items),
    "note": (Note, follow_ups),
    "visit": (Visit, rechecks),
    "task": (Task, tasks),
}
