"""Batches that were turned away whole, as items of the worklist until they are mended and sent again."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..calendars import federal_holiday
from ..clock import day_of
from ..db import db
from ..domain.business_days import add_business_days
from ..domain.next_actions import MEND_FILE
from ..domain.permissions import Role
from ..models import RejectedBatch

SOON = 2  # business days: nothing of the batch reached the payer, and its claims' timely filing runs


def rejected_items(numbers: list[int]) -> Iterator[dict[str, Any]]:
    """Give the worklist's values of each batch that waits; its claims bring their money as items of their own."""
    query = select(RejectedBatch).where(RejectedBatch.id.in_(numbers), RejectedBatch.mended_at.is_(None))
    for batch in db.session.scalars(query.options(joinedload(RejectedBatch.sent))):
        act_by = add_business_days(day_of(batch.rejected_at), SOON, federal_holiday)
        count = len(batch.claims)
        yield {
            "subject": "rejected_batch",
            "subject_id": batch.id,
            "item": batch.reference,
            "kind": "batch",
            "claim": None,
            "patient": f"{count:,} claim{'s' if count != 1 else ''}" if count else "Claims not known",
            "patient_id": None,
            "payer": "",
            "codes": "",
            "due": None,
            "act_by": act_by,
            "because": [f"{batch.name} was rejected: none of it reached the payer", REMINDER],
            "caution": "",
            "amount": Decimal(0),
            "next_action": MEND_FILE,
            "owner_id": batch.owner_id,
            "role": Role.BILLER,
            "stage": 1,
            "from_on": date.min,
            "sort_on": act_by,
            "minus_cents": 0,
            "minus_worth": 0,
        }


REMINDER = f"House reminder: {SOON} business days, as the time to file its claims runs on"
