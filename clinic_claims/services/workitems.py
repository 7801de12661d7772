"""Keep one worklist row for each open item: whatever a deed's history tells of is looked at again at its commit.

The rows are a copy of what claims, authorizations, denials, appeals and their clocks say; `rebuild` makes them anew
and must change nothing.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction, joinedload

from ..calendars import federal_holiday
from ..db import db
from ..domain.business_days import on_or_before
from ..domain.lifecycle import AppealState, AuthorizationState, ClaimState, DenialState
from ..models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    Coverage,
    Deadline,
    Denial,
    Note,
    Plan,
    Snooze,
    TreatmentCase,
    WorkItem,
)
from . import ladders
from .follow_ups import follow_ups

TOUCHED = "work_touched"  # in the session's info: what this transaction's deeds told of
FOLLOW_UP = timedelta(days=30)  # a house reminder where no rule says how long a payer may take
WEEK = timedelta(days=7)
BATCH = 500
ALWAYS = date.min

# The next action in each state that waits for us.
DENIAL_NEXT: dict[str, str] = {
    DenialState.OPEN: "Decide what to do",
    DenialState.CORRECTING: "Send the corrected claim",
    DenialState.PEER_TO_PEER: "Hold the peer-to-peer call",
    DenialState.UPHELD: "Appeal to the next level",
    DenialState.PARTLY_OVERTURNED: "Pursue or settle the rest",
    DenialState.WRITE_OFF_PROPOSED: "Sign or refuse the write-off",
}
APPEAL_NEXT: dict[str, str] = {
    AppealState.DRAFTING: "Finish the appeal letter",
    AppealState.IN_REVIEW: "Review and sign the letter",
    AppealState.READY: "File the appeal",
    AppealState.FILED: "Chase the decision",
    AppealState.OVERDUE: "Chase the decision",
}
CLAIM_NEXT: dict[str, tuple[str, str]] = {  # with the clock that bounds it
    ClaimState.SERVICE_GIVEN: ("Finish coding", "timely_filing"),
    ClaimState.READY_TO_BILL: ("Submit the claim", "timely_filing"),
    ClaimState.REJECTED: ("Fix and resend the claim", "timely_filing"),
    ClaimState.INFORMATION_REQUESTED: ("Send the records", "records_request"),
    ClaimState.SUBMITTED: ("Ask the payer", "payer_answer"),
    ClaimState.ACCEPTED: ("Ask the payer", "payer_answer"),
    ClaimState.PENDING: ("Ask the payer", "payer_answer"),
    ClaimState.REVERSED: ("Answer the takeback", "takeback"),
}
AT_PAYER = (ClaimState.SUBMITTED, ClaimState.ACCEPTED, ClaimState.PENDING)
AUTHORIZATION_NEXT: dict[str, str] = {
    AuthorizationState.PLANNED: "Submit the request",
    AuthorizationState.PENDED: "Answer the payer",
    AuthorizationState.SUBMITTED: "Call the payer",
    AuthorizationState.OVERDUE: "Escalate",
}
TO_SIGN = (APPEAL_NEXT[AppealState.IN_REVIEW], DENIAL_NEXT[DenialState.WRITE_OFF_PROPOSED])

Keyed = tuple[str, int]
Clocks = dict[tuple[str, int, str], list[Deadline]]


@dataclass
class Act:
    """What to do about a record, by when and from when, before the parties are filled in."""

    next_action: str
    clock: Deadline | None
    from_on: date = ALWAYS
    because: tuple[str, ...] = ()
    act_by: date | None = None


def touch(session: Session, subject: str, subject_id: int | None) -> None:
    """Note that a deed told of this record."""
    if subject_id is not None and subject in MAKERS:
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
    for subject, numbers in _widened(touched).items():
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


def _widened(touched: Collection[Keyed]) -> dict[str, set[int]]:
    """A claim's or request's owner stands in for its denials', theirs for their appeals'."""
    found: dict[str, set[int]] = {subject: set() for subject in MAKERS}
    for subject, number in touched:
        found[subject].add(number)
    for column, subject in ((Denial.claim_id, "claim"), (Denial.authorization_id, "authorization")):
        if found[subject]:
            found["denial"] |= set(db.session.scalars(select(Denial.id).where(column.in_(found[subject]))))
    if found["denial"]:
        found["appeal"] |= set(db.session.scalars(select(Appeal.id).where(Appeal.denial_id.in_(found["denial"]))))
    if found["appeal"]:
        found["denial"] |= set(db.session.scalars(select(Appeal.denial_id).where(Appeal.id.in_(found["appeal"]))))
    return found


def _refresh(subject: str, numbers: list[int]) -> None:
    query = select(WorkItem).where(WorkItem.subject == subject, WorkItem.subject_id.in_(numbers))
    there = {row.subject_id: row for row in db.session.scalars(query)}
    asleep = select(Snooze).where(Snooze.subject == subject, Snooze.subject_id.in_(numbers))
    snoozes = {snooze.subject_id: snooze for snooze in db.session.scalars(asleep)}
    _, make = MAKERS[subject]
    for values in make(numbers):
        _put_aside(values, snoozes.get(values["subject_id"]))
        row = there.pop(values["subject_id"], None)
        if row is None:
            db.session.add(WorkItem(**values))
            continue
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
    for row in there.values():
        db.session.delete(row)


def _put_aside(values: dict[str, Any], snooze: Snooze | None) -> None:
    """Hide an item until the day somebody chose, yet never past its own; something else to do wakes it."""
    if snooze is None or snooze.next_action != values["next_action"]:
        return
    values["from_on"] = max(values["from_on"], min(snooze.until, values["act_by"] or snooze.until))
    values["because"] = [*values["because"], f"Put aside until {snooze.until}"]


def _running(subject: str, numbers: Iterable[int]) -> Clocks:
    column = getattr(Deadline, f"{subject}_id")
    found: Clocks = {}
    for row in db.session.scalars(select(Deadline).where(column.in_(numbers), Deadline.stopped_at.is_(None))):
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


def _once_late(clock: Deadline | None, sent_on: date | None) -> tuple[date, tuple[str, ...], date | None]:
    """Say from when a payer's silence is work: the day after its last one, else a house reminder."""
    if clock is not None and clock.legal is not None:
        return clock.legal + timedelta(days=1), tuple(clock.because), None
    reminder = (sent_on or date.max - FOLLOW_UP) + FOLLOW_UP
    because = (f"House reminder: {FOLLOW_UP.days} days without an answer", *(clock.because if clock else ()))
    return reminder, because, on_or_before(reminder, federal_holiday)


def _with_parties(model: type[Claim] | type[Authorization]) -> tuple[Any, ...]:
    return (
        joinedload(model.case).joinedload(TreatmentCase.patient),
        joinedload(model.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
    )


def _values(
    subject: Denial | Appeal | Claim | Authorization,
    about: Claim | Authorization,
    act: Act,
    *,
    amount: Decimal,
    stage: int,
    codes: str = "",
) -> dict[str, Any]:
    clock, patient = act.clock, about.case.patient
    act_by = act.act_by or (clock.act_by if clock else None)
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
        "due": clock.legal if clock else None,
        "act_by": act_by,
        "because": list(act.because or (clock.because if clock else ("No clock runs on this yet.",))),
        "caution": "unverified: check the notice" if clock and clock.confidence == "recalled" else "",
        "amount": amount,
        "next_action": act.next_action,
        "owner_id": subject.owner_id or about.owner_id,
        "stage": stage,
        "from_on": act.from_on,
        "sort_on": act_by or ALWAYS,
        "minus_cents": -int(amount * 100),
    }


def _denials(numbers: list[int]) -> Iterator[dict[str, Any]]:
    clocks = _running("denial", numbers)
    for denial in db.session.scalars(_denials_query(select(Denial).where(Denial.id.in_(numbers)))):
        if denial.state in DENIAL_NEXT:
            act = Act(DENIAL_NEXT[denial.state], _on_denial(clocks, denial.id, (*ladders.FILING, *ladders.BESIDE)))
            left = denial.amount - denial.recovered
            yield _values(denial, denial.subject, act, amount=left, stage=2, codes=denial.codes)


def _denials_query(query: Any) -> Any:
    return query.options(
        joinedload(Denial.claim).options(*_with_parties(Claim)),
        joinedload(Denial.authorization).options(*_with_parties(Authorization)),
    )


def _appeals(numbers: list[int]) -> Iterator[dict[str, Any]]:
    parties = (
        joinedload(Denial.claim).options(*_with_parties(Claim)),
        joinedload(Denial.authorization).options(*_with_parties(Authorization)),
    )
    query = select(Appeal).where(Appeal.id.in_(numbers)).options(joinedload(Appeal.denial).options(*parties))
    found = [appeal for appeal in db.session.scalars(query) if appeal.state in APPEAL_NEXT]
    filing = _running("denial", [appeal.denial_id for appeal in found])
    deciding = _running("appeal", numbers)
    for appeal in found:
        act = _appeal_act(appeal, filing, deciding)
        left = appeal.denial.amount - appeal.denial.recovered
        yield _values(appeal, appeal.denial.subject, act, amount=left, stage=3, codes=appeal.denial.codes)


def _appeal_act(appeal: Appeal, filing: Clocks, deciding: Clocks) -> Act:
    action = APPEAL_NEXT[appeal.state]
    if appeal.state not in (AppealState.FILED, AppealState.OVERDUE):
        return Act(action, _on_denial(filing, appeal.denial_id, ladders.FILING))
    clock = _earliest(deciding, "appeal", appeal.id, "appeal_decision")
    if appeal.state == AppealState.OVERDUE:
        return Act(action, clock)
    return Act(action, clock, *_once_late(clock, appeal.filed_on))


def _claims(numbers: list[int]) -> Iterator[dict[str, Any]]:
    clocks = _running("claim", numbers)
    for claim in db.session.scalars(select(Claim).where(Claim.id.in_(numbers)).options(*_with_parties(Claim))):
        if claim.state in CLAIM_NEXT:
            action, name = CLAIM_NEXT[claim.state]
            clock = _earliest(clocks, "claim", claim.id, name)
            waits = claim.state in AT_PAYER
            act = Act(action, clock, *_once_late(clock, claim.submitted_on)) if waits else Act(action, clock)
            yield _values(claim, claim, act, amount=claim.charged - claim.paid, stage=1)


def _authorizations(numbers: list[int]) -> Iterator[dict[str, Any]]:
    clocks = _running("authorization", numbers)
    query = select(Authorization).where(Authorization.id.in_(numbers)).options(*_with_parties(Authorization))
    for asked in db.session.scalars(query):
        if asked.state in AUTHORIZATION_NEXT:
            clock = _earliest(clocks, "authorization", asked.id, "authorization_decision")
            act = Act(AUTHORIZATION_NEXT[asked.state], clock)
            if asked.state == AuthorizationState.SUBMITTED:
                act = Act(act.next_action, clock, *_once_late(clock, asked.submitted_on))
            if asked.state == AuthorizationState.PLANNED:
                act.because = ("The request is not sent yet.",)
            yield _values(asked, asked, act, amount=Decimal(0), stage=0)


def _unmatched(numbers: list[int]) -> Iterator[dict[str, Any]]:
    """Payments that match no claim: money or a denial that nobody works until a person finds the claim."""
    query = select(ClaimPayment).where(ClaimPayment.id.in_(numbers), ClaimPayment.claim_id.is_(None))
    for row in db.session.scalars(query.options(joinedload(ClaimPayment.remittance))):
        act_by = on_or_before(row.remittance.paid_on + WEEK, federal_holiday)
        yield {
            "subject": "claim_payment",
            "subject_id": row.id,
            "item": f"PAY-{row.id:05d}",
            "kind": "unmatched",
            "claim": row.claim_number,
            "patient": row.patient_name or "Name not in the file",
            "patient_id": None,
            "payer": row.remittance.payer_name,
            "codes": "",
            "due": None,
            "act_by": act_by,
            "because": [
                f"Remittance {row.remittance.trace} names claim {row.claim_number}, which is not on file",
                "house reminder: a week after the payment",
            ],
            "caution": "",
            "amount": row.charged,
            "next_action": "Find the claim",
            "owner_id": None,
            "stage": 1,
            "from_on": ALWAYS,
            "sort_on": act_by,
            "minus_cents": -int(row.charged * 100),
        }


MAKERS: dict[str, tuple[Any, Any]] = {
    "claim": (Claim, _claims),
    "authorization": (Authorization, _authorizations),
    "denial": (Denial, _denials),
    "appeal": (Appeal, _appeals),
    "claim_payment": (ClaimPayment, _unmatched),
    "note": (Note, follow_ups),
}
