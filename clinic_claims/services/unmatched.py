"""Payments that match no claim, as items of the worklist: nobody works them until a person finds the claim."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select

from ..calendars import federal_holiday
from ..db import db
from ..domain.business_days import on_or_before
from ..domain.chances import CERTAIN, worth
from ..domain.next_actions import FIND_CLAIM, MINUTES
from ..domain.permissions import Role
from ..models import ClaimPayment, Remittance

WEEK = timedelta(days=7)
WAITS = and_(ClaimPayment.claim_id.is_(None), ClaimPayment.set_aside.is_(None))  # of a payment that waits for a claim


def unmatched_payments(numbers: list[int]) -> Iterator[dict[str, Any]]:
    """Give the worklist's values of each payment without a claim."""
    told = ClaimPayment.id, ClaimPayment.claim_number, ClaimPayment.patient_name, ClaimPayment.charged
    query = select(*told, Remittance.paid_on, Remittance.payer_name, Remittance.trace).join(ClaimPayment.remittance)
    for row in db.session.execute(query.where(ClaimPayment.id.in_(numbers), WAITS)):
        act_by = on_or_before(row.paid_on + WEEK, federal_holiday)
        yield {
            "subject": "claim_payment",
            "subject_id": row.id,
            "item": f"PAY-{row.id:05d}",
            "kind": "unmatched",
            "claim": row.claim_number,
            "patient": row.patient_name or "Name not in the file",
            "patient_id": None,
            "payer": row.payer_name,
            "codes": "",
            "due": None,
            "act_by": act_by,
            "because": [
                f"Remittance {row.trace} names claim {row.claim_number}, which is not on file",
                "house reminder: a week after the payment",
            ],
            "caution": "",
            "amount": row.charged,
            "next_action": FIND_CLAIM,
            "owner_id": None,
            "role": Role.BILLER,
            "stage": 1,
            "from_on": date.min,
            "sort_on": act_by,
            "minus_cents": -int(row.charged * 100),
            "minus_worth": -worth(int(row.charged * 100), CERTAIN.value, MINUTES[FIND_CLAIM]),
        }
