"""Let claims follow what a payer said: their money, their state, a denial for what is refused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from ..db import db
from ..domain.lifecycle import CLAIM, ClaimState
from ..domain.words import money
from ..edi.era835 import ClaimPayment as Paid
from ..models import Claim, ClaimPayment, Denial, Remittance, ServiceLine
from . import denials, ladders, outcomes, pairing, shares, steps, strokes, takebacks
from .deeds import Deed
from .grants import is_granted
from .history import record
from .sorting import Sorted, sort

TAKEN_BACK = (ClaimState.REVERSED, ClaimState.RECOUPED)
ELSEWHERE = ("forwarded", "predetermination")  # CLP02 23 and 25: no word on the claim itself


@dataclass(frozen=True, slots=True)
class Answer:
    """A payment as told, the key of its row, our claim, and our line for the segment of each of its lines."""

    payment: Paid
    key: int
    claim: Claim
    lines: Mapping[int, ServiceLine]


def apply_all(answers: Sequence[Answer], remittance: Remittance, deed: Deed) -> tuple[int, list[str]]:
    """Apply many payments in their order; returns how many denials were opened, and remarks for staff.

    First answers share a stroke, since none of them asks what came before; every other is applied by itself.
    """
    refused = outcomes.refused_before(each.claim.id for each in answers)
    named = Counter(each.claim.id for each in answers)
    opened, notes = 0, list[str]()

    def is_first(each: Answer) -> bool:
        known = each.claim.id in refused or named[each.claim.id] > 1 or each.claim.state in TAKEN_BACK
        return not known and not each.payment.is_reversal and each.payment.status not in shares.LATER_PAYER

    for first, run in groupby(answers, is_first):
        if first:
            opened += _apply_first(list(run), remittance, deed)
            continue
        for each in run:
            row = db.session.get_one(ClaimPayment, each.key)
            opened += apply(each.payment, row, each.claim, remittance, deed)
            notes += _doubts(row)
    return opened, notes


def _apply_first(answers: Sequence[Answer], remittance: Remittance, deed: Deed) -> int:
    """Apply payments to claims without denials that nobody has answered before, all in one stroke."""
    with strokes.one_stroke() as stroke:
        told = {each.key: _sorted(each, deed) for each in answers if not _is_elsewhere(each.payment, deed)}
        ladders.gather(stroke, [each.claim for each in answers])
        stroke.expect(Denial, sum(len(found.denials) for found in told.values()))
        for each in answers:
            if found := told.get(each.key):
                _follow(each, found, (found.written_down, found.patient), remittance, deed)
                _open_denials(found, each, remittance.paid_on, deed)
            else:
                _note_elsewhere(each.payment, each.claim, remittance, deed)
    return sum(len(found.denials) for found in told.values())


def _sorted(answer: Answer, deed: Deed) -> Sorted:
    return sort(answer.payment, answer.lines, deed.book, approved=is_granted(answer.claim.authorization))


def apply(payment: Paid, row: ClaimPayment, claim: Claim, remittance: Remittance, deed: Deed) -> int:
    """Change the claim's money and state by one payment; return how many denials were opened."""
    if _is_elsewhere(payment, deed):
        _note_elsewhere(payment, claim, remittance, deed)
        return 0
    answer = Answer(payment, row.id, claim, pairing.lines_of(payment.lines, claim))
    found = _sorted(answer, deed)
    if payment.is_reversal:
        row.reverses = pairing.taken_back(row)
    elif claim.state in TAKEN_BACK:
        row.corrects = pairing.waiting_for_correction(row)
    with db.session.no_autoflush:  # money and state change in one stroke: the table's checks tie them together
        _follow(answer, found, shares.change(payment, row, claim, found, deed.book), remittance, deed)
    if payment.is_reversal:
        return 0
    opened = _open_denials(found, answer, remittance.paid_on, deed, row)
    outcomes.note_payment(claim, opened, remittance, deed)
    takebacks.keep_running(row, claim, deed)
    return len(opened)


def _follow(
    answer: Answer, found: Sorted, changed: tuple[Decimal, Decimal], remittance: Remittance, deed: Deed
) -> None:
    _credit(answer.claim, answer.payment, answer.lines, changed)
    _tell(answer.claim, answer.payment, remittance, deed)
    _move(answer.claim, answer.payment, found, remittance, deed)


def _doubts(row: ClaimPayment) -> list[str]:
    """Say what about a reversal staff should look at."""
    if row.status != pairing.REVERSED:
        return []
    if row.reverses is None:
        return [f"Claim {row.claim_number}: the reversal takes back a payment that is not on record."]
    if not pairing.negates(row, row.reverses):
        return [f"Claim {row.claim_number}: the reversal does not negate the earlier payment line by line."]
    return []


def _is_elsewhere(payment: Paid, deed: Deed) -> bool:
    known = deed.book.x12.claim_payments.get(payment.status)
    return known is not None and known.kind in ELSEWHERE


def _note_elsewhere(payment: Paid, claim: Claim, remittance: Remittance, deed: Deed) -> None:
    """Note an answer that settles nothing: forwarded unprocessed, or a price without a claim."""
    told = f"Remittance {remittance.trace}: {deed.book.x12.claim_payments[payment.status].meaning.lower()}"
    told += f" to {payment.crossover_payer}." if payment.crossover_payer else "."
    record(claim, "note_forwarded", deed, sentence=told, trace=remittance.trace, segment=payment.segment)


def _tell(claim: Claim, payment: Paid, remittance: Remittance, deed: Deed) -> None:
    told = f"Remittance {remittance.trace}: {money(payment.paid)} of {money(payment.charged)} paid."
    if payment.crossover_payer:
        told += f" Forwarded by the payer to {payment.crossover_payer}: do not bill that payer again."
    record(
        claim,
        "post_claim_payment",
        deed,
        sentence=told,
        trace=remittance.trace,
        segment=payment.segment,
        paid=payment.paid,
        status=payment.status,
    )


def _credit(claim: Claim, payment: Paid, matched: Mapping[int, ServiceLine], changed: tuple[Decimal, Decimal]) -> None:
    written_down, patient = changed
    strokes.put(
        claim,
        payer_control_number=(not payment.is_reversal and payment.payer_control_number) or claim.payer_control_number,
        paid=claim.paid + payment.paid,
        adjusted=claim.adjusted + written_down,
        patient_owes=claim.patient_owes + patient,
    )
    for line in payment.lines:
        if ours := matched.get(line.segment):
            strokes.put(ours, paid=ours.paid + line.paid)


def _open_denials(found: Sorted, answer: Answer, dated: date, deed: Deed, row: ClaimPayment | None = None) -> list[int]:
    """Open a denial for each set of codes; `row` is given where one may only repeat a denial under correction."""
    opened: list[int] = []
    for refusal in found.denials:
        if row and outcomes.repeats(answer.claim, refusal.carcs, row, deed):
            continue
        denial = denials.open_denial(
            answer.claim, deed, group=refusal.group or None, carcs=refusal.carcs, rarcs=refusal.rarcs,
            amount=refusal.amount, denied_on=dated, lines=refusal.lines, claim_payment_id=answer.key,
            notice_dated_on=dated, received_how="remittance",
        )  # fmt: skip
        opened.append(denial.id)
    return opened


def _move(claim: Claim, payment: Paid, found: Sorted, remittance: Remittance, deed: Deed) -> None:
    """Move the claim to where the payment leaves it, where its state allows that."""
    action = _action(claim, payment, found)
    if any(step.action == action and claim.state in step.leaves for step in CLAIM.steps):
        steps.take(claim, action, deed, reason=f"Source: remittance {remittance.trace}.")


def _action(claim: Claim, payment: Paid, found: Sorted) -> str:
    if payment.is_reversal:
        return "reverse"
    if found.asks_for("rejection"):
        return "note_rejected"
    if found.asks_for("records_request"):
        return "request_information"
    if outcomes.settled(claim):
        return "post_payment"
    return "post_part_payment" if claim.paid > 0 else "post_denial"
