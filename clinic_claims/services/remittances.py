"""Post a remittance: payments and adjustments to claims, a denial for what is refused, the states that follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select

from ..db import db
from ..domain.lifecycle import CLAIM
from ..edi.era835 import ClaimPayment as Paid
from ..edi.era835 import LinePayment
from ..edi.era835 import Remittance as Read
from ..models import Adjustment, Claim, ClaimPayment, Document, Payer, Remittance, ServiceLine
from . import denials, outcomes, steps, workitems
from .deeds import Deed
from .history import record
from .readiness import is_granted
from .sorting import Sorted, remarks_of, sort

ZERO = Decimal(0)


@dataclass
class Posted:
    """What posting came to: counts, dollars, and the claim numbers that match no claim of ours."""

    claims: int = 0
    matched: int = 0
    unmatched: list[str] = field(default_factory=list)
    charged: Decimal = ZERO
    paid: Decimal = ZERO
    denials: int = 0


def posted_before(remittance: Read) -> Remittance | None:
    """Return the remittance of the same payer and trace number that is on record, if any."""
    query = select(Remittance).where(
        Remittance.trace == remittance.trace, Remittance.payer_name == remittance.payer_name
    )
    return db.session.scalar(query)


def post(remittance: Read, document: Document, deed: Deed) -> Posted:
    """Post one check or transfer. The caller has refused files with faults and traces posted before."""
    row = Remittance(
        payer=_payer(remittance),
        payer_name=remittance.payer_name,
        trace=remittance.trace,
        method=remittance.method,
        amount=remittance.amount,
        paid_on=remittance.paid_on or deed.today,
        document_id=document.id,
        posted_at=deed.at,
        posted_by=deed.actor,
    )
    record(row, "post_remittance", deed, sentence=f"Remittance {remittance.trace} posted.", amount=remittance.amount)
    for entry in remittance.provider_adjustments:
        db.session.add(
            Adjustment(
                remittance_id=row.id,
                group="PLB",
                carc=entry.reason,
                rarcs=[],
                amount=entry.amount,
                reference=entry.reference,
                segment=entry.segment,
            )
        )
    done = Posted()
    for payment in remittance.claims:
        _post_claim(payment, row, deed, done)
    db.session.flush()
    return done


def _payer(remittance: Read) -> Payer | None:
    names = func.lower(Payer.name) == remittance.payer_name.lower()
    ids = [value for value in (remittance.payer_id, remittance.originator) if value]
    found = db.session.scalar(select(Payer).where(or_(names, Payer.edi_id.in_(ids))))
    if found is None:
        alike = db.session.scalars(select(Payer))
        found = next((payer for payer in alike if remittance.payer_name in payer.aliases), None)
    return found


def match(payment: Paid) -> Claim | None:
    """Find our claim: by its number, then by the payer's control number."""
    claim = db.session.scalar(select(Claim).where(Claim.number == payment.claim_number))
    for number in filter(None, (payment.payer_control_number, payment.original_claim)):
        claim = claim or db.session.scalar(select(Claim).where(Claim.payer_control_number == number))
    return claim


def _post_claim(payment: Paid, remittance: Remittance, deed: Deed, done: Posted) -> None:
    claim = match(payment)
    row = _keep(payment, claim, remittance)
    done.claims += 1
    done.charged += payment.charged
    done.paid += payment.paid
    if claim is None or not answerable(claim):
        done.unmatched.append(payment.claim_number)
        row.claim_id = None
        workitems.touch(db.session(), "claim_payment", row.id)
        return
    done.matched += 1
    done.denials += apply_payment(payment, row, claim, remittance, deed)


def answerable(claim: Claim) -> bool:
    """Say whether a payer can be answering this claim: never one that was not given nor billed."""
    return any(step.action.startswith("post_") and claim.state in step.leaves for step in CLAIM.steps)


def _keep(payment: Paid, claim: Claim | None, remittance: Remittance) -> ClaimPayment:
    """Keep what the payer said of the claim, with each adjustment and its segment."""
    row = ClaimPayment(
        remittance=remittance,
        claim_id=claim.id if claim else None,
        claim_number=payment.claim_number,
        payer_control_number=payment.payer_control_number or None,
        status=payment.status,
        patient_name=", ".join(filter(None, (payment.patient_last, payment.patient_first))) or None,
        member_id=payment.member_id or None,
        service_from=payment.statement_from or next((line.service_from for line in payment.lines), None),
        charged=payment.charged,
        paid=payment.paid,
        patient_owes=payment.patient_responsibility,
        remarks=[remark.code for remark in payment.remarks],
        segment=payment.segment,
    )
    db.session.add(row)
    matched = match_lines(payment.lines, claim)
    whole = [(adjustment, None, row.remarks) for adjustment in payment.adjustments]
    lined = [(a, line, list(remarks_of(line))) for line in payment.lines for a in line.adjustments]
    for adjustment, line, remarks in [*whole, *lined]:
        ours = matched.get(line.segment) if line else None
        row.adjustments.append(
            Adjustment(
                service_line_id=ours.id if ours else None,
                group=adjustment.group,
                carc=adjustment.carc,
                rarcs=remarks,
                procedure=line.procedure if line else None,
                amount=adjustment.amount,
                segment=adjustment.segment,
            )
        )
    db.session.flush()
    return row


def match_lines(lines: Sequence[LinePayment], claim: Claim | None) -> dict[int, ServiceLine]:
    """Pair each paid line with ours: same code and modifiers first, then same code; one of ours at most once."""
    left = list(claim.lines) if claim else []
    found: dict[int, ServiceLine] = {}
    for exact in (True, False):
        for line in lines:
            if line.segment in found:
                continue
            codes = {line.procedure, line.bundled_from} - {""}
            fits = (o for o in left if o.code in codes and (not exact or list(line.modifiers) == o.modifiers))
            if ours := next(fits, None):
                found[line.segment] = ours
                left.remove(ours)
    return found


def apply_payment(payment: Paid, row: ClaimPayment, claim: Claim, remittance: Remittance, deed: Deed) -> int:
    """Change the claim's money and state by one payment; return how many denials were opened."""
    matched = match_lines(payment.lines, claim)
    found = sort(payment, matched, deed.book, approved=is_granted(claim.authorization))
    with db.session.no_autoflush:  # money and state change in one stroke: the table's checks tie them together
        _credit(claim, payment, matched, found)
        record(
            claim,
            "post_claim_payment",
            deed,
            sentence=f"Remittance {remittance.trace}: ${payment.paid:,} of ${payment.charged:,} paid.",
            trace=remittance.trace,
            segment=payment.segment,
            paid=payment.paid,
            status=payment.status,
        )
        _move(claim, payment, found, remittance, deed)
    if payment.is_reversal:
        return 0
    opened = _open_denials(found, row, claim, remittance.paid_on, deed)
    outcomes.note_payment(claim, opened, remittance, deed)
    return len(opened)


def _credit(claim: Claim, payment: Paid, matched: dict[int, ServiceLine], found: Sorted) -> None:
    claim.payer_control_number = payment.payer_control_number or claim.payer_control_number
    claim.paid += payment.paid
    claim.adjusted += found.written_down
    claim.patient_owes += found.patient
    for line in payment.lines:
        if ours := matched.get(line.segment):
            ours.paid += line.paid


def _open_denials(found: Sorted, row: ClaimPayment, claim: Claim, dated: date, deed: Deed) -> list[int]:
    """Open a denial for each set of codes; one that only repeats a denial under correction upholds that one."""
    opened: list[int] = []
    for refusal in found.denials:
        if refusal.amount <= 0 or outcomes.repeats(claim, refusal.carcs, deed):
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
