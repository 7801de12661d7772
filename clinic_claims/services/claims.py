"""Enter claims and move them through their states."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import ClaimState
from ..models import Authorization, Claim, Coverage, Facility, Provider, ServiceLine, TreatmentCase
from . import predenial, steps
from .deeds import Deed, Refused
from .history import record


@dataclass(frozen=True, kw_only=True)
class Line:
    """One service line to bill: billing units, dollars charged, the diagnoses in the order of importance."""

    code: str
    diagnosis: str
    charged: Decimal
    units: int = 1
    modifiers: list[str] = field(default_factory=list)
    ndc: str | None = None
    further_diagnoses: list[str] = field(default_factory=list)
    control_number: str | None = None


def enter(
    number: str,
    case: TreatmentCase,
    coverage: Coverage,
    provider: Provider,
    facility: Facility,
    lines: Iterable[Line],
    deed: Deed,
    *,
    authorization: Authorization | None = None,
    **more: Any,
) -> Claim:
    """Put a claim on record. Raises Refused when the number is taken or the parties do not belong together."""
    reasons = _faults(number, case, coverage, authorization)
    if reasons:
        raise Refused(*reasons)
    claim = Claim(
        number=number,
        case=case,
        coverage=coverage,
        provider=provider,
        facility=facility,
        authorization=authorization,
        created_at=deed.at,
        paid=Decimal(0),
        adjusted=Decimal(0),
        patient_owes=Decimal(0),
        **more,
    )
    claim.lines = [service_line(position, line) for position, line in enumerate(lines, start=1)]
    claim.charged = sum((line.charged for line in claim.lines), Decimal(0))
    record(claim, "enter_claim", deed, sentence="Claim entered.", reached="planned")
    return claim


def service_line(position: int, line: Line) -> ServiceLine:
    """Make the row of a line that is not paid yet."""
    return ServiceLine(
        position=position,
        code=line.code,
        modifiers=list(line.modifiers),
        diagnosis=line.diagnosis,
        further_diagnoses=list(line.further_diagnoses),
        control_number=line.control_number,
        units=line.units,
        ndc=line.ndc,
        charged=line.charged,
        paid=Decimal(0),
    )


def _faults(number: str, case: TreatmentCase, coverage: Coverage, authorization: Authorization | None) -> list[str]:
    found = []
    if db.session.scalar(select(Claim.id).where(Claim.number == number)):
        found.append(f"Claim number {number} is taken already.")
    if coverage.patient_id != case.patient_id:
        found.append("This coverage belongs to another patient.")
    if authorization is not None and authorization.case.patient_id != case.patient_id:
        found.append("This authorization belongs to another patient.")
    return found


def move(claim: Claim, action: str, deed: Deed, **given: Any) -> None:
    """Take a step. Raises StepRefused or Refused with reasons: before sending, every denial that can be seen coming."""
    if action == "submit" and claim.state == ClaimState.READY_TO_BILL:
        predenial.refuse(claim, deed)
    steps.take(claim, action, deed, **given)


def link_authorization(claim: Claim, authorization: Authorization, deed: Deed) -> None:
    """Say which approval covers the claim. Raises Refused when it is another patient's."""
    if authorization.case.patient_id != claim.case.patient_id:
        raise Refused("This authorization belongs to another patient.")
    claim.authorization = authorization
    record(claim, "link_authorization", deed, sentence=f"Authorization {authorization.reference} linked.")


def agree_self_pay(claim: Claim, deed: Deed, *, document: str) -> None:
    """Note that the patient agreed in writing to pay; `document` names the signed paper."""
    claim.self_pay_agreed = True
    record(claim, "agree_self_pay", deed, sentence=f"Patient agreed in writing to pay: {document}.")
