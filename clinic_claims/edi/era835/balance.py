"""Does the money of a remittance add up? The three sums the 835 guide asks for: line, claim, payment."""

from collections.abc import Iterator, Set
from decimal import Decimal

from ..findings import Fault
from .records import Adjustment, ClaimPayment, LinePayment, Remittance
from .referee import Totals

LARGEST = Decimal(10**9)  # dollars


def faults(remittance: Remittance) -> Iterator[Fault]:
    """Yield a fault for every line, claim and payment of a whole remittance that does not add up to the cent."""
    yield from of_claims(remittance)
    yield from of_payment(remittance, totals(remittance))


def of_claims(remittance: Remittance, unreadable: Set[int] = frozenset()) -> Iterator[Fault]:
    """Yield a fault for every line and claim that does not add up to the cent.

    Sums that need an amount from an `unreadable` segment are left out: that segment has its own fault already.
    """
    for claim in remittance.claims:
        if max(abs(claim.charged), abs(claim.paid), abs(claim.patient_responsibility)) >= LARGEST:
            yield Fault(claim.segment, "CLP", f"claim {claim.claim_number}: an amount is too large to be meant")
        for number, line in enumerate(claim.lines, start=1):
            if not unreadable or unreadable.isdisjoint(_segments(line)):
                yield from _line(claim, number, line)
        owners = (claim, *claim.lines)
        if not unreadable or unreadable.isdisjoint(segment for owner in owners for segment in _segments(owner)):
            yield from _claim(claim)


def of_payment(remittance: Remittance, sums: Totals, unreadable: Set[int] = frozenset()) -> Iterator[Fault]:
    """Yield a fault where the payment is not what its claims add up to, less the provider adjustments.

    `sums` are those of all its claims; nothing is said where any amount of the remittance is unreadable.
    """
    left = sums.paid - sums.provider_adjusted
    if remittance.payment_segment and not unreadable and left != remittance.amount:
        yield Fault(
            remittance.payment_segment,
            "BPR",
            f"payment {remittance.trace}: claims paid {sums.paid:.2f} less provider adjustments "
            f"{sums.provider_adjusted:.2f} leave {left:.2f} but BPR02 says {remittance.amount:.2f}",
            True,
        )


def warnings(remittance: Remittance) -> Iterator[Fault]:
    """Yield a warning where a balanced claim still contradicts itself: a line left out, or another patient share."""
    for claim in remittance.claims:
        charged, owed = _sum(line.charged for line in claim.lines), _patient_share(claim)
        if claim.lines and charged != claim.charged:
            yield _doubt(claim, f"its lines charge {charged:.2f} but CLP03 says {claim.charged:.2f}; is one left out?")
        if owed != claim.patient_responsibility and not claim.is_reversal:
            said = f"{claim.patient_responsibility:.2f}"
            yield _doubt(claim, f"PR adjustments add up to {owed:.2f} but CLP05 says {said}")


def totals(remittance: Remittance) -> Totals:
    """Add up a remittance the way the referee does, to compare the two."""
    claims = remittance.claims
    lines = [line for claim in claims for line in claim.lines]
    adjustments = [each for owner in (*claims, *lines) for each in owner.adjustments]
    kept_back = remittance.provider_adjustments
    return Totals(
        segment=remittance.segment,
        amount=remittance.amount,
        claims=len(claims),
        charged=_sum(claim.charged for claim in claims),
        paid=_sum(claim.paid for claim in claims),
        patient_responsibility=_sum(claim.patient_responsibility for claim in claims),
        lines=len(lines),
        line_charged=_sum(line.charged for line in lines),
        line_paid=_sum(line.paid for line in lines),
        adjustments=len(adjustments),
        adjusted=_sum(each.amount for each in adjustments),
        provider_adjustments=len(kept_back),
        provider_adjusted=_sum(each.amount for each in kept_back),
    )


def _segments(owner: ClaimPayment | LinePayment) -> set[int]:
    return {owner.segment, *(each.segment for each in owner.adjustments)}


def _line(claim: ClaimPayment, number: int, line: LinePayment) -> Iterator[Fault]:
    adjusted = _adjusted(line.adjustments)
    if line.charged - adjusted != line.paid:
        name = f"claim {claim.claim_number}, line {number} ({line.procedure or line.revenue_code})"
        yield Fault(
            line.segment, "SVC", f"{name}: {_leaves(line.charged, adjusted)} but SVC03 says {line.paid:.2f}", True
        )


def _claim(claim: ClaimPayment) -> Iterator[Fault]:
    own = _adjusted(claim.adjustments)
    adjusted = own + _sum(_adjusted(line.adjustments) for line in claim.lines)
    if claim.charged - adjusted == claim.paid:
        return
    by_lines = _sum(line.paid for line in claim.lines) - own
    if claim.lines and by_lines != claim.paid and _sum(line.charged for line in claim.lines) == claim.charged:
        said = f"lines add up to {by_lines:.2f}"
    else:
        said = _leaves(claim.charged, adjusted)
    yield Fault(claim.segment, "CLP", f"claim {claim.claim_number}: {said} but CLP04 says {claim.paid:.2f}", True)


def _doubt(claim: ClaimPayment, message: str) -> Fault:
    return Fault(claim.segment, "CLP", f"claim {claim.claim_number}: {message}", True)


def _patient_share(claim: ClaimPayment) -> Decimal:
    owners = (claim, *claim.lines)
    return _sum(each.amount for owner in owners for each in owner.adjustments if each.group == "PR")


def _leaves(charged: Decimal, adjusted: Decimal) -> str:
    return f"charged {charged:.2f} less adjustments {adjusted:.2f} leaves {charged - adjusted:.2f}"


def _adjusted(adjustments: tuple[Adjustment, ...]) -> Decimal:
    return _sum(each.amount for each in adjustments)


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
