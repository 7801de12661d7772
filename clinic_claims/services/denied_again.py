"""What a payer refuses of a claim that it refused before: which refusals are new, and what became of the earlier."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..domain.lifecycle import DenialState
from ..models import Claim, ClaimPayment, Denial
from . import denials
from .deeds import Deed
from .history import record
from .readiness import SETTLED, denials_of
from .second_answers import Place
from .sorting import Refusal

FOLLOWS = (DenialState.OPEN, DenialState.CORRECTING)  # nothing was filed yet that answers the earlier codes


@dataclass
class Again:
    """Refusals that are new, denials that the newer answer words anew, those it releases, and remarks for staff."""

    fresh: list[Refusal] = field(default_factory=list)
    reworded: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look(refusals: Sequence[Refusal], claim: Claim, row: ClaimPayment, place: Place, deed: Deed) -> Again:
    """Let the denials on record follow a payer's newer answer: one of them stays one, whatever it is called now."""
    again, earlier = Again(), {row.corrects_id, *(each.id for each in place.earlier)} - {None}
    waiting = [denial for denial in denials_of(claim) if denial.state not in SETTLED]
    for refusal in refusals:
        if same := next((each for each in waiting if _is_same(each, refusal, earlier)), None):
            waiting.remove(same)
            _note_again(same, row, deed)
        else:
            again.fresh.append(refusal)
    stale = [each for each in waiting if each.claim_payment_id in earlier]
    for denial in stale:
        _follow(denial, again, row, deed)
    return again


def _is_same(denial: Denial, refusal: Refusal, earlier: Iterable[int | None]) -> bool:
    """The same reason again: of the claim under correction, of an answer that this one corrects or replaces, or of a
    denial that somebody logged before the remittance came."""
    if tuple(denial.carcs) != refusal.carcs:
        return False
    brought = denial.claim_payment_id
    return denial.state == DenialState.CORRECTING or brought in (None, *earlier)


def _note_again(denial: Denial, row: ClaimPayment, deed: Deed) -> None:
    """Leave a denial standing, with its deadline; the one under correction is upheld."""
    trace, logged = row.remittance.trace, denial.claim_payment_id is None
    denial.claim_payment_id = row.id
    if denial.state == DenialState.CORRECTING:
        denials.move(denial, "note_upheld", deed, reason="The corrected claim was denied for the same reason.")
        return
    how = "by the payer's correction in" if row.corrects_id else "in"
    told = f"Remittance {trace} brings it too." if logged else f"Denied again {how} remittance {trace}."
    record(denial, "note_denied_again", deed, sentence=told, payment=row.id)


def _follow(denial: Denial, again: Again, row: ClaimPayment, deed: Deed) -> None:
    """Word a denial as the newer answer does; one that is not refused any more is released."""
    refusal = next((each for each in again.fresh if _shares_line(denial, each)), None)
    number, trace = row.claim_number, row.remittance.trace
    if refusal is None:
        again.released.append(denial.id)
    elif denial.state not in FOLLOWS or denial.recovered:
        told = f"{denial.reference} is {denial.state.replace('_', ' ')} and stays beside the payer's newer answer."
        again.notes.append(f"Claim {number}: {told}")
    else:
        again.fresh.remove(refusal)
        before, dated = denial.codes, row.remittance.paid_on
        told = f"Answered anew in remittance {trace}: {_codes(refusal)} in place of {before}."
        denials.read_anew(denial, deed, told=told, **told_of(refusal, row.id, dated))
        again.reworded.append(denial.id)
        again.notes.append(f"Claim {number}: {denial.reference} is {denial.codes} now, no longer {before}.")


def _shares_line(denial: Denial, refusal: Refusal) -> bool:
    """A denial without lines is of the whole claim."""
    mine, theirs = {each.service_line_id for each in denial.lines}, {line.id for line, _ in refusal.lines}
    return bool(mine & theirs) or not mine or not theirs


def _codes(refusal: Refusal) -> str:
    return " · ".join([*(f"{refusal.group}-{carc}" for carc in refusal.carcs), *refusal.rarcs]) or "no reason code"


def told_of(refusal: Refusal, payment_id: int, dated: date) -> dict[str, Any]:
    """Give what a remittance says of a denial."""
    return {
        "group": refusal.group or None,
        "carcs": refusal.carcs,
        "rarcs": refusal.rarcs,
        "amount": refusal.amount,
        "lines": refusal.lines,
        "claim_payment_id": payment_id,
        "notice_dated_on": dated,
        "received_how": "remittance",
    }
