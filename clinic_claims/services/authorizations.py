"""Ask for prior authorization and note what the payer decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..db import db
from ..models import Authorization, AuthorizationLine, Coverage, Denial, Facility, Provider, TreatmentCase
from . import denials, steps
from .deeds import Deed, Refused
from .history import record


@dataclass(frozen=True, kw_only=True)
class Requested:
    """One code asked for, in billing units."""

    code: str
    units: int
    diagnosis: str
    modifier: str | None = None


def plan(
    case: TreatmentCase,
    coverage: Coverage,
    provider: Provider,
    facility: Facility | None,
    lines: Iterable[Requested],
    deed: Deed,
    **more: Any,
) -> Authorization:
    """Prepare a request. Raises Refused when the coverage is another patient's."""
    if coverage.patient_id != case.patient_id:
        raise Refused("This coverage belongs to another patient.")
    authorization = Authorization(
        case=case, coverage=coverage, provider=provider, facility=facility, created_at=deed.at, **more
    )
    authorization.lines = [
        AuthorizationLine(code=line.code, units_requested=line.units, diagnosis=line.diagnosis, modifier=line.modifier)
        for line in lines
    ]
    record(authorization, "plan_authorization", deed, sentence="Authorization request prepared.", reached="planned")
    return authorization


def move(authorization: Authorization, action: str, deed: Deed, **given: Any) -> Denial | None:
    """Take a step. An approval fills its lines as requested; a denial opens a Denial, which is returned."""
    steps.take(authorization, action, deed, **given)
    if action == "approve":
        for line in authorization.lines:
            line.units_approved = line.units_requested
    db.session.flush()
    return denials.of_authorization(authorization, deed) if action == "deny" else None
