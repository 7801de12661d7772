"""The clinic's own record with a payer: how its last denials ended, how it answered the last requests."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.lifecycle import AuthorizationState, DenialState
from ..models import Authorization, Claim, Coverage, Denial, Payer, Plan

LAST = 20
ENDED = (
    DenialState.OVERTURNED,
    DenialState.PARTLY_OVERTURNED,
    DenialState.UPHELD,
    DenialState.PATIENT_BALANCE,
    DenialState.WRITTEN_OFF,
)
WON = (DenialState.OVERTURNED, DenialState.PARTLY_OVERTURNED)
APPROVED = (AuthorizationState.APPROVED, AuthorizationState.PARTLY_APPROVED)


@dataclass(frozen=True)
class OwnRecord:
    """The last denials that ended and the last requests that were decided, the newest first."""

    denials: list[Denial]
    requests: list[Authorization]

    @property
    def won(self) -> int:
        """How many of the denials were overturned, wholly or in part."""
        return sum(denial.state in WON for denial in self.denials)

    @property
    def recovered(self) -> Decimal:
        """Dollars won back on them."""
        return sum((denial.recovered for denial in self.denials), Decimal(0))

    @property
    def days_to_settle(self) -> int | None:
        """The median of days from denial to end; None where no end is dated."""
        return _median([(row.denied_on, row.settled_on) for row in self.denials])

    @property
    def approved(self) -> int:
        """How many of the requests were approved, wholly or in part."""
        return sum(request.state in APPROVED for request in self.requests)

    @property
    def days_to_decide(self) -> int | None:
        """The median of days from request to decision; None where no two days are known."""
        return _median([(row.submitted_on, row.decided_on) for row in self.requests])


def _median(spans: list[tuple[date | None, date | None]]) -> int | None:
    days = [(last - first).days for first, last in spans if first and last]
    return round(median(days)) if days else None


def own_record(payer: Payer) -> OwnRecord:
    """Read what happened the last times."""
    covered = select(Coverage.id).join(Plan, Coverage.plan_id == Plan.id).where(Plan.payer_id == payer.id)
    claims = select(Claim.id).where(Claim.coverage_id.in_(covered))
    asked = select(Authorization.id).where(Authorization.coverage_id.in_(covered))
    of_payer = or_(Denial.claim_id.in_(claims), Denial.authorization_id.in_(asked))
    denials = select(Denial).where(of_payer, Denial.state.in_(ENDED)).order_by(Denial.id.desc()).limit(LAST)
    decided = Authorization.coverage_id.in_(covered) & Authorization.decided_on.is_not(None)
    requests = select(Authorization).where(decided).order_by(Authorization.id.desc()).limit(LAST)
    about: tuple[Any, ...] = (joinedload(Denial.claim), joinedload(Denial.authorization))
    return OwnRecord(list(db.session.scalars(denials.options(*about))), list(db.session.scalars(requests)))
