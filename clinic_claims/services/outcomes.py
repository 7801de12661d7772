"""What a payment means for the denials and appeals of its claim."""

from collections.abc import Collection, Iterable

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import AppealState, ClaimState, DenialState
from ..models import Claim, Denial, Remittance
from . import denials, ladders, steps, won_back
from .deeds import Deed
from .readiness import SETTLED, denials_of, open_balance

TAKEN_BACK = (ClaimState.REVERSED, ClaimState.RECOUPED)
WAITING = (AppealState.FILED, AppealState.OVERDUE)


def settled(claim: Claim) -> bool:
    """Say whether payment, write-down and patient share account for every dollar charged."""
    return open_balance(claim) <= 0


def refused_before(claims: Iterable[int]) -> set[int]:
    """Return those of the claims that have a denial on record, of their own or of the request for them."""
    wanted = list(claims)
    if not wanted:
        return set()
    own = select(Denial.claim_id).where(Denial.claim_id.in_(wanted))
    asked = select(Claim.id).join(Denial, Denial.authorization_id == Claim.authorization_id)
    found = db.session.scalars(own.union_all(asked.where(Claim.id.in_(wanted))))
    return {key for key in found if key is not None}


def note_payment(
    claim: Claim,
    fresh: Collection[int],
    released: Collection[int],
    remittance: Remittance,
    deed: Deed,
    ahead: Collection[int] = (),
) -> None:
    """Credit a later payment to the denials that were on record before it; the remittance settles them by itself.

    `released` are those of which the payer refuses nothing any longer, `ahead` payments of its file not applied yet.
    """
    found = denials_of(claim)
    won, done = won_back.of_claim(claim, found, deed.book, ahead), _is_done(claim)
    for denial in found:
        gain, over = won[denial.id] - denial.recovered, done or denial.id in released
        if denial.id in fresh or denial.state in SETTLED or not (over or gain > 0):
            denials.count(denial, gain, deed, source=f"remittance {remittance.trace}")
        else:
            _end_appeal(denial, over or won[denial.id] >= denial.amount, remittance, deed)
            denials.recover(denial, gain, deed, done=over, source=f"remittance {remittance.trace}")
        _let_rest(denial, over or won_back.is_superseded(denial, found), gain < 0)
    db.session.flush()
    _count_request(claim, remittance, deed)


def recount(claim: Claim, remittance: Remittance, deed: Deed, ahead: Collection[int] = ()) -> None:
    """Say of every denial what it has won back now that money was taken back, or given back again."""
    found = denials_of(claim)
    won = won_back.of_claim(claim, found, deed.book, ahead)
    for denial in found:
        gain = won[denial.id] - denial.recovered
        denials.count(denial, gain, deed, source=f"remittance {remittance.trace}")
        _let_rest(denial, _is_done(claim) or won_back.is_superseded(denial, found), gain < 0)
    db.session.flush()
    _count_request(claim, remittance, deed)


def _count_request(claim: Claim, remittance: Remittance, deed: Deed) -> None:
    """A request that was refused and then granted has won what its claims were paid; the rest is no longer sought."""
    for denial, won in won_back.of_request(claim.authorization):
        denials.count(denial, won - denial.recovered, deed, source=f"remittance {remittance.trace}")
        denial.settled_otherwise = denial.amount - denial.recovered
    db.session.flush()


def _is_done(claim: Claim) -> bool:
    return settled(claim) and claim.state not in TAKEN_BACK


def _let_rest(denial: Denial, over: bool, lost: bool) -> None:
    """Note what of an overturned denial nobody seeks under it any more: written down by the contract, the patient's,
    or denied anew. Once money of it is taken back, all of it is sought again."""
    rests = over or (denial.settled_otherwise is not None and not lost)
    rests = rests and denial.state == DenialState.OVERTURNED
    denial.settled_otherwise = denial.amount - denial.recovered if rests else None


def _end_appeal(denial: Denial, whole: bool, remittance: Remittance, deed: Deed) -> None:
    """An appeal under way is decided by the money, or no longer needed."""
    appeal = ladders.last_appeal(denial)
    if appeal is None or appeal.state not in (*WAITING, *ladders.UNSENT):
        return
    if appeal.state in ladders.UNSENT:
        steps.take(appeal, "withdraw", deed, reason="The payer paid before it was filed.")
        return
    action = "decide_overturned" if whole else "decide_partly"
    words = f"Paid by remittance {remittance.trace}."
    steps.take(appeal, action, deed, decided_on=remittance.paid_on, decision_words=words)
