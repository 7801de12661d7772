"""Let claims follow what a payer said: their money, their state, a denial for what is refused."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from ..db import db
from ..domain.lifecycle import CLAIM
from ..domain.words import money
from ..edi.era835 import ClaimPayment as Paid
from ..models import Claim, ClaimPayment, Denial, Remittance, ServiceLine
from . import (
    denials,
    denied_again,
    ladders,
    outcomes,
    pairing,
    second_answers,
    shares,
    steps,
    strokes,
    takebacks,
    told_before,
)
from .deeds import Deed
from .grants import is_granted
from .history import record
from .sorting import Refusal, Sorted, sort


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
    refused, ahead = outcomes.refused_before(each.claim.id for each in answers), {each.key for each in answers}
    answered = second_answers.answered_before((each.claim.id for each in answers), ahead)
    named = Counter(each.claim.id for each in answers)
    opened, notes = 0, list[str]()

    def is_first(each: Answer) -> bool:
        known = each.claim.id in refused | answered or named[each.claim.id] > 1
        known = known or each.claim.state in outcomes.TAKEN_BACK or told_before.has_money(each.claim)
        return not known and not each.payment.is_reversal and each.payment.status not in second_answers.LATER_PAYER

    for first, run in groupby(answers, is_first):
        if first:
            opened += _apply_first(list(run), remittance, deed)
            continue
        for each in run:
            ahead.discard(each.key)
            row = db.session.get_one(ClaimPayment, each.key)
            done = apply(each.payment, row, each.claim, remittance, deed, ahead)
            opened += done.opened
            notes += [*_doubts(row), *done.notes]
    return opened, notes


def _apply_first(answers: Sequence[Answer], remittance: Remittance, deed: Deed) -> int:
    """Apply payments to claims without denials that nobody has answered before, all in one stroke."""
    with strokes.one_stroke() as stroke:
        here = (each for each in answers if not second_answers.is_elsewhere(each.payment.status, deed.book))
        told = {each.key: _sorted(each, deed) for each in here}
        ladders.gather(stroke, [each.claim for each in answers])
        stroke.expect(Denial, sum(len(found.denials) for found in told.values()))
        for each in answers:
            if found := told.get(each.key):
                _follow(each, found, (found.written_down, found.patient), remittance, deed)
                _open_denials(found.denials, each, remittance.paid_on, deed)
            else:
                _note_elsewhere(each.payment, each.claim, remittance, deed)
    return sum(len(found.denials) for found in told.values())


def _sorted(answer: Answer, deed: Deed) -> Sorted:
    return sort(answer.payment, answer.lines, deed.book, approved=is_granted(answer.claim.authorization))


@dataclass(frozen=True)
class Applied:
    """How many denials a payment opened, and remarks for staff."""

    opened: int = 0
    notes: tuple[str, ...] = ()


def apply(
    payment: Paid,
    row: ClaimPayment,
    claim: Claim,
    remittance: Remittance,
    deed: Deed,
    ahead: Collection[int] = (),
) -> Applied:
    """Change the claim's money and state by one payment. `ahead` are others of its file that are not applied yet."""
    if second_answers.is_elsewhere(payment.status, deed.book):
        _note_elsewhere(payment, claim, remittance, deed)
        return Applied()
    answer = Answer(payment, row.id, claim, pairing.lines_of(payment.lines, claim))
    found = _sorted(answer, deed)
    if payment.is_reversal:
        row.reverses = pairing.taken_back(row)
    elif claim.state in outcomes.TAKEN_BACK:
        row.corrects = pairing.waiting_for_correction(row)
    place = second_answers.place_of(row, deed.book, ahead)
    if said := second_answers.adds_nothing(row, place, deed.book):
        found = Sorted()
    with db.session.no_autoflush:  # money and state change in one stroke: the table's checks tie them together
        changed = shares.change(row, claim, deed.book, ahead)
        twice = told_before.make_room(answer.lines, payment, row, claim, changed, deed, ahead)
        _follow(answer, found, changed, remittance, deed, moves=not said or payment.paid != 0)
    if payment.is_reversal:
        outcomes.recount(claim, remittance, deed, ahead)
        return Applied()
    again = denied_again.Again() if said else denied_again.look(found.denials, claim, row, place, deed)
    opened = _open_denials(again.fresh, answer, remittance.paid_on, deed)
    outcomes.note_payment(claim, [*opened, *again.reworded], again.released, remittance, deed, ahead)
    takebacks.keep_running(row, claim, deed)
    notes = [said] if said else [twice, *second_answers.doubts(row, place), *again.notes]
    return Applied(len(opened), tuple(filter(None, notes)))


def _follow(
    answer: Answer,
    found: Sorted,
    changed: tuple[Decimal, Decimal],
    remittance: Remittance,
    deed: Deed,
    *,
    moves: bool = True,
) -> None:
    _credit(answer.claim, answer.payment, answer.lines, changed)
    _tell(answer.claim, answer.payment, remittance, deed)
    if moves:
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


def _open_denials(found: Sequence[Refusal], answer: Answer, dated: date, deed: Deed) -> list[int]:
    """Open a denial for each set of codes."""
    opened: list[int] = []
    for refusal in found:
        denial = denials.open_denial(
            answer.claim, deed, denied_on=dated, **denied_again.told_of(refusal, answer.key, dated)
        )
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
