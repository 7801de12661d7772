"""Enter patients, their coverage, why they need treatment, what was tried and what was found."""

import unicodedata
from datetime import date
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.codes import diagnosis_fault, side_of_diagnosis
from ..models import (
    ClinicalFinding,
    Coverage,
    Injection,
    Patient,
    Plan,
    PolicyCriterion,
    PriorTreatment,
    Provider,
    TreatmentCase,
)
from . import clocks
from .deeds import Deed, Refused
from .history import record


def name_key(last_name: str, first_name: str) -> str:
    """Fold a name for search and sorting: lower case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", f"{last_name} {first_name}")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def enter(deed: Deed, *, mrn: str, last_name: str, first_name: str, born_on: date, **more: Any) -> Patient:
    """Put a patient on record. Raises Refused when the record number is taken or the birth date lies ahead."""
    if db.session.scalar(select(Patient.id).where(Patient.mrn == mrn)):
        raise Refused(f"Record number {mrn} belongs to another patient already.")
    if born_on > deed.today:
        raise Refused("The date of birth lies in the future.")
    patient = Patient(
        mrn=mrn,
        last_name=last_name,
        first_name=first_name,
        name_key=name_key(last_name, first_name),
        born_on=born_on,
        **more,
    )
    record(patient, "enter_patient", deed, sentence="Patient entered.")
    return patient


def add_coverage(patient: Patient, plan: Plan, member_id: str, deed: Deed, **more: Any) -> Coverage:
    """Add a plan to a patient. Raises Refused when that rank is taken on an overlapping coverage."""
    rank = more.get("rank", 1)
    for other in patient.coverages:
        if other.rank == rank and _overlap(other, more.get("starts_on"), more.get("ends_on")):
            raise Refused(f"{other.plan.payer.name} is already coverage number {rank}. End it first.")
    coverage = Coverage(patient=patient, plan=plan, member_id=member_id, **more)
    db.session.add(coverage)
    record(patient, "add_coverage", deed, sentence=f"Coverage by {plan.payer.name} added.")
    return coverage


def _overlap(other: Coverage, starts_on: date | None, ends_on: date | None) -> bool:
    begins, ends = starts_on or date.min, ends_on or date.max
    return (other.starts_on or date.min) <= ends and begins <= (other.ends_on or date.max)


def open_case(
    patient: Patient,
    provider: Provider,
    deed: Deed,
    *,
    treatment: str,
    condition: str,
    diagnosis: str,
    side: str,
    **more: Any,
) -> TreatmentCase:
    """Open a treatment case. Raises Refused for a diagnosis that is unknown, not billable or of the other side."""
    if reason := diagnosis_fault(deed.book.codes, diagnosis):
        raise Refused(reason)
    if (own := side_of_diagnosis(deed.book.codes, diagnosis)) not in (None, "unspecified", side):
        raise Refused(f"{diagnosis} is the code of the {own} side, but the case says {side}.")
    case = TreatmentCase(
        patient=patient,
        provider=provider,
        treatment=treatment,
        condition=condition,
        diagnosis=diagnosis,
        side=side,
        **more,
    )
    db.session.add(case)
    db.session.add(case)
    db.session.flush()  # documents are tied to it by its number
    record(patient, "open_case", deed, sentence=f"Treatment case opened: {treatment} for {diagnosis}.")
    return case


def add_prior_treatment(case: TreatmentCase, deed: Deed, **fields: Any) -> PriorTreatment:
    """Note a treatment that was tried. Raises Refused when it stopped before it started."""
    started, stopped = fields["started_on"], fields.get("stopped_on")
    if stopped and stopped < started:
        raise Refused("The treatment stopped before it started: check the dates.")
    tried = PriorTreatment(case=case, entered_by=deed.actor, **fields)
    db.session.add(tried)
    record(case.patient, "add_prior_treatment", deed, sentence=f"Earlier treatment noted: {tried.name}.")
    return tried


def add_finding(case: TreatmentCase, deed: Deed, **fields: Any) -> ClinicalFinding:
    """Note something seen or measured. Raises Refused for a date in the future."""
    if fields["on"] > deed.today:
        raise Refused("The finding is dated in the future.")
    finding = ClinicalFinding(case=case, entered_by=deed.actor, **fields)
    db.session.add(finding)
    record(case.patient, "add_finding", deed, sentence=f"Finding noted: {finding.name}.")
    return finding


def add_criterion(case: TreatmentCase, deed: Deed, **fields: Any) -> PolicyCriterion:
    """Note one criterion of the payer's policy and how the chart meets it."""
    criterion = PolicyCriterion(case=case, entered_by=deed.actor, position=len(case.criteria) + 1, **fields)
    db.session.add(criterion)
    record(case.patient, "add_criterion", deed, sentence=f"Criterion of policy {criterion.policy_number} noted.")
    return criterion


def add_injection(case: TreatmentCase, deed: Deed, **fields: Any) -> Injection:
    """Note a toxin session, also one before surgery. Raises Refused for an unknown product or a date in the future."""
    if fields["product"] not in deed.book.codes.products:
        raise Refused(f"{fields['product']} is no toxin. Choose one of: {', '.join(deed.book.codes.products)}.")
    if fields["on"] > deed.today:
        raise Refused("The injection is dated in the future.")
    injection = Injection(case=case, entered_by=deed.actor, **fields)
    db.session.add(injection)
    record(case.patient, "add_injection", deed, sentence=f"Injection of {fields['units']} units noted.")
    clocks.start(case, "next_injection", deed)
    return injection
