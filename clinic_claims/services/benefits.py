"""Ask what the plan covers, and see to it that it is asked again in the week and on the day of service."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.authorizations import VisitState
from ..models import BenefitsCheck, Coverage, TreatmentCase, Visit
from .deeds import Deed, Refused
from .history import record
from .rechecks import WEEK, needed

# What a full check must bring home: the two questions and who answered them.
ASKED = {
    "number_called": "the number called, from the card",
    "spoke_with": "who answered",
    "reference": "the reference number of the call",
    "covered": "whether it is covered under these benefits",
    "to_get_covered": "what is needed to get it covered",
}
BY_PORTAL = ("covered", "to_get_covered", "reference")  # nobody answers at a portal


@dataclass(frozen=True)
class Recheck:
    """An eligibility check that a scheduled visit still needs: `due` is its last day."""

    visit: Visit
    due: date
    why: str


def check(
    coverage: Coverage, deed: Deed, *, case: TreatmentCase | None = None, on: date | None = None, **answers: Any
) -> BenefitsCheck:
    """Note a full check. Raises Refused naming every question that was not answered."""
    needed = ASKED if answers.get("how", "telephone") == "telephone" else {name: ASKED[name] for name in BY_PORTAL}
    missing = [words for name, words in needed.items() if not answers.get(name)]
    if missing:
        raise Refused(*(f"Enter {words}." for words in missing))
    return _note(coverage, deed, case=case, on=on, kind="full", **answers)


def recheck(coverage: Coverage, deed: Deed, *, active: bool, on: date | None = None, **answers: Any) -> BenefitsCheck:
    """Note that eligibility was looked up again, and whether the coverage is active."""
    return _note(coverage, deed, on=on, kind="recheck", active=active, **answers)


def _note(coverage: Coverage, deed: Deed, *, on: date | None, **answers: Any) -> BenefitsCheck:
    day = on or deed.today
    if day > deed.today:
        raise Refused("The check is dated in the future.")
    made = BenefitsCheck(coverage=coverage, on=day, by=deed.actor, **answers)
    told = "Benefits checked" if made.kind == "full" else "Eligibility checked again"
    active = "" if answers.get("active", True) else " The coverage is not active."
    record(made, "check_benefits", deed, sentence=f"{told} with {coverage.plan.payer.name}.{active}")
    return made


def latest(coverage: Coverage, *, kind: str | None = None, until: date | None = None) -> BenefitsCheck | None:
    """Return the newest check of a coverage, if asked the newest full one or the newest up to a day."""
    query = select(BenefitsCheck).where(BenefitsCheck.coverage_id == coverage.id)
    if kind:
        query = query.where(BenefitsCheck.kind == kind)
    if until:
        query = query.where(BenefitsCheck.on <= until)
    return db.session.scalar(query.order_by(BenefitsCheck.on.desc(), BenefitsCheck.id.desc()).limit(1))


def due_for(visit: Visit) -> list[Recheck]:
    """Return the checks a scheduled visit still needs: one in the week before, one on the day."""
    if visit.state != VisitState.SCHEDULED:
        return []
    last = latest(visit.coverage, until=visit.on)
    return [Recheck(visit, due, why) for due, why in needed(visit.on, last.on if last else None)]


def due(deed: Deed) -> list[Recheck]:
    """Return every check that is due within a week, earliest first."""
    query = select(Visit).where(
        Visit.state == VisitState.SCHEDULED, Visit.on >= deed.today, Visit.on <= deed.today + WEEK
    )
    found: Iterable[Recheck] = (each for visit in db.session.scalars(query) for each in due_for(visit))
    return sorted(found, key=lambda each: (each.due, each.visit.id))
