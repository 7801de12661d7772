"""What a booked visit asks for: another day or approval when it lies too early or uncovered; else that eligibility is
asked again in the week and on the day of service."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..calendars import federal_holiday
from ..db import db
from ..domain.authorizations import VisitState
from ..domain.business_days import on_or_before
from ..domain.counting import spoken
from ..domain.permissions import Role
from ..models import BenefitsCheck, Coverage, Plan, TreatmentCase, Visit
from . import early_visits, uncovered_visits

WEEK = timedelta(days=7)
RULE = "House rule: coverage may have ended since it was last asked"
NEXT = "Check eligibility"


def needed(visit_on: date, checked_on: date | None) -> list[tuple[date, str]]:
    """Return the checks a visit still needs after the newest one up to its day: the last day of each, and why."""
    found: list[tuple[date, str]] = []
    if checked_on is None or checked_on < visit_on - WEEK:
        found.append((visit_on - timedelta(days=1), "Check eligibility in the week before the visit"))
    if checked_on is None or checked_on < visit_on:
        found.append((visit_on, "Check eligibility on the day of service"))
    return found


def rechecks(numbers: list[int]) -> Iterator[dict[str, Any]]:
    """Give the worklist's values of each booked visit that must be moved or covered, or its eligibility asked again."""
    parties = (
        joinedload(Visit.case).joinedload(TreatmentCase.patient),
        joinedload(Visit.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
        joinedload(Visit.authorization),
        joinedload(Visit.drug_authorization),
    )
    query = select(Visit).where(Visit.id.in_(numbers), Visit.state == VisitState.SCHEDULED).options(*parties)
    visits = list(db.session.scalars(query))
    checked = _checked({visit.coverage_id for visit in visits})
    early, bare = early_visits.too_early(visits), uncovered_visits.uncovered(visits)
    for visit in visits:
        if why := early.get(visit.id) or bare.get(visit.id):
            eve = on_or_before(visit.on - timedelta(days=1), federal_holiday)
            said = early_visits.NEXT if visit.id in early else uncovered_visits.NEXT
            yield _values(visit, eve, why) | {"next_action": said, "from_on": date.min}
            continue
        last = max((day for day in checked.get(visit.coverage_id, ()) if day <= visit.on), default=None)
        if open_ones := needed(visit.on, last):
            act_by, said = open_ones[0]
            yield _values(visit, act_by, [said, f"The visit is on {spoken(visit.on)}", RULE])


def _checked(coverages: set[int]) -> dict[int, list[date]]:
    found: dict[int, list[date]] = {}
    query = select(BenefitsCheck.coverage_id, BenefitsCheck.on).where(BenefitsCheck.coverage_id.in_(coverages))
    for coverage_id, on in db.session.execute(query):
        found.setdefault(coverage_id, []).append(on)
    return found


def _values(visit: Visit, act_by: date, because: list[str]) -> dict[str, Any]:
    return {
        "subject": "visit",
        "subject_id": visit.id,
        "item": visit.reference,
        "kind": "visit",
        "claim": None,
        "patient": visit.case.patient.name,
        "patient_id": visit.case.patient_id,
        "payer": visit.coverage.plan.payer.name,
        "codes": "",
        "due": None,
        "act_by": act_by,
        "because": because,
        "caution": "",
        "amount": Decimal(0),
        "next_action": NEXT,
        "owner_id": visit.authorization.owner_id if visit.authorization else None,
        "role": Role.AUTHORIZATION_COORDINATOR,
        "stage": 0,
        "from_on": visit.on if act_by == visit.on else visit.on - WEEK,
        "sort_on": act_by,
        "minus_cents": 0,
        "minus_worth": 0,
    }
