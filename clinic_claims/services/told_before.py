"""Money of a claim that a spreadsheet told of before the payer's own file came: the same dollars count once."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from ..clock import day_of
from ..db import db
from ..domain.words import money
from ..edi.era835 import ClaimPayment as Paid
from ..models import Claim, ClaimPayment, Event, LinePayment, ServiceLine
from . import shares, strokes
from .deeds import Deed
from .history import record

TOLD = "read_answer"  # the line of history of a claim whose money a spreadsheet told


def has_money(claim: Claim) -> bool:
    """Say whether anything of a claim is accounted for, by whatever file."""
    return bool(claim.paid or claim.adjusted or claim.patient_owes)


def make_room(
    lines: Mapping[int, ServiceLine],
    payment: Paid,
    row: ClaimPayment,
    claim: Claim,
    changed: tuple[Decimal, Decimal],
    deed: Deed,
    ahead: Collection[int],
) -> str:
    """Take from a claim what a spreadsheet told of this payment, which stands in its place. Returns a remark.

    A payment dated after the spreadsheet was read is none that it told of.
    """
    comes = {"paid": payment.paid, "adjusted": changed[0], "patient_owes": changed[1]}
    if not has_money(claim) or (told := _told_on(claim)) is None or row.remittance.paid_on > told:
        return ""
    traced = shares.traced(row, claim, deed.book, ahead)
    twice = {name: max(min(getattr(claim, name) - traced[name], comes[name]), Decimal(0)) for name in comes}
    if not any(twice.values()):
        return ""
    strokes.put(claim, **{name: getattr(claim, name) - dollars for name, dollars in twice.items()})
    for line in payment.lines:
        if ours := lines.get(line.segment):
            untraced = ours.paid - _traced_on(ours, row)
            strokes.put(ours, paid=ours.paid - max(min(untraced, line.paid), Decimal(0)))
    return _remark(twice["paid"], told, row, claim, deed)


def _told_on(claim: Claim) -> date | None:
    mine = Event.subject == "claim", Event.subject_id == claim.id, Event.action == TOLD
    at = db.session.scalar(select(Event.at).where(*mine).order_by(Event.id.desc()).limit(1))
    return day_of(at) if at else None


def _traced_on(line: ServiceLine, row: ClaimPayment) -> Decimal:
    """Dollars that the payer's other payments put on a line."""
    of_line = LinePayment.service_line_id == line.id, LinePayment.payment_id != row.id
    return db.session.scalar(select(func.sum(LinePayment.paid)).where(*of_line)) or Decimal(0)


def _remark(paid: Decimal, told: date, row: ClaimPayment, claim: Claim, deed: Deed) -> str:
    said = f"{money(paid)} that a spreadsheet of {told} told as paid is this payment, and counts once"
    record(claim, "take_place", deed, sentence=f"Remittance {row.remittance.trace}: {said}.", amount=paid)
    return f"Claim {row.claim_number}: {said}."
