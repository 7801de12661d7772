"""Post a remittance: payments and adjustments to claims, a denial for what is refused, the states that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select

from ..db import db
from ..domain.lifecycle import CLAIM
from ..edi.era835 import ClaimPayment as Paid
from ..edi.era835 import Remittance as Read
from ..models import Claim, ClaimPayment, Document, Payer, Remittance, ServiceLine
from . import denials, outcomes, pairing, payment_rows, progress, shares, steps, takebacks, workitems
from .deeds import Deed
from .grants import is_granted
from .history import record
from .sorting import Sorted, sort

ZERO = Decimal(0)
AT_ONCE = 500  # claims matched and written together
ELSEWHERE = ("forwarded", "predetermination")  # CLP02 23 and 25: no word on the claim itself


@dataclass
class Posted:
    """What posting came to: counts, dollars, the claim numbers that match no claim of ours, and remarks for staff."""

    claims: int = 0
    matched: int = 0
    unmatched: list[str] = field(default_factory=list)
    charged: Decimal = ZERO
    paid: Decimal = ZERO
    denials: int = 0
    notes: list[str] = field(default_factory=list)


def posted_before(remittance: Read) -> Remittance | None:
    """Return the remittance of the same payer and trace number that is on record, if any."""
    query = select(Remittance).where(
        Remittance.trace == remittance.trace, Remittance.payer_name == remittance.payer_name
    )
    return db.session.scalar(query)


def post(
    remittance: Read, document: Document, deed: Deed, *, unbalanced_reason: str | None = None, typed: bool = False
) -> Posted:
    """Post one check or transfer. The caller has refused files with faults and traces posted before.

    Reversals go first: what comes in place of a payment must find it taken back.
    """
    row = _row(remittance, document, deed, typed=typed, unbalanced_reason=unbalanced_reason)
    done = Posted()
    ordered = sorted(remittance.claims, key=lambda each: not each.is_reversal)
    for start in range(0, len(ordered), AT_ONCE):
        _post_batch(batch := ordered[start : start + AT_ONCE], row, deed, done)
        progress.step(len(batch))
    done.notes += takebacks.post_provider_money(remittance.provider_adjustments, row, deed)
    db.session.flush()
    return done


def _row(remittance: Read, document: Document, deed: Deed, *, typed: bool, unbalanced_reason: str | None) -> Remittance:
    row = Remittance(
        payer=payer_of(remittance),
        payer_name=remittance.payer_name,
        trace=remittance.trace,
        method=remittance.method,
        amount=remittance.amount,
        paid_on=remittance.paid_on or deed.today,
        document_id=document.id,
        posted_at=deed.at,
        posted_by=deed.actor,
        segment=remittance.segment,
        typed=typed,
        unbalanced_reason=unbalanced_reason,
    )
    told = f"Remittance {remittance.trace} posted."
    if unbalanced_reason:
        told += f" Its sums do not add up; posted all the same: {unbalanced_reason}"
    record(row, "post_remittance", deed, sentence=told, amount=remittance.amount)
    return row


def payer_of(remittance: Read) -> Payer | None:
    """Find the payer by name, by its id in files, or by a name it was seen under before."""
    names = func.lower(Payer.name) == remittance.payer_name.lower()
    ids = [value for value in (remittance.payer_id, remittance.originator) if value]
    found = db.session.scalar(select(Payer).where(or_(names, Payer.edi_id.in_(ids))))
    if found is None:
        alike = db.session.scalars(select(Payer))
        found = next((payer for payer in alike if remittance.payer_name in payer.aliases), None)
    return found


def _post_batch(payments: Sequence[Paid], remittance: Remittance, deed: Deed, done: Posted) -> None:
    claims = pairing.claims_of(payments)
    lines = {each.segment: pairing.lines_of(each.lines, claims.get(each.segment)) for each in payments}
    rows = payment_rows.keep(payments, claims, lines, remittance)
    refused = outcomes.refused_before(claim.id for claim in claims.values())
    for payment in payments:
        done.claims += 1
        done.charged += payment.charged
        done.paid += payment.paid
        claim = claims.get(payment.segment)
        if claim is None:
            done.unmatched.append(payment.claim_number)
            continue
        done.matched += 1
        known = claim.id in refused
        opened = apply_payment(payment, rows[payment.segment], claim, remittance, deed, denied_before=known)
        refused |= {claim.id} if opened else set()
        done.denials += opened
        done.notes += _doubts(rows[payment.segment])
    for key in payment_rows.unmatched_of(remittance, payments) if len(claims) < len(payments) else ():
        workitems.touch(db.session(), "claim_payment", key)


def _doubts(row: ClaimPayment) -> list[str]:
    """Say what about a reversal staff should look at."""
    if row.status != pairing.REVERSED:
        return []
    if row.reverses is None:
        return [f"Claim {row.claim_number}: the reversal takes back a payment that is not on record."]
    if not pairing.negates(row, row.reverses):
        return [f"Claim {row.claim_number}: the reversal does not negate the earlier payment line by line."]
    return []


def apply_payment(
    payment: Paid, row: ClaimPayment, claim: Claim, remittance: Remittance, deed: Deed, *, denied_before: bool = True
) -> int:
    """Change the claim's money and state by one payment; return how many denials were opened.

    `denied_before` may be False where it is known that the claim has no denial: two questions less for each claim.
    """
    known = deed.book.x12.claim_payments.get(payment.status)
    if known and known.kind in ELSEWHERE:
        _note_elsewhere(payment, claim, remittance, known.meaning, deed)
        return 0
    matched = pairing.lines_of(payment.lines, claim)
    found = sort(payment, matched, deed.book, approved=is_granted(claim.authorization))
    if payment.is_reversal:
        row.reverses = pairing.taken_back(row)
    elif claim.state == "reversed":
        row.corrects = pairing.waiting_for_correction(row)
    with db.session.no_autoflush:  # money and state change in one stroke: the table's checks tie them together
        _credit(claim, payment, matched, shares.change(payment, row, claim, found, deed.book))
        _tell(claim, payment, remittance, deed)
        _move(claim, payment, found, remittance, deed)
    if payment.is_reversal:
        return 0
    opened = _open_denials(found, row, claim, remittance.paid_on, deed, denied_before=denied_before)
    if denied_before:
        outcomes.note_payment(claim, opened, remittance, deed)
    takebacks.keep_running(row, claim, deed)
    return len(opened)


def _note_elsewhere(payment: Paid, claim: Claim, remittance: Remittance, meaning: str, deed: Deed) -> None:
    """Note an answer that settles nothing: forwarded unprocessed, or a price without a claim."""
    told = f"Remittance {remittance.trace}: {meaning.lower()}"
    told += f" to {payment.crossover_payer}." if payment.crossover_payer else "."
    record(claim, "note_forwarded", deed, sentence=told, trace=remittance.trace, segment=payment.segment)


def _tell(claim: Claim, payment: Paid, remittance: Remittance, deed: Deed) -> None:
    told = f"Remittance {remittance.trace}: ${payment.paid:,} of ${payment.charged:,} paid."
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
    if not payment.is_reversal:
        claim.payer_control_number = payment.payer_control_number or claim.payer_control_number
    written_down, patient = changed
    claim.paid += payment.paid
    claim.adjusted += written_down
    claim.patient_owes += patient
    for line in payment.lines:
        if ours := matched.get(line.segment):
            ours.paid += line.paid


def _open_denials(
    found: Sorted, row: ClaimPayment, claim: Claim, dated: date, deed: Deed, *, denied_before: bool
) -> list[int]:
    """Open a denial for each set of codes; one that only repeats a denial under correction upholds that one."""
    opened: list[int] = []
    for refusal in found.denials:
        if refusal.amount <= 0 or (denied_before and outcomes.repeats(claim, refusal.carcs, row, deed)):
            continue
        denial = denials.open_denial(
            claim, deed, group=refusal.group or None, carcs=refusal.carcs, rarcs=refusal.rarcs,
            amount=refusal.amount, denied_on=dated, lines=refusal.lines, payment=row,
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
