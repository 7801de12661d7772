"""Post a remittance: keep what the payer said of each claim, many at once, and let our claims follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import func, or_, select

from ..db import db
from ..edi.era835 import ClaimPayment as Paid
from ..edi.era835 import Remittance as Read
from ..models import Document, Payer, Remittance
from . import crediting, pairing, payment_rows, progress, takebacks, workitems
from .crediting import Answer
from .deeds import Deed
from .history import record

ZERO = Decimal(0)
AT_ONCE = 500  # claims matched and written together


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
    """Return the remittance on record that this one is again, if any.

    It has the same trace number, and the same payer however a file spells its name; where one of the names says nothing
    to us, the same day and amount of money tell it.
    """
    query = select(Remittance).where(Remittance.trace == remittance.trace).order_by(Remittance.id)
    alike = list(db.session.scalars(query))
    payer = payer_of(remittance) if alike else None
    return next((row for row in alike if _is_again(remittance, payer, row)), None)


def _is_again(remittance: Read, payer: Payer | None, row: Remittance) -> bool:
    if payer and row.payer:
        return payer is row.payer
    if spelled(remittance.payer_name) == spelled(row.payer_name):
        return True
    return remittance.amount != ZERO and (remittance.amount, remittance.paid_on) == (row.amount, row.paid_on)


def when(before: Remittance, remittance: Read) -> str:
    """Say the day on which a remittance was posted before, and the payer where it was called otherwise then."""
    other = "" if before.payer_name == remittance.payer_name else f" as one of {before.payer_name}"
    return f"{before.posted_at:%Y-%m-%d}{other}"


def spelled(name: str) -> str:
    """Write the name of a payer as names are compared: letters and digits alone, in one case."""
    return "".join(filter(str.isalnum, name)).casefold()


def post(
    remittance: Read, document: Document, deed: Deed, *, unbalanced_reason: str | None = None, typed: bool = False
) -> Posted:
    """Post one check or transfer. The caller has refused files with faults and traces posted before.

    Reversals go first: what comes in place of a payment must find it taken back.
    """
    row, done = begin(remittance, document, deed, typed=typed, unbalanced_reason=unbalanced_reason), Posted()
    post_claims(sorted(remittance.claims, key=lambda each: not each.is_reversal), row, deed, done)
    end(remittance, row, deed, done)
    return done


def begin(
    remittance: Read, document: Document, deed: Deed, *, unbalanced_reason: str | None = None, typed: bool = False
) -> Remittance:
    """Put a check or transfer on record, before any of its claims."""
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
    found = db.session.scalar(select(Payer).where(or_(names, Payer.edi_id.in_(ids))).order_by(Payer.id))
    if found is None:
        named = spelled(remittance.payer_name)
        alike = db.session.scalars(select(Payer).order_by(Payer.id))
        found = next((payer for payer in alike if named in map(spelled, (payer.name, *payer.aliases))), None)
    return found


def post_claims(payments: Sequence[Paid], remittance: Remittance, deed: Deed, done: Posted) -> None:
    """Post what the payer did with some claims of a remittance, up to their items on the worklist."""
    for start in range(0, len(payments), AT_ONCE):
        _post_batch(batch := payments[start : start + AT_ONCE], remittance, deed, done)
        progress.step(len(batch))
        workitems.refresh_touched(db.session())


def end(remittance: Read, row: Remittance, deed: Deed, done: Posted) -> None:
    """Post what the payer kept back or added outside of any claim, once all claims are posted."""
    done.notes += takebacks.post_provider_money(remittance.provider_adjustments, row, deed)
    db.session.flush()


def _post_batch(payments: Sequence[Paid], remittance: Remittance, deed: Deed, done: Posted) -> None:
    claims = pairing.claims_of(payments)
    lines = {each.segment: pairing.lines_of(each.lines, claims.get(each.segment)) for each in payments}
    keys, session = payment_rows.keep(payments, claims, lines, remittance), db.session()
    for payment in payments:
        done.claims += 1
        done.charged += payment.charged
        done.paid += payment.paid
        if payment.segment not in claims:
            done.unmatched.append(payment.claim_number)
            workitems.touch(session, "claim_payment", keys[payment.segment])
    done.matched += len(claims)
    told = [each for each in payments if each.segment in claims]
    ours = [Answer(each, keys[each.segment], claims[each.segment], lines[each.segment]) for each in told]
    opened, notes = crediting.apply_all(ours, remittance, deed)
    done.denials += opened
    done.notes += [*notes, *(pairing.paid_before([each.key for each in ours]) if ours else ())]
