"""What one payment changes on a claim: how much is written down, and how much is the patient's.

A second payer's word replaces the first's on the patient's share, and repeats as CARC 23 what the first one did. A
payment that was taken back no longer counts. So the change is the difference between two sums over all payments.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ..db import db
from ..edi.era835 import ClaimPayment as Paid
from ..models import Claim, ClaimPayment
from ..rulebook import Rulebook
from .grants import is_granted
from .payment_rows import as_read
from .sorting import Sorted, sort

ZERO = Decimal(0)
LATER_PAYER = ("2", "3", "20", "21")  # CLP02: processed as secondary or tertiary
PRIOR_PAYER = "23"  # CARC: the impact of an earlier payer's adjudication


def change(payment: Paid, row: ClaimPayment, claim: Claim, found: Sorted, book: Rulebook) -> tuple[Decimal, Decimal]:
    """Return by how many dollars this payment changes the write-down and the patient's share."""
    if not payment.is_reversal and payment.status not in LATER_PAYER:
        return found.written_down, found.patient
    query = select(ClaimPayment).where(ClaimPayment.claim_id == claim.id).order_by(ClaimPayment.id)
    options = selectinload(ClaimPayment.lines), selectinload(ClaimPayment.adjustments)
    rows = list(db.session.scalars(query.options(*options)))
    approved = is_granted(claim.authorization)
    after = _sums(standing(rows), book, approved)
    before = _sums(standing([each for each in rows if each.id != row.id]), book, approved)
    return after[0] - before[0], after[1] - before[1]


def standing(rows: Sequence[ClaimPayment]) -> list[ClaimPayment]:
    """Leave out every payment that was taken back, and the reversal that took it."""
    gone = {each.reverses_id for each in rows if each.reverses_id}
    return [each for each in rows if not each.reverses_id and each.id not in gone]


def _sums(rows: Iterable[ClaimPayment], book: Rulebook, approved: bool) -> tuple[Decimal, Decimal]:
    written_down = patient = ZERO
    first_seen = False
    for payment in map(as_read, rows):
        found = sort(payment, {}, book, approved=approved)
        written_down += found.written_down
        if payment.status in LATER_PAYER and first_seen:
            written_down -= _repeated(payment)
            patient = found.patient
        else:
            patient += found.patient
        first_seen = first_seen or payment.status not in LATER_PAYER
    return written_down, patient


def _repeated(payment: Paid) -> Decimal:
    owners = (payment, *payment.lines)
    return sum((each.amount for owner in owners for each in owner.adjustments if each.carc == PRIOR_PAYER), ZERO)
