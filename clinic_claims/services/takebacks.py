"""Money that moves outside any claim of a remittance (PLB), and claims whose payment was taken back."""

import re
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import or_, select

from ..db import db
from ..domain.lifecycle import ClaimState
from ..edi.era835 import ProviderAdjustment
from ..models import Adjustment, Claim, ClaimPayment, Remittance
from . import clocks, outcomes, steps
from .deeds import Deed
from .history import record
from .won_back import TAKES, kind_of

SHORTEST = 4  # characters: a shorter piece of a reference names anything
PAID = (ClaimState.PAID, ClaimState.PARTLY_PAID, ClaimState.CLOSED)


def post_provider_money(entries: Sequence[ProviderAdjustment], remittance: Remittance, deed: Deed) -> list[str]:
    """Keep every PLB entry, tell the claim it names, and follow a recovery there. Returns remarks for staff."""
    notes: list[str] = []
    for entry in entries:
        claim = claim_named(entry.reference)
        row = Adjustment(
            remittance_id=remittance.id,
            claim_id=claim.id if claim else None,
            group="PLB",
            carc=entry.reason,
            rarcs=[],
            amount=entry.amount,
            reference=entry.reference or None,
            segment=entry.segment,
        )
        db.session.add(row)
        if claim is not None:
            _follow(claim, entry, remittance, deed)
        if entry.reference and (doubt := _doubt(claim, entry, deed)):
            notes.append(f"{in_words(row, deed)}: {doubt}.")
    return notes


def _doubt(claim: Claim | None, entry: ProviderAdjustment, deed: Deed) -> str:
    """Say what about money that is taken back staff should look at."""
    if kind_of(entry.reason, deed.book) not in TAKES:
        return ""
    if claim is None:
        return f"no claim of ours is named by {entry.reference}"
    never = claim.paid <= 0 < entry.amount and claim.state not in (ClaimState.REVERSED, ClaimState.RECOUPED)
    return f"it names claim {claim.number}, on which nothing was paid; ask the payer" if never else ""


def claim_named(reference: str) -> Claim | None:
    """Find the one claim that a reference names, whole or in one of its pieces: our number or one of the payer's."""
    pieces = {reference, *re.split(r"[^A-Za-z0-9-]+", reference)}
    wanted = [piece for piece in pieces if len(piece) >= SHORTEST]
    if not wanted:
        return None
    theirs = select(ClaimPayment.claim_id).where(ClaimPayment.payer_control_number.in_(wanted))
    query = select(Claim).where(
        or_(Claim.number.in_(wanted), Claim.payer_control_number.in_(wanted), Claim.id.in_(theirs))
    )
    found = list(db.session.scalars(query.limit(2)))
    return found[0] if len(found) == 1 else None


def in_words(row: Adjustment, deed: Deed) -> str:
    """Say what a PLB entry does: a positive amount lowers the check, a negative one raises it."""
    known = deed.book.x12.provider_adjustments.get(row.carc)
    meaning = known.meaning if known else "Adjustment that the rulebook does not know"
    if known and known.kind == "interest":
        return f"Interest of ${abs(row.amount):,.2f} {'paid to us' if row.amount < 0 else 'taken back'} ({row.carc})"
    deed_done = "kept back from this check" if row.amount > 0 else "added to this check, owed later"
    return f"{meaning} ({row.carc}): ${abs(row.amount):,.2f} {deed_done}"


def of_claim(claim: Claim) -> list[Adjustment]:
    """Return the provider-level entries that name the claim, oldest first."""
    query = select(Adjustment).where(Adjustment.claim_id == claim.id).order_by(Adjustment.id)
    return list(db.session.scalars(query))


def _follow(claim: Claim, entry: ProviderAdjustment, remittance: Remittance, deed: Deed) -> None:
    """Tell the claim, and move it when its money left: on the takeback track first, recouped once that was known."""
    row = Adjustment(carc=entry.reason, amount=entry.amount)
    told = f"Remittance {remittance.trace}: {in_words(row, deed)}; it names this claim."
    record(
        claim,
        "note_provider_adjustment",
        deed,
        sentence=told,
        trace=remittance.trace,
        segment=entry.segment,
        amount=entry.amount,
    )
    if kind_of(entry.reason, deed.book) in TAKES:
        _leave(claim, entry, remittance, deed)
        outcomes.recount(claim, remittance, deed)


def _leave(claim: Claim, entry: ProviderAdjustment, remittance: Remittance, deed: Deed) -> None:
    source = f"Source: remittance {remittance.trace}, {entry.reason}."
    if entry.amount > 0 and claim.state in PAID:
        steps.take(claim, "reverse", deed, reason=source)
    elif entry.amount > 0 and claim.state == ClaimState.REVERSED:
        steps.take(claim, "recoup", deed, reason=source)


def keep_running(row: ClaimPayment, claim: Claim, deed: Deed) -> None:
    """A correction that pays less than what was taken back leaves the takeback to be answered."""
    if row.corrects is None or row.paid >= row.corrects.paid:
        return
    clocks.start(claim, "takeback", deed)
    lost: Decimal = row.corrects.paid - row.paid
    told = f"The payer took back ${lost:,.2f} net: its takeback clocks run."
    record(claim, "note_takeback", deed, sentence=told, amount=lost)
