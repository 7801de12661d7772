"""Ask for prior authorization, note what the payer decides, and what becomes of the approval."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain import responses
from ..domain.authorizations import VisitState
from ..domain.lifecycle import AuthorizationState
from ..domain.responses import Session
from ..models import (
    Authorization,
    AuthorizationLine,
    Coverage,
    Deadline,
    Denial,
    Facility,
    Provider,
    TreatmentCase,
    Visit,
)
from . import denials, ladders, steps
from .deeds import Deed, Refused
from .grants import GRANTED
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


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What the payer approved of one line: billing units and, where it counts them, visits."""

    units: int
    visits: int | None = None


def grant(authorization: Authorization, granted: Mapping[str, Granted], deed: Deed) -> None:
    """Enter what was approved, by code; a code left out got nothing. Raises Refused for a code not asked for.

    Where a code was asked for on several lines (right and left), each gets what it asked for while units last, and
    the last one the rest: together never more than was approved.
    """
    codes = {line.code for line in authorization.lines}
    if strange := sorted(granted.keys() - codes):
        raise Refused(f"{', '.join(strange)} was not asked for: add it to the request, or enter what was.")
    unspent = {code: each.units for code, each in granted.items()}
    ends = {line.code: line for line in authorization.lines}
    for line in authorization.lines:
        left = unspent.get(line.code, 0)
        share = left if line is ends[line.code] else min(left, line.units_requested)
        line.units_approved = share
        line.visits_approved = granted[line.code].visits if line.code in granted else None
        unspent[line.code] = left - share
    said = ", ".join(f"{code} {each.units} units" for code, each in granted.items())
    record(authorization, "enter_approved", deed, sentence=f"Approved as entered: {said}.")


def live(case: TreatmentCase, day: date) -> list[Authorization]:
    """Return every approval of a case that holds on a day, the one that ends first in front: use that one up first."""
    query = select(Authorization).where(Authorization.case_id == case.id, Authorization.state.in_(GRANTED))
    found = [each for each in db.session.scalars(query) if (each.valid_from or day) <= day <= (each.valid_to or day)]
    return sorted(found, key=lambda each: (each.valid_to or date.max, each.id))


def renew(authorization: Authorization, deed: Deed, *, reason: str | None = None) -> Authorization:
    """Prepare the request that continues an approval, with the same lines. Payers continue on recorded benefit alone:
    raises Refused while the response to the last session is not recorded, unless there is a reason to ask without."""
    sessions = responses_of(authorization.case)
    lacking = responses.gaps(sessions) if authorization.case.treatment == "toxin" else ()
    if lacking and not reason:
        raise Refused(*(f"{gap}." for gap in lacking))
    lines = [
        Requested(code=line.code, units=line.units_requested, diagnosis=line.diagnosis, modifier=line.modifier)
        for line in authorization.lines
    ]
    request = plan(
        authorization.case,
        authorization.coverage,
        authorization.provider,
        authorization.facility,
        lines,
        deed,
        renews=authorization,
    )
    if lacking:
        record(request, "ask_without_response", deed, sentence=f"Asked for without a recorded response: {reason}")
    return request


def responses_of(case: TreatmentCase) -> tuple[Session, ...]:
    """Return the sessions of a case with their responses, oldest first."""
    return tuple(
        Session(
            on=row.on,
            scale=row.scale or "",
            before=row.scale_before,
            after=row.scale_after,
            benefit_weeks=row.benefit_weeks,
        )
        for row in case.injections
    )


def ask_retroactively(authorization: Authorization, reason: str, deed: Deed) -> None:
    """Make a prepared request one for a service already given. Raises Refused without a reason, and for Original
    Medicare, which knows no retroactive authorization."""
    known = deed.book.clocks.find_class(authorization.coverage.plan.payer_class)
    if known is not None and known.id == "medicare_ffs":
        raise Refused("Original Medicare gives no retroactive authorization: bill, and appeal the denial.")
    if authorization.state != AuthorizationState.PLANNED or not reason.strip():
        raise Refused("Give the reason for the delay, before the request is sent.")
    authorization.retroactive_reason = reason.strip()
    record(authorization, "ask_retroactively", deed, sentence=f"Asked for after the service: {reason.strip()}")


def revoke(authorization: Authorization, reason: str, deed: Deed) -> list[Visit]:
    """Note that the payer took its approval back, and return the visits ahead that now stand without one.

    Raises Refused without the payer's reason.
    """
    if not reason.strip():
        raise Refused("Enter the payer's reason, word for word: the answer depends on it.")
    steps.take(authorization, "revoke", deed, reason=reason.strip())
    query = select(Visit).where(Visit.authorization_id == authorization.id, Visit.state == VisitState.SCHEDULED)
    left = list(db.session.scalars(query.order_by(Visit.on)))
    for visit in left:
        record(visit, "lose_approval", deed, sentence=f"Approval {authorization.number} was revoked: {reason.strip()}")
    return left


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A payer's time to decide that has run out, and what the law makes of it."""

    clock: str
    due: date
    days_late: int
    consequence: str
    citation: str
    extension: str


def silence(authorization: Authorization, deed: Deed) -> list[Silence]:
    """Return each decision clock that has run out, the oldest first, with the next lawful step."""
    return [
        _silence(row, row.legal, deed)
        for row in ladders.running(authorization, "authorization_decision")
        if row.legal is not None and row.legal < deed.today
    ]


def _silence(row: Deadline, due: date, deed: Deed) -> Silence:
    rule = deed.book.clocks.rules.get(row.rule)
    missed = rule.if_missed if rule else ""
    usual = "no law on file says what silence means: call, escalate, and note name and reference"
    return Silence(
        clock=row.label,
        due=due,
        days_late=(deed.today - due).days,
        consequence=missed or usual,
        citation=row.citation or "",
        extension=rule.extension_words if rule else "",
    )
