"""Booked visits whose approval no longer covers their day: it was changed, revoked or ran out since."""

from collections.abc import Iterable

from sqlalchemy import select

from ..db import db
from ..domain.counting import spoken
from ..models import Authorization, Override, Visit
from .grants import is_granted

NEXT = "Move the visit, or cover it"
RULES = ("dates", "authorization")  # the checks that somebody may have let pass with a reason


def uncovered(visits: Iterable[Visit]) -> dict[int, list[str]]:
    """Say why for each visit, by its key, that its approval does not cover and that nobody let pass."""
    found: dict[int, list[str]] = {}
    for visit in visits:
        for approval in (visit.authorization, visit.drug_authorization):
            if approval is not None and (why := _why(approval, visit)):
                found[visit.id] = [f"The visit is on {spoken(visit.on)}", why]
    query = select(Override.visit_id).where(Override.visit_id.in_(list(found)), Override.rule.in_(RULES))
    passed = set(db.session.scalars(query)) if found else set[int | None]()
    return {key: why for key, why in found.items() if key not in passed}


def _why(approval: Authorization, visit: Visit) -> str:
    name = approval.number or approval.reference
    if not (is_granted(approval) or approval.state == "not_required"):
        return f"approval {name} is {approval.state.replace('_', ' ')}"
    if approval.valid_to and visit.on > approval.valid_to:
        return f"approval {name} ends on {spoken(approval.valid_to)}"
    if approval.valid_from and visit.on < approval.valid_from:
        return f"approval {name} begins on {spoken(approval.valid_from)}"
    return ""
