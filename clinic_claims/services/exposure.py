"""What is at stake: open dollars by age, dollars by the week in which one must act, and where denials begin."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

from sqlalchemy import Text, cast, func, select, type_coerce

from ..db import Money, db
from ..domain.causes import Drawn, cause_of, looked_for
from ..models import Denial, WorkItem
from ..rulebook import Rulebook
from .denial_columns import OPEN
from .measures import Period

ZERO = Decimal("0.00")
AGES = ((30, "0–30"), (60, "31–60"), (90, "61–90"), (120, "91–120"))  # days
OLDEST = "over 120"
WEEKS = 6  # weeks shown one by one; what lies beyond stands together


@dataclass(frozen=True)
class Pile:
    """Denials that belong together, and their dollars."""

    label: str
    count: int
    amount: Decimal
    since: date | None = None
    until: date | None = None


def aging(today: date) -> tuple[Pile, ...]:
    """Sum open dollars by the days since the denial; every age is there, even with nothing in it."""
    left = type_coerce(func.sum(OPEN), Money)
    query = select(Denial.denied_on, func.count(), left).where(OPEN > ZERO).group_by(Denial.denied_on)
    piles: list[list[Any]] = [[0, ZERO] for _ in range(len(AGES) + 1)]
    for denied_on, count, amount in db.session.execute(query):
        pile = piles[bisect_left(AGES, (today - denied_on).days, key=itemgetter(0))]
        pile[0] += count
        pile[1] += amount
    return tuple(_aged(place, count, amount, today) for place, (count, amount) in enumerate(piles))


def _aged(place: int, count: int, amount: Decimal, today: date) -> Pile:
    label = AGES[place][1] if place < len(AGES) else OLDEST
    first = today - timedelta(AGES[place][0]) if place < len(AGES) else None
    last = today - timedelta(AGES[place - 1][0] + 1) if place else today
    return Pile(label, count, amount, first, last)


def at_risk(today: date) -> tuple[Pile, ...]:
    """Sum what is at stake in denials and appeals by the week of the act-by day; weeks begin on Monday."""
    dated = WorkItem.subject.in_(("denial", "appeal")) & WorkItem.act_by.is_not(None)
    query = select(WorkItem.act_by, func.count(), func.sum(WorkItem.minus_cents)).where(dated).group_by(WorkItem.act_by)
    piles: dict[int, list[Any]] = {}
    monday = today - timedelta(today.weekday())
    for act_by, count, cents in db.session.execute(query):
        assert act_by is not None  # noqa: S101 (the query asks for dated items)
        week = -1 if act_by < today else min((act_by - monday).days // 7, WEEKS)
        pile = piles.setdefault(week, [0, 0])
        pile[0] += count
        pile[1] -= int(cents)
    return tuple(_week(week, monday, today, *piles.get(week, (0, 0))) for week in range(-1, WEEKS + 1))


def _week(week: int, monday: date, today: date, count: int, cents: int) -> Pile:
    first, amount = monday + timedelta(weeks=week), Decimal(cents) / 100
    if week < 0:
        return Pile("Late", count, amount, None, today - timedelta(1))
    if week == WEEKS:
        return Pile("Later", count, amount, first, None)
    return Pile(f"{first:%b} {first.day}", count, amount, max(first, today), first + timedelta(6))


@dataclass(frozen=True)
class Cause:
    """Denials of one reason: where they begin, what stops them, and how many the check before billing looks for."""

    category: str
    place: str
    cure: str
    denials: int
    amount: Decimal
    caught: int
    caught_amount: Decimal
    checks: tuple[str, ...]


def causes(period: Period, book: Rulebook) -> tuple[Cause, ...]:
    """Return the reasons of the period's denials, the most dollars first."""
    found: dict[str, list[tuple[int, Decimal, tuple[str, ...]]]] = {}
    for category, carcs, rarcs, count, amount in _by_codes(period):
        checks = looked_for(drawn(book), json.loads(carcs), json.loads(rarcs))
        found.setdefault(category, []).append((count, amount, checks))
    made = [_cause(category, parts) for category, parts in found.items()]
    return tuple(sorted(made, key=lambda cause: (-cause.amount, cause.category)))


def drawn(book: Rulebook) -> tuple[Drawn, ...]:
    """Return the rules of the check before billing with the codes that each would have drawn."""
    rows = [Drawn(row.what, row.carcs, row.rarcs) for row in book.mismatches.values()]
    return (*rows, *(Drawn(row.label, row.carcs, row.rarcs) for row in book.checks.values()))


def _by_codes(period: Period) -> Iterator[Any]:
    keys = (Denial.category, cast(Denial.carcs, Text), cast(Denial.rarcs, Text))
    query = select(*keys, func.count(), func.sum(Denial.amount)).where(period.holds(Denial.denied_on)).group_by(*keys)
    yield from db.session.execute(query)


def _cause(category: str, parts: list[tuple[int, Decimal, tuple[str, ...]]]) -> Cause:
    place, cure = cause_of(category)
    caught = [part for part in parts if part[2]]
    return Cause(
        category=category,
        place=place,
        cure=cure,
        denials=sum(count for count, _, _ in parts),
        amount=sum((amount for _, amount, _ in parts), ZERO),
        caught=sum(count for count, _, _ in caught),
        caught_amount=sum((amount for _, amount, _ in caught), ZERO),
        checks=tuple(dict.fromkeys(check for _, _, checks in caught for check in checks)),
    )
