"""What a payment means for the denials and appeals of its claim."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import AppealState
from ..models import Claim, Denial, Remittance
from . import appeals, denials, ladders
from .deeds import Deed
from .readiness import SETTLED, denials_of, open_balance

WAITING = (AppealState.FILED, AppealState.OVERDUE)


def settled(claim: Claim) -> bool:
    """Say whether payment, write-down and patient share account for every dollar charged."""
    return open_balance(claim) <= 0


def refused_before(claims: Iterable[int]) -> set[int]:
    """Return those of the claims that have a denial on record."""
    wanted = list(claims)
    found = db.session.scalars(select(Denial.claim_id).where(Denial.claim_id.in_(wanted))) if wanted else ()
    return {key for key in found if key is not None}


def note_payment(
    claim: Claim, fresh: Collection[int], released: Collection[int], remittance: Remittance, deed: Deed
) -> None:
    """Credit a later payment to the denials that were open before it; the remittance settles them by itself.

    `released` are those of which the payer refuses nothing any longer.
    """
    source = f"remittance {remittance.trace}"
    for denial in denials_of(claim):
        if denial.id in fresh or denial.state in SETTLED:
            continue
        whole = settled(claim) or denial.id in released
        won = denial.amount - denial.recovered if whole else _paid_since(denial)
        if won > 0:
            _end_appeal(denial, won >= denial.amount - denial.recovered, remittance, deed)
            denials.recover(denial, won, deed, source=source)


def _paid_since(denial: Denial) -> Decimal:
    """Dollars now paid on the lines that this denial had refused, less what was credited already."""
    paid = sum((min(row.amount, row.line.paid) for row in denial.lines), Decimal(0))
    return max(paid - denial.recovered, Decimal(0))


def _end_appeal(denial: Denial, whole: bool, remittance: Remittance, deed: Deed) -> None:
    """An appeal under way is decided by the money, or no longer needed."""
    appeal = ladders.last_appeal(denial)
    if appeal is None or appeal.state not in (*WAITING, *ladders.UNSENT):
        return
    if appeal.state in ladders.UNSENT:
        appeals.steps.take(appeal, "withdraw", deed, reason="The payer paid before it was filed.")
        return
    action = "decide_overturned" if whole else "decide_partly"
    words = f"Paid by remittance {remittance.trace}."
    appeals.steps.take(appeal, action, deed, decided_on=remittance.paid_on, decision_words=words)
