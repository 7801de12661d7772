"""What a payer says of claims that are not paid yet (277CA, 277): accepted, rejected, pending, asked for records."""

from collections.abc import Iterable

from sqlalchemy import or_, select

from ..db import db
from ..domain.lifecycle import CLAIM
from ..domain.x12_codes import ClaimStatus
from ..edi.status277 import Status, StatusReport
from ..models import Claim
from . import pairing, steps
from .deeds import Deed
from .history import record
from .import_runs import Tracker

# Of several statuses of one claim the first of these decides; money and denials come by remittance alone.
WEIGHT = ("rejected", "information_requested", "pending", "accepted")


def claim_of(report: StatusReport) -> Claim | None:
    """Find the claim a report is about, by our number, then by the payer's."""
    if report.level != "claim":
        return None
    numbers = [Claim.number == report.claim_number]
    if report.payer_control_number:
        numbers.append(Claim.payer_control_number == report.payer_control_number)
    found = list(
        db.session.scalars(select(Claim).where(or_(*numbers)).order_by(Claim.id.desc()).options(*pairing.WHOLE))
    )
    return next((claim for claim in found if claim.number == report.claim_number), next(iter(found), None))


def post(report: StatusReport, claim: Claim, tracker: Tracker, deed: Deed) -> None:
    """Keep what the payer says, and move the claim where its state allows that."""
    told = [*report.statuses, *(status for line in report.lines for status in line.statuses)]
    tracker.changed(report.segment, claim)
    claim.payer_control_number = report.payer_control_number or claim.payer_control_number
    state = _decisive(told, deed)
    reason = in_words(told, deed)
    record(
        claim,
        "note_status",
        deed,
        sentence=f"Payer's status: {reason}.",
        segment=report.segment,
        codes=[":".join(filter(None, (c.category, c.status, c.entity))) for each in told for c in each.codes],
    )
    step = next((each for each in CLAIM.steps if each.reaches == state and claim.state in each.leaves), None)
    if step is not None and step.action.startswith(("note_", "request_")):
        steps.take(claim, step.action, deed, reason=f"{reason}.")


def _decisive(told: Iterable[Status], deed: Deed) -> str | None:
    """Return the state that the statuses put a claim in; None when none of them moves it."""
    states = [known.state for known in _known(told, deed) if known.state]
    return next((state for state in WEIGHT if state in states), None)


def _known(told: Iterable[Status], deed: Deed) -> list[ClaimStatus]:
    """Look up the category of each status; F3F is F3 where the rulebook knows it only so."""
    rows = deed.book.x12.claim_statuses
    return [rows[each.category] for each in told if each.category in rows]


def in_words(told: Iterable[Status], deed: Deed) -> str:
    """Say each status once: what its category means, its codes, and the payer's own words."""
    said: list[str] = []
    for each in told:
        known = deed.book.x12.claim_statuses.get(each.category)
        codes = ", ".join(":".join(filter(None, (c.category, c.status, c.entity))) for c in each.codes)
        meaning = known.meaning if known else "a code that the rulebook does not know"
        said.append(f"{meaning} ({codes})" + (f", “{each.message}”" if each.message else ""))
    return "; ".join(dict.fromkeys(said)) or "nothing that can be read"
