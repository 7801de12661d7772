"""What one claim's page tells: its lines with what the payer said of each, its clocks, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeGuard

from sqlalchemy import Select, and_, bindparam, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from ..db import db
from ..domain.codes import Procedure, Product
from ..domain.denials import read
from ..models import (
    Adjustment,
    Authorization,
    Claim,
    ClaimPayment,
    Coverage,
    Deadline,
    Denial,
    Plan,
    Remittance,
    ServiceLine,
    TreatmentCase,
    WorkItem,
)
from ..rulebook import Rulebook
from . import takebacks
from .deeds import Deed


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """One adjustment in plain words, with the place in the payer's file where it stands."""

    codes: str
    words: str
    kind: str
    amount: Decimal
    paid_on: date
    remittance: Remittance
    segment: int


@dataclass(frozen=True)
class Billed:
    """A service line, what its code is for in short words, and every adjustment of it, oldest first."""

    line: ServiceLine
    label: str
    adjusted: list[Adjusted] = field(default_factory=list)


def load(key: int) -> Claim | None:
    """Read a claim with everything that its page names, in one statement for records and one for its lines."""
    return db.session.scalar(_whole(), {"key": key})


@cache
def _whole() -> Select[Claim]:
    """Word the statement once: to name so much takes longer than to read it."""
    named = (
        joinedload(Claim.case).options(joinedload(TreatmentCase.patient), joinedload(TreatmentCase.provider)),
        joinedload(Claim.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
        joinedload(Claim.provider),
        joinedload(Claim.facility),
        joinedload(Claim.authorization),
        selectinload(Claim.lines),
    )
    return select(Claim).where(Claim.id == bindparam("key")).options(*named)


def lines(claim: Claim, payments: Iterable[ClaimPayment], book: Rulebook) -> list[Billed]:
    """Return the service lines in billed order."""
    found = {line.id: Billed(line, label(line.code, book)) for line in claim.lines}
    for payment in payments:
        for adjustment in payment.adjustments:
            if adjustment.service_line_id in found:
                found[adjustment.service_line_id].adjusted.append(_in_words(adjustment, payment, book))
    return list(found.values())


def label(code: str, book: Rulebook) -> str:
    """Return our short words for a service or drug code; nothing for one that the rulebook does not know."""
    found = book.codes.find(code)
    if isinstance(found, Procedure):
        return found.label
    return f"{found.brand}, billing units" if isinstance(found, Product) else ""


def of_whole_claim(payments: Iterable[ClaimPayment], book: Rulebook) -> list[Adjusted]:
    """Return the adjustments that name no line of ours."""
    return [
        _in_words(adjustment, payment, book)
        for payment in payments
        for adjustment in payment.adjustments
        if adjustment.service_line_id is None
    ]


def _in_words(adjustment: Adjustment, payment: ClaimPayment, book: Rulebook) -> Adjusted:
    known = book.denial_codes
    told = [known.carcs.get(adjustment.carc), *(known.rarcs.get(code) for code in adjustment.rarcs)]
    words = ". ".join(code.short.rstrip(".") for code in told if code) or "Not in the rulebook: read the notice"
    return Adjusted(
        codes=" · ".join([f"{adjustment.group}-{adjustment.carc}", *adjustment.rarcs]),
        words=words,
        kind=read(known, adjustment.group, [adjustment.carc], adjustment.rarcs, claim_status=payment.status).kind,
        amount=adjustment.amount,
        paid_on=payment.remittance.paid_on,
        remittance=payment.remittance,
        segment=adjustment.segment,
    )


def payments_of(claim: Claim) -> list[ClaimPayment]:
    """Return every payment line posted to the claim, with its remittance and adjustments, oldest first."""
    return list(db.session.scalars(_payments(), {"claim_id": claim.id}))


@cache
def _payments() -> Select[ClaimPayment]:
    query = select(ClaimPayment).where(ClaimPayment.claim_id == bindparam("claim_id")).order_by(ClaimPayment.id)
    parts = (selectinload(ClaimPayment.adjustments), selectinload(ClaimPayment.lines))
    return query.options(joinedload(ClaimPayment.remittance), *parts)


@dataclass(frozen=True)
class Moved:
    """A provider-level entry that names the claim, in words, with the remittance it stands in."""

    entry: Adjustment
    words: str
    remittance: Remittance


def provider_money(claim: Claim, deed: Deed) -> list[Moved]:
    """Return the take-backs, forwarded balances and interest that name the claim, newest first."""
    found = takebacks.of_claim(claim)
    query = select(Remittance).where(Remittance.id.in_([entry.remittance_id for entry in found]))
    rows = {row.id: row for row in db.session.scalars(query)} if found else {}
    return [Moved(entry, takebacks.in_words(entry, deed), rows[entry.remittance_id or 0]) for entry in reversed(found)]


def clocks(about: Claim | Authorization, denials: Iterable[Denial]) -> list[Deadline]:
    """Return every clock that runs on the record, its denials and their appeals, the soonest first."""
    denials = list(denials)
    own = Deadline.claim_id if isinstance(about, Claim) else Deadline.authorization_id
    named = [
        (own, [about.id]),
        (Deadline.authorization_id, [about.authorization_id] if _waits_for_approval(about) else []),
        (Deadline.treatment_case_id, [about.case_id] if _is_ahead(about) else []),
        (Deadline.denial_id, [denial.id for denial in denials]),
        (Deadline.appeal_id, [appeal.id for denial in denials for appeal in denial.appeals]),
    ]
    # One look by each index: with OR between them, either database would read every clock there is.
    looks = union_all(*(select(Deadline.id).where(column.in_(keys)) for column, keys in named if keys))
    query = select(Deadline).where(Deadline.stopped_at.is_(None), Deadline.id.in_(looks))
    return list(db.session.scalars(query.order_by(Deadline.act_by.is_(None), Deadline.act_by, Deadline.id)))


def _waits_for_approval(about: Claim | Authorization) -> TypeGuard[Claim]:
    """Once the service is given, how long the approval lasts no longer matters to the claim."""
    return isinstance(about, Claim) and about.service_from is None


def _is_ahead(about: Claim | Authorization) -> bool:
    """Before the service is given, the first lawful day of the next injection matters."""
    return not isinstance(about, Claim) or about.service_from is None


def next_item(about: Claim | Authorization, denials: Iterable[Denial]) -> WorkItem | None:
    """Return what is to be done next about the record or anything that hangs from it; None when nothing is."""
    hanging: list[Any] = [(about.__tablename__, about.id)]
    for denial in denials:
        hanging += [("denial", denial.id), *(("appeal", appeal.id) for appeal in denial.appeals)]
    same = [and_(WorkItem.subject == table, WorkItem.subject_id == key) for table, key in hanging]
    return db.session.scalar(select(WorkItem).where(or_(*same)).order_by(WorkItem.sort_on, WorkItem.id).limit(1))
