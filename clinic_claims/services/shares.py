"""What one payment changes on a claim: how much is written down, and how much is the patient's.

A second payer's word replaces the first's on the patient's share, and repeats as CARC 23 what the first one did. A
payment that was taken back, or that the same payer answered anew, no longer counts. So the change is the difference
between two sums over all payments.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal

from ..edi.era835 import ClaimPayment as Paid
from ..models import Claim, ClaimPayment
from ..rulebook import Rulebook
from .grants import is_granted
from .payment_rows import as_read
from .second_answers import LATER_PAYER, answers_of, standing
from .sorting import sort

ZERO = Decimal(0)
PRIOR_PAYER = "23"  # CARC: the impact of an earlier payer's adjudication


def change(row: ClaimPayment, claim: Claim, book: Rulebook, ahead: Collection[int] = ()) -> tuple[Decimal, Decimal]:
    """Return by how many dollars this payment changes the write-down and the patient's share.

    `ahead` are payments of the same file that are not applied yet.
    """
    after = _sums(standing(answers_of(claim.id, ahead), book), book, is_granted(claim.authorization))
    before = _before(row, claim, book, ahead)
    return after[0] - before[0], after[1] - before[1]


def traced(row: ClaimPayment, claim: Claim, book: Rulebook, ahead: Collection[int] = ()) -> dict[str, Decimal]:
    """Return what of a claim's money the payer's other payments account for."""
    others = (each.paid for each in answers_of(claim.id, ahead) if each.id != row.id)
    adjusted, patient_owes = _before(row, claim, book, ahead)
    return {"paid": sum(others, ZERO), "adjusted": adjusted, "patient_owes": patient_owes}


def _before(row: ClaimPayment, claim: Claim, book: Rulebook, ahead: Collection[int]) -> tuple[Decimal, Decimal]:
    others = [each for each in answers_of(claim.id, ahead) if each.id != row.id]
    return _sums(standing(others, book), book, is_granted(claim.authorization))


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
