"""Which denials a report covers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from ..domain import words
from ..domain.lifecycle import DenialState
from ..models import Appeal, Deadline, Denial, Facility, Payer, Plan, Provider, TreatmentCase, User
from .deeds import Refused
from .denial_columns import DATES, DIMENSIONS, IS_WON, LEVEL, NOBODY, OPEN, TREATMENTS, has_code
from .readiness import SETTLED

STANDING = {"open": "Still open", "won": "Won, wholly or in part", "settled": "Settled"}
DATED = {"denial": "denied", "service": "of services", "billed": "of claims sent", "decision": "decided"}
OF_THE_CLAIM = ("service", "billed")  # dates that stand on the claim
NO_LEVEL = "none"
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the report covers; empty means all. `since` and `until` are both included and counted by `dates`.

    `owner` is an e-mail address or "nobody", `level` the id of a step of appeal or "none", `least` and `most` bound the
    dollars denied, `missed` asks for denials whose time to appeal passed unused (or did not).
    """

    since: date | None = None
    until: date | None = None
    dates: str = "denial"
    payer: str | None = None
    plan_class: str | None = None
    treatment: str | None = None
    condition: str | None = None
    category: str | None = None
    code: str | None = None
    provider: str | None = None
    facility: str | None = None
    owner: str | None = None
    state: str | None = None
    standing: str | None = None
    level: str | None = None
    approved_before: bool | None = None
    missed: bool | None = None
    least: Decimal | None = None
    most: Decimal | None = None


_EQUAL: dict[str, tuple[Any, str]] = {
    "payer": (Payer.name, "payer"),
    "plan_class": (Plan.payer_class, "payer"),
    "treatment": (TreatmentCase.treatment, "case"),
    "condition": (TreatmentCase.condition, "case"),
    "category": (Denial.category, ""),
    "provider": (Provider.name, "provider"),
    "facility": (Facility.name, "facility"),
    "state": (Denial.state, ""),
    "approved_before": (Denial.approved_before, ""),
}
_KNOWN: dict[str, Any] = {"dates": DATES, "treatment": TREATMENTS, "standing": STANDING, "state": list(DenialState)}


def refuse_disorder(filters: Filters) -> None:
    """Raise Refused for words a filter does not know and for bounds in the wrong order."""
    for name, known in _KNOWN.items():
        value = getattr(filters, name)
        if value and value not in known:
            raise Refused(f"“{value}” is no {name.replace('_', ' ')}. Choose from: {', '.join(map(str, known))}.")
    if filters.since and filters.until and filters.until < filters.since:
        raise Refused("The last day lies before the first day.")
    if filters.least is not None and filters.most is not None and filters.most < filters.least:
        raise Refused("The largest amount lies below the smallest.")


def tables(filters: Filters) -> set[str]:
    """Name the tables that the conditions need."""
    needed = {table for name, (_, table) in _EQUAL.items() if getattr(filters, name) is not None}
    needed |= {"owner"} if filters.owner and filters.owner != NOBODY else set()
    return needed | ({"claim"} if filters.dates in OF_THE_CLAIM else set())


def conditions(filters: Filters, today: date) -> Iterator[Any]:
    """Yield what a denial must answer to."""
    yield from _days(filters)
    for name, (column, _) in _EQUAL.items():
        if (value := getattr(filters, name)) is not None:
            yield column == value
    if filters.owner:
        yield Denial.owner_id.is_(None) if filters.owner == NOBODY else User.email == filters.owner
    if filters.code:
        yield has_code(filters.code)
    if filters.least is not None:
        yield Denial.amount >= filters.least
    if filters.most is not None:
        yield Denial.amount <= filters.most
    yield from _work(filters, today)


def _days(filters: Filters) -> Iterator[Any]:
    for bound, month in ((filters.since, Denial.month.__ge__), (filters.until, Denial.month.__le__)):
        if bound and filters.dates == "denial":
            yield month(bound.year * 100 + bound.month)  # the index leads to the months; the days follow
    if filters.dates == "decision" and (filters.since or filters.until):
        yield _decided(filters)
    else:
        yield from _between(DATES[filters.dates], filters)


def _between(day: Any, filters: Filters) -> Iterator[Any]:
    if filters.since:
        yield day >= filters.since
    if filters.until:
        yield day <= filters.until


def _decided(filters: Filters) -> ColumnElement[bool]:
    """Match by the day of DECIDED_ON, looked up in lists that are made once instead of denial by denial."""
    decided = select(Appeal.denial_id).where(Appeal.decided_on.is_not(None))
    last = decided.group_by(Appeal.denial_id).having(*_between(func.max(Appeal.decided_on), filters))
    settled = and_(*_between(Denial.settled_on, filters), Denial.id.not_in(decided))
    return or_(Denial.id.in_(last), settled)


def _work(filters: Filters, today: date) -> Iterator[Any]:
    """How the work on a denial stands."""
    if filters.standing:
        still = or_(Denial.state.not_in(SETTLED), OPEN > ZERO)  # one overturned whose money has not come is open
        yield {"open": still, "settled": ~still, "won": IS_WON}[filters.standing]
    if filters.level:
        yield LEVEL.is_(None) if filters.level == NO_LEVEL else filters.level == LEVEL
    if filters.missed is not None:
        missed = exists().where(Deadline.denial_id == Denial.id, window_missed(today)).correlate(Denial)
        yield missed if filters.missed else ~missed


def window_ended(today: date) -> ColumnElement[bool]:
    """Match the clock of a denial's appeal once its last lawful day has passed or it was stopped.

    A clock that was dated anew, which ends the old row and begins another in the same moment, counts once.
    """
    newer = aliased(Deadline)
    replaced = exists().where(
        newer.denial_id == Deadline.denial_id,
        newer.clock == Deadline.clock,
        newer.id > Deadline.id,
        newer.started_at == Deadline.stopped_at,
    )
    ended = or_(Deadline.legal < today, Deadline.stopped_at.is_not(None))
    dated = and_(Deadline.clock == "appeal", Deadline.who == "clinic", Deadline.legal.is_not(None))
    return and_(dated, ended, ~replaced.correlate(Deadline))


def window_missed(today: date) -> ColumnElement[bool]:
    """Match that clock when the day passed with nothing filed and nothing settled by then."""
    begun_since = or_(Appeal.filed_on >= func.date(Deadline.started_at), Appeal.created_at >= Deadline.started_at)
    filed = exists().where(Appeal.denial_id == Deadline.denial_id, begun_since, Appeal.filed_on <= Deadline.legal)
    settled = exists().where(Denial.id == Deadline.denial_id, Denial.settled_on <= Deadline.legal)
    late = or_(Deadline.stopped_at.is_(None), func.date(Deadline.stopped_at) > Deadline.legal)
    return and_(window_ended(today), Deadline.legal < today, late, ~filed.correlate(Deadline), ~settled)


def covered(filters: Filters, say: Callable[[str, str], str]) -> str:
    """Say in words what the report covers; `say` writes a reason or a plan class in the words of the rulebook."""
    since, until = filters.since, filters.until
    days = f"from {words.day(since)}" if since else ""
    days += f" to {words.day(until)}" if until else ""
    what = f"Denials {'' if filters.dates == 'denial' else DATED[filters.dates] + ' '}{days.strip()}"
    return "; ".join([what if days else "All denials", *_only(filters, say)])


def _only(filters: Filters, say: Callable[[str, str], str]) -> Iterator[str]:
    for field in fields(Filters):
        value = getattr(filters, field.name)
        if field.name in ("since", "until", "dates") or value is None:
            continue
        match field.name:
            case "approved_before":
                yield "approved before" if value else "not approved before"
            case "missed":
                yield "window missed" if value else "window not missed"
            case "least" | "most":
                yield f"at {field.name} {words.money(value)}"
            case "treatment" | "standing":
                yield (TREATMENTS if field.name == "treatment" else STANDING)[value].lower()
            case "category" | "plan_class" as name:
                yield f"{DIMENSIONS[name].label.lower()} {say(name, value)}"
            case name:
                label = DIMENSIONS[name].label.lower() if name in DIMENSIONS else name
                yield f"{label} {str(value).replace('_', ' ')}"
