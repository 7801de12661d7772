"""Payments that match no claim of ours: which claim is likely meant, why, and posting to the one a person chose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from itertools import combinations

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.lifecycle import words
from ..models import Claim, ClaimPayment, Coverage, Payer, Plan, Remittance, TreatmentCase
from . import crediting, pairing, payment_rows, workitems
from .deeds import Deed, Refused
from .history import record
from .patients import name_key
from .second_answers import LATER_PAYER
from .unmatched import WAITS

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
    query = select(ClaimPayment).where(WAITS).options(joinedload(ClaimPayment.remittance))
    if before is not None:
        query = query.where(ClaimPayment.id < before)
    return list(db.session.scalars(query.order_by(ClaimPayment.id.desc()).limit(limit)))


def count() -> int:
    """Count the payments that wait for a claim."""
    return db.session.scalar(select(func.count()).where(WAITS)) or 0


def candidates(row: ClaimPayment) -> list[Candidate]:
    """Return the likeliest claims, best first."""
    found = (_weighed(row, claim) for claim in db.session.scalars(_near(row)) if pairing.answerable(claim))
    likely = [candidate for candidate in found if candidate.score >= LIKELY]
    return sorted(likely, key=lambda candidate: (-candidate.score, candidate.claim.id))[:MOST]


def _near(row: ClaimPayment) -> Select[Claim]:
    """Ask for claims that share the member, or two of day, charge and end of the number; without a day, one."""
    charged, number = Claim.charged == row.charged, Claim.number.endswith(row.claim_number[-4:], autoescape=True)
    shared = [charged, number]
    if row.service_from:
        day = Claim.service_from.between(row.service_from - NEAR, row.service_from + NEAR)
        shared = [and_(*pair) for pair in combinations((charged, number, day), 2)]
    if row.member_id:
        bare = func.upper(func.replace(func.replace(Coverage.member_id, " ", ""), "-", ""))
        shared.append(bare == pairing.packed(row.member_id))
    patient, coverage = joinedload(Claim.case).joinedload(TreatmentCase.patient), joinedload(Claim.coverage)
    about = patient, coverage.joinedload(Coverage.plan).joinedload(Plan.payer)
    return select(Claim).join(Claim.coverage).where(or_(*shared)).options(*about)


def _weighed(row: ClaimPayment, claim: Claim) -> Candidate:
    points = [*_points(row, claim), *_doubts(row, claim)]
    score = sum(score for score, _ in points)
    return Candidate(claim, max(min(score, 100), 0), tuple(why for _, why in points))


def _points(row: ClaimPayment, claim: Claim) -> Iterator[tuple[int, str]]:
    if row.member_id and _is_member(row, claim):
        yield 35, "same member ID"
    if row.patient_name and _is_named(row, claim):
        yield 15, "same name"
    if row.service_from and claim.service_from == row.service_from:
        yield 20, "same date of service"
    elif row.service_from and claim.service_from and abs(claim.service_from - row.service_from) <= NEAR:
        yield 10, "date of service within three days"
    if claim.charged == row.charged:
        yield 20, "same charge"
    if SequenceMatcher(None, row.claim_number.upper(), claim.number.upper()).ratio() >= ALIKE:
        yield 20, f"number much like {claim.number}"


def _doubts(row: ClaimPayment, claim: Claim) -> Iterator[tuple[int, str]]:
    """Give what speaks against a claim. Of another payer's claim a payment may be the second."""
    if row.patient_name and row.member_id and not _is_named(row, claim) and not _is_member(row, claim):
        yield -30, "but another name and member ID"
    payer = claim.coverage.plan.payer
    if row.remittance.payer not in (None, payer) and row.status not in LATER_PAYER:
        yield -15, f"but of another payer, {payer.name}"


def _is_member(row: ClaimPayment, claim: Claim) -> bool:
    return pairing.packed(row.member_id or "") == pairing.packed(claim.coverage.member_id)


def _is_named(row: ClaimPayment, claim: Claim) -> bool:
    """Compare names without accents and case; the claim's patient may have a second first name."""
    last, _, first = (row.patient_name or "").partition(", ")
    named = name_key(last, first)
    return f"{claim.case.patient.name_key} ".startswith(f"{named} ")


def why_not(row: ClaimPayment) -> str:
    """Say why the claim whose number the file names did not take the payment; "" when no claim has that number."""
    claim = db.session.scalar(select(Claim).where(Claim.number == row.claim_number))
    if claim is None:
        return ""
    if not pairing.answerable(claim):
        return f"Claim {claim.number} was never billed: it is {words(claim.state)}."
    if pairing.is_another_person(payment_rows.as_read(row), claim):
        return f"Claim {claim.number} is of another patient: neither name nor member ID agrees."
    return ""


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
    row.claim_id, row.set_aside = claim.id, None
    workitems.touch(db.session(), "claim_payment", row.id)
    for line in row.lines:
        ours = matched.get(line.segment)
        line.service_line_id = ours.id if ours else None
    places = {line.id: line.service_line_id for line in row.lines}
    for adjustment in row.adjustments:
        adjustment.service_line_id = places.get(adjustment.line_payment_id or 0)
    told = f"Payment named {row.claim_number} in remittance {row.remittance.trace} matched by hand."
    record(claim, "match_payment", deed, sentence=told, payment=row.id, named=row.claim_number)
    _learn(row, claim.coverage.plan.payer, deed)
    return crediting.apply(payment, row, claim, row.remittance, deed).opened


def set_aside(row: ClaimPayment, why: str, deed: Deed) -> None:
    """Look for no claim of a payment any more. Raises Refused without a reason, and for one that is matched."""
    if row.claim_id is not None:
        raise Refused("This payment is matched already.")
    if not why.strip():
        raise Refused("Say why it is none of ours, such as: paid to the hospital; another clinic's patient.")
    row.set_aside = why.strip()
    workitems.touch(db.session(), "claim_payment", row.id)
    told = f"Payment named {row.claim_number} set aside: {row.set_aside}"
    record(row.remittance, "set_aside_payment", deed, sentence=told, payment=row.id)


def take_up(row: ClaimPayment, deed: Deed) -> None:
    """Look for the claim of a payment again."""
    row.set_aside = None
    workitems.touch(db.session(), "claim_payment", row.id)
    told = f"Payment named {row.claim_number} waits for its claim again."
    record(row.remittance, "take_up_payment", deed, sentence=told, payment=row.id)


def _learn(row: ClaimPayment, payer: Payer, deed: Deed) -> None:
    """Remember the name that files use for a payer they could not be told by; a second payer is not the claim's."""
    name = row.remittance.payer_name
    if row.remittance.payer is not None or row.status in LATER_PAYER:
        return
    for same in db.session.scalars(
        select(Remittance).where(Remittance.payer_id.is_(None), Remittance.payer_name == name)
    ):
        same.payer = payer
    if name and name not in payer.aliases:
        payer.aliases = [*payer.aliases, name]
        told = f"{payer.name} is called “{name}” in remittances."
        record(payer, "learn_alias", deed, sentence=told, alias=name)
