"""Gather what is on file about a case into the frozen facts that a letter may print."""

from decimal import Decimal

from sqlalchemy import select

from ..clock import day_of
from ..db import db
from ..domain import letter_parts as parts
from ..domain.facts import LetterFacts
from ..models import Authorization, Claim, Clinic, Denial, Facility
from ..rulebook import Rulebook
from . import chart_facts, denial_facts, precedents
from .deeds import Deed, Refused
from .readiness import is_granted


def of_denial(denial: Denial, deed: Deed) -> LetterFacts:
    """Freeze what is known around a denial."""
    claim, authorization = denial.claim, denial.authorization
    if claim is not None:
        authorization = claim.authorization
    return _facts(denial.subject, authorization, claim, denial_facts.of(denial, deed.book), deed)


def of_authorization(authorization: Authorization, deed: Deed) -> LetterFacts:
    """Freeze what is known around a request, for the letter of medical necessity."""
    return _facts(authorization, authorization, None, None, deed)


def _facts(
    about: Claim | Authorization,
    authorization: Authorization | None,
    claim: Claim | None,
    denial: parts.DenialFacts | None,
    deed: Deed,
) -> LetterFacts:
    case = about.case
    clinic = db.session.scalar(select(Clinic).limit(1))
    if clinic is None:
        raise Refused("Enter the clinic's name and address first: the letterhead needs them.")
    return LetterFacts(
        today=deed.today,
        clinic=chart_facts.clinic_facts(clinic),
        signer=chart_facts.signer_facts(case.provider),
        patient=chart_facts.patient_facts(case.patient),
        coverage=chart_facts.coverage_facts(about.coverage, deed.book),
        treatment=chart_facts.treatment_facts(case, deed.book),
        findings=chart_facts.findings(case),
        prior_treatments=chart_facts.prior_treatments(case),
        injections=chart_facts.prior_injections(case, claim, deed.book),
        documents=chart_facts.documents_on_file(about, authorization),
        authorization=authorization_facts(authorization, deed.book) if authorization else None,
        claim=claim_facts(claim, deed.book) if claim else None,
        denial=denial,
        policy=chart_facts.policy_facts(case),
        paid_earlier=precedents.paid_earlier(about),
    )


def _label(code: str, book: Rulebook) -> str:
    found = book.codes.procedures.get(code)
    product = book.codes.products.get(code)
    if found:
        return found.label
    return f"{product.name}, billing units" if product else ""


def _place(facility: Facility | None, book: Rulebook) -> str:
    if facility is None:
        return ""
    place = book.codes.places.get(facility.place_of_service)
    return f"{facility.place_of_service} {place.label}" if place else facility.place_of_service


def authorization_facts(authorization: Authorization, book: Rulebook) -> parts.AuthorizationFacts:
    """Freeze an authorization, with what was approved where something was."""
    granted = is_granted(authorization)
    lines = tuple(
        parts.LineFacts(
            code=line.code,
            label=_label(line.code, book),
            units=Decimal(line.units_approved if granted and line.units_approved is not None else line.units_requested),
            modifiers=(line.modifier,) if line.modifier else (),
            diagnosis=line.diagnosis,
        )
        for line in authorization.lines
    )
    return parts.AuthorizationFacts(
        number=authorization.number or authorization.reference,
        status=authorization.state.value,
        requested_on=authorization.submitted_on or day_of(authorization.created_at),
        decided_on=authorization.decided_on,
        valid_from=authorization.valid_from,
        valid_to=authorization.valid_to,
        provider=authorization.provider.name,
        place=_place(authorization.facility, book),
        lines=lines,
    )


def claim_facts(claim: Claim, book: Rulebook) -> parts.ClaimFacts:
    """Freeze a claim as billed."""
    day = claim.service_from or day_of(claim.created_at)
    lines = tuple(
        parts.LineFacts(
            code=line.code,
            label=_label(line.code, book) + (", discarded" if "JW" in line.modifiers else ""),
            units=Decimal(line.units),
            modifiers=tuple(line.modifiers),
            diagnosis=line.diagnosis,
            charged=line.charged,
            paid=line.paid,
        )
        for line in claim.lines
    )
    return parts.ClaimFacts(
        number=claim.number,
        payer_control_number=claim.payer_control_number or "",
        service_from=day,
        service_to=claim.service_to or day,
        provider=claim.provider.name,
        place=_place(claim.facility, book),
        billed=claim.charged,
        paid=claim.paid,
        submitted_on=claim.submitted_on or day,
        lines=lines,
    )
