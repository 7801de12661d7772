"""Book visits on their approvals: scheduling and moving run every check, and a day that would be denied is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain import drug_units
from ..domain.authorizations import VisitState
from ..domain.codes import CodeBook
from ..domain.predenial import SIDED
from ..models import Authorization, Coverage, Facility, Provider, TreatmentCase, Visit, VisitService
from . import ledger, predenial
from .deeds import Deed, Refused
from .history import record

DECOMPRESSION = "61458"
SIDE_MODIFIERS = {"right": "RT", "left": "LT", "both": "50"}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One code planned for a visit, in billing units: of a drug, the whole vials that must be opened."""

    code: str
    units: int
    diagnosis: str
    modifier: str | None = None


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """One day of a patient's treatment calendar: a session given, a visit ahead, the earliest payable day, an end."""

    on: date
    kind: str  # injected, scheduled, performed, earliest, approved_from, approved_to
    words: str
    visit: Visit | None = None


def propose(case: TreatmentCase, book: CodeBook, *, drug_source: str = "buy_and_bill") -> tuple[Planned, ...]:
    """Propose the codes of a visit: the procedure on the case's side and the smallest vials that cover the dose.

    What is injected for a diagnosis is the rulebook's to say; where it is silent, no procedure is proposed.
    """
    row = book.diagnoses.get(case.diagnosis)
    code = DECOMPRESSION if case.treatment == "mvd" else row.procedure if row else None
    modifier = SIDE_MODIFIERS.get(case.side) if code in SIDED else None
    found = [Planned(code=code, units=1, diagnosis=case.diagnosis, modifier=modifier)] if code else []
    product = book.products.get(case.product or "")
    if product and case.planned_units and drug_source == "buy_and_bill":
        vials = drug_units.smallest_vials(product, case.planned_units)
        units = drug_units.billing_units(product, sum(vials))
        found.append(Planned(code=product.code, units=units, diagnosis=case.diagnosis))
    return tuple(found)


def schedule(
    case: TreatmentCase,
    coverage: Coverage,
    provider: Provider,
    facility: Facility,
    on: date,
    deed: Deed,
    *,
    services: Iterable[Planned] | None = None,
    authorization: Authorization | None = None,
    reasons: Mapping[str, str] | None = None,
    **more: Any,
) -> Visit:
    """Book a visit. Raises Refused with every denial it would run into; `reasons` lets an error of a rule pass.

    A reason for "interval" is the clinical reason for treating early and stays with the visit. `more` may hold side,
    dose, product, drug_source and drug_authorization; side, dose and product are the case's unless given.
    """
    _same_patient(case, coverage, authorization, more.get("drug_authorization"))
    source = more.setdefault("drug_source", "buy_and_bill" if case.treatment == "toxin" else "none")
    usual = {"side": case.side, "product": case.product, "dose": case.planned_units}
    visit = Visit(
        case=case,
        coverage=coverage,
        provider=provider,
        facility=facility,
        authorization=authorization,
        on=on,
        created_at=deed.at,
        **(usual | more),
    )
    visit.services = [
        VisitService(code=row.code, units_planned=row.units, diagnosis=row.diagnosis, modifier=row.modifier)
        for row in services or propose(case, deed.book.codes, drug_source=source)
    ]
    sentence = f"Visit booked for {on:%b} {on.day}, {on.year} at {facility.name}."
    record(visit, "schedule_visit", deed, sentence=sentence, reached=VisitState.SCHEDULED)
    _clear(visit, reasons or {}, deed)
    return visit


def _same_patient(case: TreatmentCase, coverage: Coverage, *asked: Authorization | None) -> None:
    if coverage.patient_id != case.patient_id:
        raise Refused("This coverage belongs to another patient.")
    if any(each is not None and each.case.patient_id != case.patient_id for each in asked):
        raise Refused("This authorization belongs to another patient.")


def _clear(visit: Visit, reasons: Mapping[str, str], deed: Deed) -> None:
    """Let errors pass for which a reason was given, and refuse for the rest."""
    if early := reasons.get("interval", "").strip():
        visit.early_reason = early
        record(visit, "note_early_reason", deed, sentence=f"Reason for treating early: {early}")
    db.session.flush()
    for rule in {finding.rule for finding in predenial.stopping(visit, deed)} & reasons.keys():
        predenial.override(visit, rule, reasons[rule], deed)
    predenial.refuse(visit, deed)


def note_stopped(case: TreatmentCase, on: date, refused: Refused, deed: Deed) -> None:
    """Tell the patient's history that a booking was stopped, and which denials it would have drawn."""
    sentence = f"A visit on {on:%b} {on.day}, {on.year} was stopped: {' '.join(refused.reasons)}"
    record(case.patient, "stop_visit", deed, sentence=sentence, on=on)


def move(
    visit: Visit,
    deed: Deed,
    *,
    on: date | None = None,
    facility: Facility | None = None,
    provider: Provider | None = None,
    reasons: Mapping[str, str] | None = None,
) -> None:
    """Move a visit to another day, place or clinician; every check runs again. Raises Refused as `schedule` does."""
    _must_be_ahead(visit)
    if on is not None and on != visit.on:
        visit.on, visit.early_reason = on, None
    visit.facility, visit.provider = facility or visit.facility, provider or visit.provider
    sentence = f"Visit moved to {visit.on:%b} {visit.on.day}, {visit.on.year} at {visit.facility.name}."
    record(visit, "move_visit", deed, sentence=sentence, on=visit.on)
    _clear(visit, reasons or {}, deed)


def cancel(visit: Visit, reason: str, deed: Deed) -> None:
    """Call a visit off; its units are free again. Raises Refused without a reason."""
    _must_be_ahead(visit)
    if not reason.strip():
        raise Refused("Give the reason for calling the visit off.")
    told = {"left": VisitState.SCHEDULED, "reached": VisitState.CANCELLED}
    record(visit, "cancel_visit", deed, sentence=f"Visit called off: {reason.strip()}", **told)
    visit.state, visit.cancel_reason = VisitState.CANCELLED, reason.strip()
    db.session.flush()


def _must_be_ahead(visit: Visit) -> None:
    if visit.state != VisitState.SCHEDULED:
        raise Refused(f"This visit is {visit.state}: it cannot be changed any more.")


def of_case(case: TreatmentCase) -> list[Visit]:
    """Return the visits of a case, newest first."""
    return list(db.session.scalars(select(Visit).where(Visit.case_id == case.id).order_by(Visit.on.desc())))


def calendar(case: TreatmentCase, deed: Deed) -> list[CalendarEntry]:
    """Return the treatment calendar of a case, oldest first: sessions, visits, both clocks of each live approval."""
    found = [
        CalendarEntry(on=row.on, kind="injected", words=f"{row.units} units injected")
        for row in case.injections
        if row.visit_id is None
    ]
    for visit in of_case(case):
        if visit.state != VisitState.CANCELLED:
            words = f"Visit at {visit.facility.name}"
            found.append(CalendarEntry(on=visit.on, kind=visit.state.value, words=words, visit=visit))
    _, earliest = ledger.earliest(case.patient_id, date.max, deed.book) if case.treatment == "toxin" else (None, None)
    if earliest:
        found.append(CalendarEntry(on=earliest, kind="earliest", words="Earliest payable day of the next injection"))
    for page in ledger.of_case(case, deed):
        if not page.folded:
            found += _window(page.authorization)
    return sorted(found, key=lambda entry: entry.on)


def _window(authorization: Authorization) -> list[CalendarEntry]:
    days = (("approved_from", authorization.valid_from, "begins"), ("approved_to", authorization.valid_to, "ends"))
    return [
        CalendarEntry(on=day, kind=kind, words=f"Approval {authorization.number} {verb}")
        for kind, day, verb in days
        if day
    ]
