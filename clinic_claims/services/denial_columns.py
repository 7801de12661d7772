"""The denial as SQL sees it: its dollars, its dates, what it can be grouped by, and the tables that each needs."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, case, cast, func, literal, or_, select, type_coerce
from sqlalchemy.orm import aliased

from ..db import Money
from ..domain.lifecycle import DenialState, words
from ..models import (
    Appeal,
    Authorization,
    Claim,
    Coverage,
    Denial,
    Facility,
    Patient,
    Payer,
    Plan,
    Provider,
    TreatmentCase,
    User,
)
from .readiness import SETTLED

WON = (DenialState.OVERTURNED, DenialState.PARTLY_OVERTURNED)
ANSWERED = (*SETTLED, DenialState.PARTLY_OVERTURNED, DenialState.UPHELD)
GIVEN_UP = (DenialState.WRITTEN_OFF, DenialState.PATIENT_BALANCE)
NOBODY = "nobody"
TREATMENTS = {"toxin": "Botulinum toxin", "mvd": "MVD surgery"}

_NONE = literal(Decimal(0), Money())
_LEFT = Denial.amount - Denial.recovered - func.coalesce(Denial.settled_otherwise, _NONE)

IS_WON = or_(Denial.state.in_(WON), Denial.recovered > _NONE)
WRITTEN_OFF = type_coerce(case((Denial.state == DenialState.WRITTEN_OFF, _LEFT), else_=_NONE), Money)
OPEN = type_coerce(case((Denial.state.in_(GIVEN_UP), _NONE), (_LEFT < _NONE, _NONE), else_=_LEFT), Money)

_LAST_DECISION = select(func.max(Appeal.decided_on)).where(Appeal.denial_id == Denial.id).correlate(Denial)
DECIDED_ON = func.coalesce(_LAST_DECISION.scalar_subquery(), Denial.settled_on, type_=Date())
_LAST_LEVEL = select(Appeal.level).where(Appeal.denial_id == Denial.id).order_by(Appeal.id.desc()).limit(1)
LEVEL = _LAST_LEVEL.correlate(Denial).scalar_subquery()

DATES: dict[str, Any] = {
    "denial": Denial.denied_on,
    "service": Claim.service_from,
    "billed": Claim.submitted_on,
    "decision": DECIDED_ON,
}
"""The dates by which a report can be limited."""


@dataclass(frozen=True)
class Dimension:
    """Something denials can be grouped by: its label, its columns, the table it needs, and how its value is written."""

    label: str
    columns: tuple[Any, ...]
    table: str = ""
    say: Callable[..., str] = str


@lru_cache(4096)
def listed(codes: str) -> tuple[str, ...]:
    """Read codes as the database keeps them: '["197"]'; few combinations come, and they come often."""
    return tuple(json.loads(codes))


def codes_in_words(group: str | None, carcs: str) -> str:
    """Write reason codes with their group: "CO-197, CO-50"."""
    return ", ".join(f"{group}-{carc}" if group else carc for carc in listed(carcs))


def _codes(group: str | None, carcs: str) -> str:
    return codes_in_words(group, carcs) or "no code"


def _month(key: int) -> str:
    return f"{key // 100}-{key % 100:02d}"


def _approved(before: bool) -> str:
    return "approved before" if before else "not approved before"


def _named(value: str | None) -> str:
    return value or "–"


DIMENSIONS = {
    "payer": Dimension("Payer", (Payer.name,), "payer"),
    "plan_class": Dimension("Plan class", (Plan.payer_class,), "payer"),
    "category": Dimension("Reason", (Denial.category,)),
    "code": Dimension("Reason code", (Denial.group, cast(Denial.carcs, Text)), "", _codes),
    "treatment": Dimension("Treatment", (TreatmentCase.treatment,), "case", lambda value: TREATMENTS[value]),
    "condition": Dimension("Condition", (TreatmentCase.condition,), "case", words),
    "provider": Dimension("Provider", (Provider.name,), "provider"),
    "facility": Dimension("Facility", (Facility.name,), "facility", _named),
    "owner": Dimension("Owner", (User.full_name,), "owner", lambda name: name or "Nobody"),
    "month": Dimension("Month", (Denial.month,), "", _month),
    "state": Dimension("State", (Denial.state,), "", lambda state: str(state.value)),
    "level": Dimension("Level of appeal", (LEVEL,), "", lambda level: level or "none"),
    "approved_before": Dimension("Approval before", (Denial.approved_before,), "", _approved),
}
"""What a report can be grouped by, in the order of the menus."""

# The key of a table a denial leads to: by its claim, or by its request for approval.
BY_CLAIM = ("claim", "payer", "case", "patient", "provider", "facility")
_JOINS: dict[str, Callable[[Any], Any]] = {
    "payer": lambda query: (
        query.join(Coverage, Coverage.id == _either("coverage_id"))
        .join(Plan, Plan.id == Coverage.plan_id)
        .join(Payer, Payer.id == Plan.payer_id)
    ),
    "case": lambda query: query.join(TreatmentCase, TreatmentCase.id == _either("case_id")),
    "patient": lambda query: query.join(Patient, Patient.id == TreatmentCase.patient_id),
    "provider": lambda query: query.join(Provider, Provider.id == _either("provider_id")),
    "facility": lambda query: query.outerjoin(Facility, Facility.id == _either("facility_id")),
    "owner": lambda query: query.outerjoin(User, User.id == Denial.owner_id),
}


def _either(key: str) -> Any:
    return func.coalesce(getattr(Claim, key), getattr(Authorization, key))


def from_denials(columns: Iterable[Any], tables: Iterable[str], *, most: bool = False) -> Any:
    """Select columns of denials, joined to the tables named; to claim and request where one of them leads there.

    `most` tells that the sums are of most denials. That only claims with a denial are joined goes without saying; said
    in that case, it keeps PostgreSQL from gathering every claim.
    """
    wanted = set(tables)
    query: Any = select(*columns).select_from(Denial)
    if wanted.intersection(BY_CLAIM):
        with_denial = [Claim.id.in_(select(aliased(Denial).claim_id))] if most else []
        query = query.outerjoin(Claim, and_(Claim.id == Denial.claim_id, *with_denial))
        query = query.outerjoin(Authorization, Authorization.id == Denial.authorization_id)
    for name, join in _JOINS.items():
        if name in wanted or (name == "case" and "patient" in wanted):
            query = join(query)
    return query


def has_code(code: str) -> ColumnElement[bool]:
    """Match denials that carry a reason or remark code, written "197", "CO-197" or "N54"."""
    group, _, carc = code.strip().upper().rpartition("-")
    found = cast(Denial.carcs, Text).contains(f'"{carc}"', autoescape=True)
    remark = cast(Denial.rarcs, Text).contains(f'"{carc}"', autoescape=True)
    return (found & (Denial.group == group)) if group else or_(found, remark)
