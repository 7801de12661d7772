"""Where a claim or a request stands on its way: pre-approval, billing, denial, appeal, each with its day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.lifecycle import STAGES, AppealState, ClaimState, words
from ..models import Authorization, Claim, ClaimPayment, Denial
from . import ladders
from .readiness import SETTLED, open_balance

ENDED = (ClaimState.PAID, ClaimState.CLOSED)
BEFORE_SERVICE = (ClaimState.PLANNED, ClaimState.AWAITING_APPROVAL, ClaimState.READY_TO_SCHEDULE)
MONEY = (ClaimState.PARTLY_PAID, ClaimState.REVERSED, ClaimState.RECOUPED, ClaimState.REJECTED)
UNDER_WAY = (*ladders.UNSENT, AppealState.FILED, AppealState.OVERDUE)
REVERSED = "22"  # CLP02 of a payment taken back


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stop of the line. `state` is past, now, next, or skipped when it never came to it."""

    label: str
    state: Literal["past", "now", "next", "skipped"]
    note: str = ""
    when: date | None = None


def stages(about: Claim | Authorization, denials: list[Denial] | None = None) -> list[Stage]:
    """Return the four stops, with the newest denial and appeal standing for the last two.

    `denials` are those of the record where they were read before.
    """
    denials = denials_of(about) if denials is None else denials
    stops, here = list(_stops(about, denials)), _place(about, denials)
    return [_stage(place, stop, here) for place, stop in enumerate(stops)]


def taken_back(claim: Claim, payments: Iterable[ClaimPayment] | None = None) -> str | None:
    """Say how much the payer took back; None when it took nothing.

    `payments` are those of the claim where they were read before.
    """
    if payments is None:
        payments = db.session.scalars(select(ClaimPayment).where(ClaimPayment.claim_id == claim.id))
    sum_ = sum(payment.paid for payment in payments if payment.status == REVERSED)
    return f"The payer took back ${-sum_:,.2f}" if sum_ else None


def _stage(place: int, stop: tuple[str, date | None], here: int) -> Stage:
    note, when = stop
    happened = bool(note or when)
    if place == here:
        state = "now"
    elif happened:
        state = "past"
    else:
        state = "skipped" if place < here or here < 0 else "next"
    return Stage(label=STAGES[place], state=state, note=note, when=when)


def _stops(about: Claim | Authorization, denials: list[Denial]) -> Iterator[tuple[str, date | None]]:
    """Give what is known of each stop: words and day, or nothing."""
    nothing: tuple[str, date | None] = ("", None)
    asked = about.authorization if isinstance(about, Claim) else about
    yield (words(asked.state), asked.decided_on or asked.submitted_on) if asked else nothing
    yield _billed(about) if isinstance(about, Claim) and about.state not in BEFORE_SERVICE else nothing
    denial = newest(denials)
    yield (denial.codes.split(" · ")[0], denial.denied_on) if denial else nothing
    appeal = denial.appeals[-1] if denial and denial.appeals else None
    yield (words(appeal.state), appeal.decided_on or appeal.filed_on) if appeal else nothing


def _billed(claim: Claim) -> tuple[str, date | None]:
    """Say how billing stands: money first, then the day it went out."""
    if claim.state in (*ENDED, *MONEY):
        return words(claim.state), None
    return ("submitted", claim.submitted_on) if claim.submitted_on else (words(claim.state), claim.service_from)


def _place(about: Claim | Authorization, denials: list[Denial]) -> int:
    """Return the stop the work is at, or -1 once nothing is left to do."""
    open_ones = [denial for denial in denials if denial.state not in SETTLED]
    if any(appeal.state in UNDER_WAY for denial in open_ones for appeal in denial.appeals):
        return 3
    if open_ones:
        return 2
    if isinstance(about, Claim) and about.state not in BEFORE_SERVICE:
        return -1 if about.state in ENDED or (denials and open_balance(about) <= 0) else 1
    return 0


def denials_of(about: Claim | Authorization) -> list[Denial]:
    """Return every denial of the record with its appeals, oldest first."""
    column = Denial.claim_id if isinstance(about, Claim) else Denial.authorization_id
    query = select(Denial).where(column == about.id).order_by(Denial.id).options(joinedload(Denial.appeals))
    return list(db.session.scalars(query).unique())


def newest(denials: list[Denial]) -> Denial | None:
    """Return the newest denial that is still open, else the newest of all."""
    still = [denial for denial in denials if denial.state not in SETTLED]
    return next(reversed(still or denials), None)
