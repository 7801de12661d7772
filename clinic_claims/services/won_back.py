"""Gather the money on record of a claim, and reckon what each of its denials has won back."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from ..db import db
from ..domain import won_back as reckoning
from ..domain.lifecycle import DenialState
from ..domain.won_back import ZERO, Money, Refusal
from ..models import Adjustment, Authorization, Claim, ClaimPayment, Denial, Remittance
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


def of_request(authorization: Authorization | None) -> Iterator[tuple[Denial, Decimal]]:
    """Give each lifted refusal of a request with the dollars that claims under the approval brought since.

    What denials of those claims won back counts there; a dollar belongs to the newest refusal it came after.
    """
    if authorization is None:
        return
    lifted = select(Denial).where(Denial.authorization_id == authorization.id, Denial.state == DenialState.OVERTURNED)
    counted = ZERO
    for denial in db.session.scalars(lifted.order_by(Denial.id.desc())).all():
        came = _under(authorization, since=denial.created_at) - counted
        won = min(max(came, ZERO), denial.amount)
        counted += won
        yield denial, won


def _under(authorization: Authorization, since: datetime) -> Decimal:
    """Return what stands paid on claims under an approval that nobody had answered by then, less what they won back."""
    answered = select(ClaimPayment.id).join(Remittance, Remittance.id == ClaimPayment.remittance_id)
    answered = answered.where(ClaimPayment.claim_id == Claim.id, Remittance.posted_at < since).exists()
    mine = (Claim.authorization_id == authorization.id, ~answered)
    paid = db.session.scalar(select(func.sum(Claim.paid)).where(*mine)) or ZERO
    won = select(func.sum(Denial.recovered)).join(Claim, Claim.id == Denial.claim_id).where(*mine)
    return paid - (db.session.scalar(won) or ZERO)


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
