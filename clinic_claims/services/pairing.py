"""Pair what a payer's file names with what is on record: claims, service lines, and a reversal with its payment."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from ..db import db
from ..domain.lifecycle import CLAIM
from ..edi.era835 import ClaimPayment as Paid
from ..edi.era835 import LinePayment as PaidLine
from ..models import Claim, ClaimPayment, Coverage, Plan, Remittance, ServiceLine, TreatmentCase
from .patients import name_key

REVERSED = "22"  # CLP02 of a payment taken back
ANSWERABLE = frozenset(state for step in CLAIM.steps if step.action.startswith("post_") for state in step.leaves)
WHOLE = (
    joinedload(Claim.case).joinedload(TreatmentCase.patient),
    joinedload(Claim.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
    joinedload(Claim.facility),
    joinedload(Claim.authorization),
    selectinload(Claim.lines),
)


def answerable(claim: Claim) -> bool:
    """Say whether a payer can be answering this claim: never one that was not given nor billed."""
    return claim.state in ANSWERABLE


def claims_of(payments: Iterable[Paid]) -> dict[int, Claim]:
    """Find our claims for many payments at once: by our number, then by the payer's; keyed by their segments."""
    told = list(payments)
    ours = _by(Claim.number, (each.claim_number for each in told))
    left = [each for each in told if each.claim_number not in ours]
    theirs = _by(Claim.payer_control_number, (number for each in left for number in _payers_numbers(each)))
    found: dict[int, Claim] = {}
    for each in told:
        claim = ours.get(each.claim_number)
        for number in () if claim else _payers_numbers(each):
            claim = claim or theirs.get(number)
        if claim is not None and answerable(claim) and not is_another_person(each, claim):
            found[each.segment] = claim
    return found


def _payers_numbers(payment: Paid) -> list[str]:
    return [number for number in (payment.payer_control_number, payment.original_claim) if number]


def _by(column: Any, numbers: Iterable[str]) -> dict[str, Claim]:
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        return {}
    query = select(Claim).where(column.in_(wanted)).order_by(Claim.id.desc()).options(*WHOLE)
    return {getattr(claim, column.key): claim for claim in db.session.scalars(query)}


def is_another_person(payment: Paid, claim: Claim) -> bool:
    """Say whether both the name and the member ID are given and neither is that of the claim's patient."""
    patient, coverage = claim.case.patient, claim.coverage
    if not payment.patient_last or not payment.member_id:
        return False
    same_name = name_key(payment.patient_last, "") == name_key(patient.last_name, "")
    return not same_name and packed(payment.member_id) != packed(coverage.member_id)


def packed(number: str) -> str:
    """Write a number as its letters and digits alone: cards part it by spaces and hyphens, files do not."""
    return "".join(filter(str.isalnum, number)).upper()


def lines_of(lines: Sequence[PaidLine], claim: Claim | None) -> dict[int, ServiceLine]:
    """Pair each paid line with ours: by its control number, then code and modifiers, then code alone.

    One of ours is paired once, unless the payer split it: what is left then falls on a line of the same code.
    """
    if claim is None:
        return {}
    ours = list(claim.lines)
    found = _numbered(lines, ours)
    left = [line for line in ours if line not in found.values()]
    for exact in (True, False):
        for line in lines:
            if line.segment in found:
                continue
            if fit := next((each for each in left if _fits(line, each, exact=exact)), None):
                found[line.segment] = fit
                left.remove(fit)
    for line in lines:
        split = next((each for each in ours if _fits(line, each, exact=False)), None)
        if line.segment not in found and split is not None:
            found[line.segment] = split
    return found


def _numbered(lines: Sequence[PaidLine], ours: Sequence[ServiceLine]) -> dict[int, ServiceLine]:
    known = {line.control_number: line for line in ours if line.control_number}
    return {line.segment: known[line.control_number] for line in lines if line.control_number in known}


def _fits(line: PaidLine, ours: ServiceLine, *, exact: bool) -> bool:
    codes = {line.procedure, line.bundled_from, line.revenue_code} - {""}
    return ours.code in codes and (not exact or list(line.modifiers) == ours.modifiers)


def paid_before(keys: Sequence[int]) -> Iterator[str]:
    """Say of each of these payments whether an earlier one that stands paid its claim the very same."""
    before, back = aliased(ClaimPayment), aliased(ClaimPayment)
    same = (getattr(before, name) == getattr(ClaimPayment, name) for name in ("claim_id", "status", "charged", "paid"))
    query = (
        select(ClaimPayment.claim_number, Remittance.trace, Remittance.paid_on)
        .join(before, and_(before.id < ClaimPayment.id, *same))
        .join(Remittance, Remittance.id == before.remittance_id)
        .where(ClaimPayment.id.between(min(keys), max(keys)), ClaimPayment.id.in_(keys), ClaimPayment.paid > 0)
        .where(~exists().where(back.reverses_id == before.id))
        .order_by(ClaimPayment.id)
    )
    for number, trace, day in db.session.execute(query):
        yield f"Claim {number}: remittance {trace} of {day} paid the same; if it is the same money, ask the payer."


def taken_back(row: ClaimPayment) -> ClaimPayment | None:
    """Find the payment that a reversal takes back: the newest that stands and that it negates to the cent."""
    later = aliased(ClaimPayment)
    gone = select(later.reverses_id).where(later.reverses_id.is_not(None), later.claim_id == row.claim_id)
    query = (
        select(ClaimPayment)
        .where(ClaimPayment.claim_id == row.claim_id, ClaimPayment.status != REVERSED)
        .where(ClaimPayment.id < row.id, ClaimPayment.id.not_in(gone))
        .where(ClaimPayment.paid == -row.paid, ClaimPayment.charged == -row.charged)
        .order_by(ClaimPayment.id.desc())
    )
    fits = list(db.session.scalars(query))
    same = (each for each in fits if each.payer_control_number == row.payer_control_number)
    return next(same, next(iter(fits), None))


def waiting_for_correction(row: ClaimPayment) -> ClaimPayment | None:
    """Find the payment that was taken back last and that no other has come in place of yet."""
    back, newer = aliased(ClaimPayment), aliased(ClaimPayment)
    replaced = select(newer.corrects_id).where(newer.corrects_id.is_not(None), newer.claim_id == row.claim_id)
    query = (
        select(ClaimPayment)
        .join(back, back.reverses_id == ClaimPayment.id)
        .where(ClaimPayment.claim_id == row.claim_id, ClaimPayment.id < row.id, ClaimPayment.id.not_in(replaced))
        .order_by(back.id.desc())
    )
    return db.session.scalar(query.limit(1))


def negates(row: ClaimPayment, original: ClaimPayment) -> bool:
    """Say whether a reversal negates its payment line by line."""
    return _figures(row, Decimal(-1)) == _figures(original, Decimal(1))


def _figures(row: ClaimPayment, sign: Decimal) -> list[tuple[Any, ...]]:
    return sorted((line.procedure, sign * line.charged, sign * line.paid) for line in row.lines)
