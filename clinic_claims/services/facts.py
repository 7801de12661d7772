"""Gather what is on file about a case into the frozen facts that a letter may print."""

from decimal import Decimal

from sqlalchemy import select

from ..db import db
from ..domain import letter_parts as parts
from ..domain.facts import LetterFacts
from ..models import (
    Appeal,
    Authorization,
    Claim,
    Clinic,
    Deadline,
    Denial,
    Facility,
)
from ..rulebook import Rulebook
from . import chart_facts, ladders
from .deeds import Deed, Refused
from .readiness import is_granted

RECEIVED = {
    "remittance": "by electronic remittance",
    "portal": "through the payer's portal",
    "fax": "by fax",
    "mail": "by mail",
}


def of_denial(denial: Denial, deed: Deed) -> LetterFacts:
    """Freeze what is known around a denial."""
    claim, authorization = denial.claim, denial.authorization
    if claim is not None:
        authorization = claim.authorization
    return _facts(denial.subject, authorization, claim, _denial(denial, deed.book), deed)


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
        coverage=chart_facts.coverage_facts(about.coverage),
        treatment=chart_facts.treatment_facts(case, deed.book),
        findings=chart_facts.findings(case),
        prior_treatments=chart_facts.prior_treatments(case),
        injections=chart_facts.prior_injections(case, claim, deed.book),
        documents=chart_facts.documents_on_file(about, authorization),
        authorization=authorization_facts(authorization, deed.book) if authorization else None,
        claim=claim_facts(claim, deed.book) if claim else None,
        denial=denial,
        policy=chart_facts.policy_facts(case),
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
        requested_on=authorization.submitted_on or authorization.created_at.date(),
        decided_on=authorization.decided_on,
        valid_from=authorization.valid_from,
        valid_to=authorization.valid_to,
        provider=authorization.provider.name,
        place=_place(authorization.facility, book),
        lines=lines,
    )


def claim_facts(claim: Claim, book: Rulebook) -> parts.ClaimFacts:
    """Freeze a claim as billed."""
    day = claim.service_from or claim.created_at.date()
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


def _denial(denial: Denial, book: Rulebook) -> parts.DenialFacts:
    last = ladders.last_appeal(denial)
    under_way = last if last is not None and last.decided_on is None else None
    level = ladders.next_level(denial, book)
    clock = newest_clock(denial)
    name = (under_way.name if under_way else level.name if level else "Appeal").split(" (")[0]
    step = under_way.level if under_way else (level.level if level else "1")
    return parts.DenialFacts(
        reference=denial.reference,
        category=denial.category,
        group=denial.group,
        carcs=_printed_codes(denial),
        rarcs=tuple(denial.rarcs),
        quoted=denial.reason_quoted or "",
        notice_dated=denial.notice_dated_on or denial.denied_on,
        notice_received=denial.notice_received_on,
        received_how=RECEIVED.get(denial.received_how or "", denial.received_how),
        policy_named=denial.policy_named,
        level=int(step) if step.isdigit() else 1,
        level_name=name,
        legal=clock.legal if clock else None,
        act_by=clock.act_by if clock else None,
        time_rule=clock.citation if clock else None,
        because=tuple(clock.because) if clock else (),
        approved_before=denial.approved_before,
        earlier=_earlier(last),
    )


def _printed_codes(denial: Denial) -> tuple[str, ...]:
    """A refused request carries no code of the payer's: the one on record is our own reading of it."""
    return tuple(denial.carcs) if denial.claim_id is not None else ()


def newest_clock(denial: Denial) -> Deadline | None:
    """Return the appeal clock that runs, else the last one that ran."""
    query = select(Deadline).where(Deadline.denial_id == denial.id, Deadline.clock == "appeal")
    return db.session.scalar(query.order_by(Deadline.stopped_at.is_not(None), Deadline.id.desc()).limit(1))


def _earlier(appeal: Appeal | None) -> tuple[parts.EarlierDecision, ...]:
    found: list[parts.EarlierDecision] = []
    while appeal is not None:
        if appeal.decided_on and appeal.filed_on:
            decision = parts.EarlierDecision(
                level_name=appeal.name,
                filed_on=appeal.filed_on,
                decided_on=appeal.decided_on,
                outcome=appeal.state.value.replace("_", " "),
                reasons=appeal.decision_words or "",
            )
            found.insert(0, decision)
        appeal = appeal.previous
    return tuple(found)
