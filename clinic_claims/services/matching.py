"""Payments that match no claim of ours: which claim is likely meant, why, and posting to the one a person chose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from ..db import db
from ..models import Claim, ClaimPayment, Coverage, Payer, Remittance, TreatmentCase
from . import crediting, pairing, payment_rows, workitems
from .deeds import Deed, Refused
from .history import record

LIKELY, MOST = 40, 5  # points from which a claim is shown, and how many are
NEAR = timedelta(days=3)
ALIKE = 0.8  # share of characters that two numbers have in common


@dataclass(frozen=True)
class Candidate:
    """A claim that may be meant, with its points (0 to 100) and the reasons for them."""

    claim: Claim
    score: int
    why: tuple[str, ...]


def unmatched(before: int | None = None, limit: int | None = None) -> list[ClaimPayment]:
    """Return the payments that wait for a claim, newest first, from before a payment's id."""
    query = select(ClaimPayment).where(ClaimPayment.claim_id.is_(None)).options(joinedload(ClaimPayment.remittance))
    if before is not None:
        query = query.where(ClaimPayment.id < before)
    return list(db.session.scalars(query.order_by(ClaimPayment.id.desc()).limit(limit)))


def candidates(row: ClaimPayment) -> list[Candidate]:
    """Return the likeliest claims, best first."""
    found = (_weighed(row, claim) for claim in db.session.scalars(_near(row)) if pairing.answerable(claim))
    likely = [candidate for candidate in found if candidate.score >= LIKELY]
    return sorted(likely, key=lambda candidate: (-candidate.score, candidate.claim.id))[:MOST]


def _near(row: ClaimPayment) -> Select[Claim]:
    """Ask for claims that share the member, the day, the charge or the end of the number."""
    shared = [Claim.charged == row.charged, Claim.number.endswith(row.claim_number[-4:], autoescape=True)]
    if row.member_id:
        shared.append(func.replace(Coverage.member_id, " ", "") == pairing.packed(row.member_id))
    if row.service_from:
        shared.append(Claim.service_from.between(row.service_from - NEAR, row.service_from + NEAR))
    about = joinedload(Claim.case).joinedload(TreatmentCase.patient), joinedload(Claim.coverage)
    return select(Claim).join(Claim.coverage).where(or_(*shared)).options(*about)


def _weighed(row: ClaimPayment, claim: Claim) -> Candidate:
    points = list(_points(row, claim))
    return Candidate(claim, min(sum(score for score, _ in points), 100), tuple(why for _, why in points))


def _points(row: ClaimPayment, claim: Claim) -> Iterator[tuple[int, str]]:
    patient = claim.case.patient
    if row.member_id and pairing.packed(row.member_id) == pairing.packed(claim.coverage.member_id):
        yield 35, "same member ID"
    if row.patient_name and row.patient_name.casefold() == patient.name.casefold():
        yield 15, "same name"
    if row.service_from and claim.service_from == row.service_from:
        yield 20, "same date of service"
    elif row.service_from and claim.service_from and abs(claim.service_from - row.service_from) <= NEAR:
        yield 10, "date of service within three days"
    if claim.charged == row.charged:
        yield 20, "same charge"
    if SequenceMatcher(None, row.claim_number.upper(), claim.number.upper()).ratio() >= ALIKE:
        yield 20, f"number much like {claim.number}"


def assign(row: ClaimPayment, claim: Claim, deed: Deed) -> int:
    """Post a payment to the claim that a person found; returns how many denials it opened.

    What the file called the payer is remembered as one of its names. Raises Refused when the payment is matched
    already or the claim was never billed.
    """
    if row.claim_id is not None:
        raise Refused("This payment is matched already.")
    if not pairing.answerable(claim):
        raise Refused(f"Claim {claim.number} was never billed: no payer can answer it.")
    payment = payment_rows.as_read(row)
    matched = pairing.lines_of(payment.lines, claim)
    row.claim_id = claim.id
    workitems.touch(db.session(), "claim_payment", row.id)
    for line in row.lines:
        ours = matched.get(line.segment)
        line.service_line_id = ours.id if ours else None
    places = {line.id: line.service_line_id for line in row.lines}
    for adjustment in row.adjustments:
        adjustment.service_line_id = places.get(adjustment.line_payment_id or 0)
    told = f"Payment named {row.claim_number} in remittance {row.remittance.trace} matched by hand."
    record(claim, "match_payment", deed, sentence=told, payment=row.id, named=row.claim_number)
    _learn(row.remittance, claim.coverage.plan.payer, deed)
    return crediting.apply(payment, row, claim, row.remittance, deed)


def _learn(remittance: Remittance, payer: Payer, deed: Deed) -> None:
    """Remember the name that a file used for a payer it could not be told by."""
    if remittance.payer is not None:
        return
    remittance.payer = payer
    if remittance.payer_name and remittance.payer_name not in payer.aliases:
        payer.aliases = [*payer.aliases, remittance.payer_name]
        told = f"{payer.name} is called “{remittance.payer_name}” in remittances."
        record(payer, "learn_alias", deed, sentence=told, alias=remittance.payer_name)
