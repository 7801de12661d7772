"""What needs a person, in the order of the home page: act-by day first, then money at risk.

Every open item says what to do next, by when, why, for how much and whose it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from ..db import db
from ..domain.lifecycle import (
    AppealState,
    AuthorizationState,
    ClaimState,
    DenialState,
)
from ..models import Appeal, Authorization, Claim, ClaimPayment, Coverage, Deadline, Denial, Plan, TreatmentCase, User
from .deeds import Deed

WEEK = timedelta(days=7)

# The next action of each state that waits for us: words for the button, and the clock that bounds it.
DENIAL_NEXT = {
    DenialState.OPEN: "Decide and act on the denial",
    DenialState.CORRECTING: "Send the corrected claim",
    DenialState.PEER_TO_PEER: "Hold the peer-to-peer call",
    DenialState.UPHELD: "Appeal to the next level",
    DenialState.PARTLY_OVERTURNED: "Pursue the rest or settle it",
    DenialState.WRITE_OFF_PROPOSED: "Sign or refuse the write-off",
}
APPEAL_NEXT = {
    AppealState.DRAFTING: "Finish the appeal letter",
    AppealState.IN_REVIEW: "Review and sign the letter",
    AppealState.READY: "File the appeal and keep the proof",
    AppealState.OVERDUE: "Chase the late decision",
}
CLAIM_NEXT = {
    ClaimState.SERVICE_GIVEN: "Finish coding",
    ClaimState.READY_TO_BILL: "Submit the claim",
    ClaimState.REJECTED: "Fix and resend the claim",
    ClaimState.INFORMATION_REQUESTED: "Send the records",
}
AUTHORIZATION_NEXT = {
    AuthorizationState.PLANNED: "Submit the request",
    AuthorizationState.PENDED: "Send what the payer asks for",
    AuthorizationState.OVERDUE: "Escalate the late decision",
}
CLAIM_CLOCK = {
    ClaimState.SERVICE_GIVEN: "timely_filing",
    ClaimState.READY_TO_BILL: "timely_filing",
    ClaimState.REJECTED: "timely_filing",
    ClaimState.INFORMATION_REQUESTED: "records_request",
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the worklist. `amount` is dollars at risk; `why` explains the act-by day."""

    item: str
    kind: str
    subject: str
    subject_id: int
    claim: str | None
    patient: str
    patient_id: int
    payer: str
    codes: str
    due: date | None
    act_by: date | None
    why: str
    unverified: bool
    amount: Decimal
    next_action: str
    owner: str | None
    owner_id: int | None
    stage: int

    def to_json(self) -> dict[str, Any]:
        """Give the keys that the `worklist` command promises."""
        day = {
            name: value.isoformat() if value else None for name, value in (("due", self.due), ("act_by", self.act_by))
        }
        return {
            "item": self.item, "claim": self.claim, "patient": self.patient, **day, "why": self.why,
            "amount": f"{self.amount:.2f}", "next_action": self.next_action, "owner": self.owner,
        }  # fmt: skip


def items(deed: Deed, *, owner_id: int | None = None) -> list[Item]:
    """Return every open item, or those of one owner, in working order."""
    clocks, owners = _running(), _owners()
    found = [
        *_denials(clocks, owners),
        *_appeals(clocks, owners, deed.today),
        *_claims(clocks, owners, deed.today),
        *_authorizations(clocks, owners, deed.today),
        *_unmatched(),
    ]
    if owner_id is not None:
        found = [item for item in found if item.owner_id == owner_id]
    return sorted(found, key=_order)


def _order(item: Item) -> tuple[bool, date, Decimal, str]:
    """An item whose date is not known comes first: somebody must find it out today."""
    return item.act_by is not None, item.act_by or date.min, -item.amount, item.item


def groups(found: Iterable[Item], today: date) -> list[tuple[str, list[Item]]]:
    """Split the list by urgency: date not known, late, this week, later."""
    named: dict[str, list[Item]] = {"Date not known": [], "Late": [], "This week": [], "Later": []}
    for item in found:
        named[_urgency(item, today)].append(item)
    return [(name, members) for name, members in named.items() if members]


def _urgency(item: Item, today: date) -> str:
    if item.act_by is None:
        return "Date not known"
    if item.act_by < today:
        return "Late"
    return "This week" if item.act_by <= today + WEEK else "Later"


Clocks = dict[tuple[str, int, str], list[Deadline]]


def _running() -> Clocks:
    found: Clocks = {}
    for deadline in db.session.scalars(select(Deadline).where(Deadline.stopped_at.is_(None))):
        for subject in ("claim", "authorization", "denial", "appeal"):
            if (key := getattr(deadline, f"{subject}_id")) is not None:
                found.setdefault((subject, key, deadline.clock), []).append(deadline)
    return found


def _owners() -> dict[int, str]:
    return {user: name for user, name in db.session.execute(select(User.id, User.full_name))}


def _earliest(found: Sequence[Deadline] | None) -> Deadline | None:
    known = [deadline for deadline in found or () if deadline.act_by]
    return min(known, key=lambda d: d.act_by or date.max) if known else next(iter(found or ()), None)


WITH_PATIENT = (
    joinedload(Claim.case).joinedload(TreatmentCase.patient),
    joinedload(Claim.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
)
AUTHORIZED_PATIENT = (
    joinedload(Authorization.case).joinedload(TreatmentCase.patient),
    joinedload(Authorization.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
)


def _item(
    subject: Any,
    about: Claim | Authorization,
    clock: Deadline | None,
    next_action: str,
    owners: dict[int, str],
    *,
    amount: Decimal,
    kind: str,
    stage: int,
    codes: str = "",
    when: str = "",
) -> Item:
    owner_id = subject.owner_id or about.owner_id
    return Item(
        item=subject.reference,
        kind=kind,
        subject=subject.__tablename__,
        subject_id=subject.id,
        claim=about.number if isinstance(about, Claim) else None,
        patient=about.case.patient.name,
        patient_id=about.case.patient_id,
        payer=about.coverage.plan.payer.name,
        codes=codes,
        due=clock.legal if clock else None,
        act_by=clock.act_by if clock else None,
        why=when or (" · ".join(clock.because) if clock else "No clock runs on this yet."),
        unverified=clock is not None and clock.confidence == "recalled",
        amount=amount,
        next_action=next_action,
        owner=owners.get(owner_id or 0),
        owner_id=owner_id,
        stage=stage,
    )


def _denials(clocks: Clocks, owners: dict[int, str]) -> list[Item]:
    query = select(Denial).where(Denial.state.in_(DENIAL_NEXT)).options(
        joinedload(Denial.claim).options(*WITH_PATIENT), joinedload(Denial.authorization).options(*AUTHORIZED_PATIENT)
    )  # fmt: skip
    return [
        _item(
            denial,
            denial.subject,
            _earliest(clocks.get(("denial", denial.id, "appeal"))),
            DENIAL_NEXT[denial.state],
            owners,
            amount=denial.amount - denial.recovered,
            kind="denial",
            stage=2,
            codes=denial.codes,
        )  # fmt: skip
        for denial in db.session.scalars(query)
    ]


def _appeals(clocks: Clocks, owners: dict[int, str], today: date) -> list[Item]:
    states = [*APPEAL_NEXT, AppealState.FILED]
    query = select(Appeal).where(Appeal.state.in_(states)).options(
        joinedload(Appeal.denial).options(
            joinedload(Denial.claim).options(*WITH_PATIENT),
            joinedload(Denial.authorization).options(*AUTHORIZED_PATIENT),
        )
    )  # fmt: skip
    found: list[Item] = []
    for appeal in db.session.scalars(query):
        denial = appeal.denial
        filing = _earliest(clocks.get(("denial", denial.id, "appeal")))
        deciding = _earliest(clocks.get(("appeal", appeal.id, "appeal_decision")))
        clock = deciding if appeal.state in (AppealState.FILED, AppealState.OVERDUE) else filing
        if appeal.state == AppealState.FILED and not _is_past(clock, today):
            continue
        action = APPEAL_NEXT.get(appeal.state, "Mark the payer as late and chase the decision")
        found.append(
            _item(
                appeal,
                denial.subject,
                clock,
                action,
                owners,
                amount=denial.amount - denial.recovered,
                kind="appeal",
                stage=3,
                codes=denial.codes,
            )  # fmt: skip
        )
    return found


def _is_past(clock: Deadline | None, today: date) -> bool:
    return clock is not None and clock.legal is not None and clock.legal < today


def _claims(clocks: Clocks, owners: dict[int, str], today: date) -> list[Item]:
    states = [*CLAIM_NEXT, ClaimState.SUBMITTED, ClaimState.ACCEPTED, ClaimState.PENDING]
    query = select(Claim).where(Claim.state.in_(states)).options(*WITH_PATIENT)
    found: list[Item] = []
    for claim in db.session.scalars(query):
        clock = _earliest(clocks.get(("claim", claim.id, CLAIM_CLOCK.get(claim.state, "payer_answer"))))
        if claim.state not in CLAIM_NEXT and not _is_past(clock, today):
            continue
        action = CLAIM_NEXT.get(claim.state, "Ask the payer: no answer in its time")
        found.append(
            _item(claim, claim, clock, action, owners, amount=claim.charged - claim.paid, kind="claim", stage=1)
        )
    return found


def _authorizations(clocks: Clocks, owners: dict[int, str], today: date) -> list[Item]:
    states = [*AUTHORIZATION_NEXT, AuthorizationState.SUBMITTED]
    query = select(Authorization).where(Authorization.state.in_(states)).options(*AUTHORIZED_PATIENT)
    found: list[Item] = []
    for authorization in db.session.scalars(query.options(selectinload(Authorization.lines))):
        clock = _earliest(clocks.get(("authorization", authorization.id, "authorization_decision")))
        if authorization.state == AuthorizationState.SUBMITTED and not _is_past(clock, today):
            continue
        action = AUTHORIZATION_NEXT.get(authorization.state, "Mark as overdue and call the payer")
        found.append(
            _item(
                authorization,
                authorization,
                clock,
                action,
                owners,
                amount=Decimal(0),
                kind="authorization",
                stage=0,
                when="" if clock else "The request is not sent yet.",
            )  # fmt: skip
        )
    return found


def _unmatched() -> list[Item]:
    """Payments that match no claim: money or a denial nobody works until a person finds the claim."""
    query = select(ClaimPayment).where(ClaimPayment.claim_id.is_(None)).options(joinedload(ClaimPayment.remittance))
    return [
        Item(
            item=f"PAY-{row.id:05d}",
            kind="unmatched",
            subject="claim_payment",
            subject_id=row.id,
            claim=row.claim_number,
            patient=row.patient_name or "Name not in the file",
            patient_id=0,
            payer=row.remittance.payer_name,
            codes="",
            due=None,
            act_by=row.remittance.paid_on + WEEK,
            why=f"Remittance {row.remittance.trace} names claim {row.claim_number}, which is not on file.",
            unverified=False,
            amount=row.charged,
            next_action="Find the claim",
            owner=None,
            owner_id=None,
            stage=1,
        )  # fmt: skip
        for row in db.session.scalars(query)
    ]


def counts(found: Iterable[Item], today: date) -> dict[str, tuple[int, Decimal]]:
    """Sum up the list for the head of the page: how many and how much, by urgency."""
    return {
        name: (len(members), sum((item.amount for item in members), Decimal(0)))
        for name, members in groups(found, today)
    }


def waiting_at_payer() -> int:
    """Count what lies with payers and needs nobody today."""
    claims = select(Claim.id).where(
        or_(Claim.state == ClaimState.SUBMITTED, Claim.state == ClaimState.ACCEPTED, Claim.state == ClaimState.PENDING)
    )
    appeals = select(Appeal.id).where(Appeal.state == AppealState.FILED)
    asked = select(Authorization.id).where(Authorization.state == AuthorizationState.SUBMITTED)
    return sum(len(db.session.scalars(query).all()) for query in (claims, appeals, asked))
