"""Freeze what the chart holds about a patient, a case and its coverage, as parts of a letter's facts."""

from datetime import date
from decimal import Decimal

from ..domain import letter_parts as parts
from ..domain.exhibits import DocumentFacts
from ..models import Authorization, Claim, Clinic, Coverage, Patient, Provider, TreatmentCase
from ..rulebook import Rulebook
from . import documents

FUNDING = {"erisa_self_funded": "self-funded", "commercial_fully_insured": "fully insured"}
LEFT_OUT = ("remittance", "letter", "packet", "delivery_proof", "agreement", "estimate")


def clinic_facts(clinic: Clinic) -> parts.ClinicFacts:
    """The letterhead."""
    return parts.ClinicFacts(
        name=clinic.name,
        address=(clinic.street, f"{clinic.city}, {clinic.state} {clinic.zip}"),
        phone=clinic.phone,
        fax=clinic.fax or "",
        email=clinic.email or "",
        npi=clinic.npi,
        tin=clinic.tin,
        taxonomy=clinic.taxonomy,
    )


def signer_facts(provider: Provider) -> parts.SignerFacts:
    """Who treats and signs."""
    return parts.SignerFacts(
        name=provider.name,
        specialty=provider.specialty,
        credentials=provider.credentials,
        npi=provider.npi,
        direct_line=provider.direct_line or "",
    )


def patient_facts(patient: Patient) -> parts.PatientFacts:
    """Who is treated, as the letter calls them."""
    title = {"female": "Ms.", "male": "Mr."}.get(patient.sex or "")
    called = f"{title} {patient.last_name}" if title else patient.full_name
    return parts.PatientFacts(name=patient.full_name, called=called, birth_date=patient.born_on, mrn=patient.mrn)


def coverage_facts(coverage: Coverage, book: Rulebook) -> parts.CoverageFacts:
    """Who pays, under which rules, and where appeals go; the payer class under the name that the rules know."""
    plan, payer = coverage.plan, coverage.plan.payer
    known = book.clocks.find_class(plan.payer_class)
    return parts.CoverageFacts(
        payer=payer.name,
        plan=plan.name,
        payer_class=known.id if known else plan.payer_class,
        member_id=coverage.member_id,
        group_number=coverage.group_number,
        relationship=coverage.relationship_to_subscriber,
        funding=FUNDING.get(plan.payer_class, "government program"),
        state=plan.state or "",
        network=_network(known.id if known else plan.payer_class, plan.in_network),
        appeals_address=tuple(payer.appeals_address),
        appeals_fax=payer.appeals_fax,
    )


def _network(payer_class: str, contracted: bool) -> str:
    """Say how the clinic stands to the plan: Original Medicare has participating physicians and no network."""
    if payer_class == "medicare_ffs":
        return "participating" if contracted else "not participating"
    return "in network" if contracted else "out of network"


def treatment_facts(case: TreatmentCase, book: Rulebook) -> parts.TreatmentFacts:
    """What is treated, with what and how often."""
    product = book.codes.products.get(case.product or "")
    return parts.TreatmentFacts(
        treatment=case.treatment,
        condition=case.condition,
        diagnosis_codes=(case.diagnosis,),
        side=case.side,
        onset=case.onset or "",
        product=f"{product.name} ({product.brand})" if product else None,
        units=Decimal(case.planned_units) if case.planned_units else None,
        interval_weeks=case.interval_weeks,
        plan=case.plan_of_care or "",
        stop_rule=case.stop_rule,
        without=case.without_treatment or "",
    )


def _page(document_id: int | None) -> str | None:
    return f"doc{document_id}" if document_id else None


def findings(case: TreatmentCase) -> tuple[parts.Finding, ...]:
    """What was seen and measured, each with its document and page."""
    return tuple(
        parts.Finding(
            id=f"finding{row.id}",
            kind=row.kind,
            on=row.on,
            words=row.words,
            value=row.value,
            document=_page(row.document_id),
            page=row.page,
        )
        for row in case.findings
    )


def prior_treatments(case: TreatmentCase) -> tuple[parts.PriorTreatment, ...]:
    """What was tried before, and why it was stopped."""
    return tuple(
        parts.PriorTreatment(
            name=row.name,
            dose=row.dose or "",
            started=row.started_on,
            stopped=row.stopped_on,
            result=row.result,
            reason_stopped=row.reason_stopped or "",
            document=_page(row.document_id),
            page=row.page,
        )
        for row in case.prior_treatments
    )


def prior_injections(case: TreatmentCase, claim: Claim | None, book: Rulebook) -> tuple[parts.PriorInjection, ...]:
    """Sessions before the one billed: the billed one is the claim's own."""
    until = claim.service_from if claim and claim.service_from else date.max
    return tuple(
        parts.PriorInjection(
            on=row.on,
            product=book.codes.products[row.product].name if row.product in book.codes.products else row.product,
            units=Decimal(row.units),
            response=row.response or "",
            benefit_weeks=int(row.benefit_weeks) if row.benefit_weeks is not None else None,
            document=_page(row.document_id),
        )
        for row in case.injections
        if row.on < until
    )


def documents_on_file(about: Claim | Authorization, authorization: Authorization | None) -> tuple[DocumentFacts, ...]:
    """What is on file for the case, without the papers of its other claims and requests."""
    claims = (None, about.id if isinstance(about, Claim) else None)
    requests = (None, authorization.id if authorization else None)
    return tuple(
        DocumentFacts(id=f"doc{row.id}", kind=row.kind, title=row.title, pages=row.pages or 1, dated=row.dated_on)
        for row in documents.of_case(about.case)
        if row.kind not in LEFT_OUT and row.claim_id in claims and row.authorization_id in requests
    )


def policy_facts(case: TreatmentCase) -> parts.PolicyFacts | None:
    """The payer's policy with its criteria, as entered on the case."""
    if not case.criteria:
        return None
    first = case.criteria[0]
    return parts.PolicyFacts(
        number=first.policy_number,
        title=first.policy_title,
        version=first.policy_version,
        criteria=tuple(
            parts.CriterionFacts(text=row.text, met=row.met, document=_page(row.document_id), page=row.page)
            for row in case.criteria
        ),
    )
