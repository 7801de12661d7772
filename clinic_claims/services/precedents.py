"""What the same payer paid before for the same treatment of the same patient: our own history as an argument."""

from datetime import date

from sqlalchemy import select

from ..db import db
from ..domain import letter_parts as parts
from ..domain.lifecycle import ClaimState
from ..models import Authorization, Claim, Coverage, Plan

KEPT = (ClaimState.PAID, ClaimState.PARTLY_PAID, ClaimState.CLOSED)  # money that was not taken back
MOST = 3


def paid_earlier(about: Claim | Authorization) -> tuple[parts.PaidFacts, ...]:
    """Return the newest paid claims of the same case with the same payer and procedure, the oldest first."""
    payer, codes = about.coverage.plan.payer_id, {line.code for line in about.lines}
    before = about.service_from if isinstance(about, Claim) else date.max
    query = (
        select(Claim)
        .join(Coverage, Claim.coverage_id == Coverage.id)
        .join(Plan, Coverage.plan_id == Plan.id)
        .where(Claim.case_id == about.case_id, Plan.payer_id == payer, Claim.state.in_(KEPT), Claim.paid > 0)
        .where(Claim.service_from < (before or date.max))
        .order_by(Claim.service_from.desc())
    )
    found = [told for claim in db.session.scalars(query) if (told := _told(claim, codes))]
    return tuple(reversed(found[:MOST]))


def _told(claim: Claim, codes: set[str]) -> parts.PaidFacts | None:
    same = [line for line in claim.lines if line.code in codes and line.paid > 0]
    if not same or not claim.payer_control_number or claim.service_from is None:
        return None
    return parts.PaidFacts(
        number=claim.payer_control_number,
        service_on=claim.service_from,
        codes=tuple(dict.fromkeys(line.code for line in same)),
        amount=sum((line.paid for line in same), start=same[0].paid * 0),
    )
