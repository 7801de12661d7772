"""How long a payer really takes to decide a request, measured on what it decided."""

from datetime import timedelta

from sqlalchemy import select

from ..db import db
from ..models import Authorization, Coverage, Plan
from .deeds import Deed

ENOUGH = 3  # decided requests needed to speak of a turnaround
LOOKED_BACK = timedelta(days=365)


def turnaround(plan: Plan, deed: Deed) -> int | None:
    """Days in which this payer decided nine of ten requests of the past year; None with too few to say."""
    query = (
        select(Authorization.submitted_on, Authorization.decided_on)
        .join(Coverage, Authorization.coverage_id == Coverage.id)
        .join(Plan, Coverage.plan_id == Plan.id)
        .where(Plan.payer_id == plan.payer_id, Authorization.submitted_on >= deed.today - LOOKED_BACK)
        .where(Authorization.decided_on >= Authorization.submitted_on)
    )
    days = sorted((decided - asked).days for asked, decided in db.session.execute(query) if asked and decided)
    return days[-(-9 * len(days) // 10) - 1] if len(days) >= ENOUGH else None
