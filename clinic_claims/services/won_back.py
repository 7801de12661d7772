"""Gather the money on record of a claim, and reckon what each of its denials has won back."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from sqlalchemy import func, select

from ..db import db
from ..domain import won_back as reckoning
from ..domain.won_back import ZERO, Money, Refusal
from ..models import Adjustment, Claim, ClaimPayment, Denial, Remittance
from ..rulebook import Rulebook
from .second_answers import answers_of, standing

TAKES = ("recovery", "balance_forward", "refund")  # kinds of PLB that take a claim's money


def kind_of(reason: str, book: Rulebook) -> str:
    """Return what a PLB reason code moves money for."""
    known = book.x12.provider_adjustments.get(reason)
    return known.kind if known else "adjustment"


def of_claim(
    claim: Claim, denials: Sequence[Denial], book: Rulebook, ahead: Collection[int] = ()
) -> dict[int, Decimal]:
    """Return the dollars that each of these denials of the claim has won back by now.

    `ahead` are payments of the file being posted that are not applied yet.
    """
    if not denials:
        return {}
    payments, kept = answers_of(claim.id, ahead), _withheld(claim, book)
    refusals = [
        Refusal(
            denial=denial.id,
            amount=denial.amount,
            lines=_lines(denial),
            before=_money(payments, kept, book, until=_brought_by(denial)),
        )
        for denial in denials
    ]
    return reckoning.won(refusals, _money(payments, kept, book))


def is_superseded(denial: Denial, denials: Iterable[Denial]) -> bool:
    """Tell whether a newer denial of the claim stands on the same lines."""
    return reckoning.superseded(_lines(denial), (_lines(each) for each in denials if each.id > denial.id))


def _lines(denial: Denial) -> frozenset[int]:
    return frozenset(row.service_line_id for row in denial.lines)


def _brought_by(denial: Denial) -> int:
    """Return the remittance that brought a denial; of one logged by hand, the last one posted before."""
    brought = select(ClaimPayment.remittance_id).where(ClaimPayment.id == denial.claim_payment_id)
    before = select(func.max(Remittance.id)).where(Remittance.posted_at <= denial.created_at)
    return db.session.scalar(brought if denial.claim_payment_id else before) or 0


def _money(
    payments: Iterable[ClaimPayment], kept: Iterable[Adjustment], book: Rulebook, until: int | None = None
) -> Money:
    """Add up what stood once that remittance was posted; without one, what stands now."""
    known = [each for each in payments if until is None or each.remittance_id <= until]
    lines, whole = dict[int, Decimal](), ZERO
    for payment in standing(known, book):
        whole += payment.paid
        for line in payment.lines:
            if line.service_line_id is not None:
                lines[line.service_line_id] = lines.get(line.service_line_id, ZERO) + line.paid
                whole -= line.paid
    withheld = (each.amount for each in kept if until is None or (each.remittance_id or 0) <= until)
    return Money(lines=lines, whole=whole, withheld=sum(withheld, ZERO))


def _withheld(claim: Claim, book: Rulebook) -> list[Adjustment]:
    """Return what was kept back from checks under the claim's name."""
    query = select(Adjustment).where(Adjustment.claim_id == claim.id, Adjustment.remittance_id.is_not(None))
    return [row for row in db.session.scalars(query.order_by(Adjustment.id)) if kind_of(row.carc, book) in TAKES]
