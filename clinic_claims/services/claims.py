"""Enter claims and move them through their states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import ClaimState
from ..models import (
    Adjustment,
    Authorization,
    Claim,
    Coverage,
    DenialLine,
    Facility,
    LinePayment,
    Provider,
    ServiceLine,
    TreatmentCase,
)
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


def bill_anew(claim: Claim, lines: Sequence[Line]) -> None:
    """Put newer lines in place of a claim's own: each stays the row it was as far as one can be told to be the same, as
    what the payer said of it hangs there.

    Raises Refused where a line is left out that the payer has answered.
    """
    left, rows = list(claim.lines), dict[int, ServiceLine]()
    for is_same in (_same_line, _same_code, lambda *_: True):
        for place, line in enumerate(lines):
            if place not in rows and (found := next((row for row in left if is_same(row, line)), None)):
                rows[place] = found
                left.remove(found)
    if answered := _answered(left):
        raise Refused(
            *(f"It leaves out {row.code}, which the payer has answered: correct it by hand." for row in answered)
        )
    for row in claim.lines:
        row.position += len(claim.lines) + len(lines)  # out of the way of the newer ones
    db.session.flush()
    claim.lines = [_written(rows.get(place), place + 1, line) for place, line in enumerate(lines)]
    claim.charged = sum((line.charged for line in lines), Decimal(0))


def _same_line(row: ServiceLine, line: Line) -> bool:
    return row.code == line.code and row.modifiers == line.modifiers


def _same_code(row: ServiceLine, line: Line) -> bool:
    return row.code == line.code


def _answered(rows: Sequence[ServiceLine]) -> list[ServiceLine]:
    """Return those of these lines of which a payer said anything."""
    keys = [row.id for row in rows]
    found: set[int | None] = set()
    for model in (LinePayment, Adjustment, DenialLine) if keys else ():
        found.update(db.session.scalars(select(model.service_line_id).where(model.service_line_id.in_(keys))))
    return [row for row in rows if row.id in found]


def _written(row: ServiceLine | None, position: int, line: Line) -> ServiceLine:
    """Write a line into its row; what was paid on it stays."""
    made = service_line(position, line)
    if row is None:
        return made
    for name in ("position", *Line.__dataclass_fields__):
        setattr(row, name, getattr(made, name))
    return row


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
