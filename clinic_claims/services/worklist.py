"""What needs a person, in the order of the home page: act-by day first, then what an hour's work should bring.

Every open item says what to do next, by when, why, for how much and whose it is.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, Subquery, func, literal_column, select, tuple_, union_all
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.next_actions import PAYERS_TURN, TO_SIGN
from ..models import Snooze, User, WorkItem
from .deeds import Deed
from .next_actions import ALWAYS

Item = WorkItem
WEEK = timedelta(days=7)
MOST_COUNTED = 1_000
UNASSIGNED = 0  # as an owner: nobody's
URGENCIES = ("Date not known", "Late", "This week", "Later")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which items: of one owner (UNASSIGNED for nobody's), kind, payer, role or next action; empty means all.

    `covered` are others whose items belong to the owner's list while they are away.

    `to_sign` asks for what waits for a signature; `at_payer` for what lies with a payer within its time instead;
    `aside` for what somebody put aside.
    """

    owner_id: int | None = None
    covered: tuple[int, ...] = ()
    kind: str | None = None
    payer: str | None = None
    role: str | None = None
    next_action: str | None = None
    urgency: str | None = None
    to_sign: bool = False
    at_payer: bool = False
    aside: bool = False


Cursor = tuple[date, int, int]  # sort_on, minus_worth, id of the last item seen


def items(
    deed: Deed,
    *,
    owner_id: int | None = None,
    wanted: Wanted | None = None,
    after: Cursor | None = None,
    limit: int | None = None,
) -> list[WorkItem]:
    """Return the open items in working order; `after` and `limit` give one page."""
    asked = wanted or Wanted(owner_id=owner_id)
    each = [replace(asked, owner_id=one, covered=()) for one in (asked.owner_id, *asked.covered)]
    pages = [_page(deed.today, one, after, limit) for one in each]
    return list(islice(merge(*pages, key=cursor), limit))


def _page(today: date, wanted: Wanted, after: Cursor | None, limit: int | None) -> list[WorkItem]:
    """Read a page of one owner's items, or of everybody's, along an index, with the lines beside them."""
    query = _query(today, wanted).options(joinedload(WorkItem.line))
    place = (WorkItem.sort_on, WorkItem.minus_worth, WorkItem.id)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    return list(db.session.scalars(query.order_by(*place).limit(limit)))


def cursor(item: WorkItem) -> Cursor:
    """Return where the next page begins."""
    return item.sort_on, item.minus_worth, item.id


def _query(today: date, wanted: Wanted, *, ordered: bool = True) -> Select[WorkItem]:
    asleep = wanted.at_payer or wanted.aside
    query = select(WorkItem).where(WorkItem.from_on > today if asleep else WorkItem.from_on <= today)
    if asleep:
        # Those put aside are few: the database begins with them, not with everything that lies with payers.
        few = select(Snooze.subject, Snooze.subject_id).where(Snooze.until > today)
        record = tuple_(WorkItem.subject, WorkItem.subject_id)
        query = query.where(record.in_(few) if wanted.aside else record.not_in(few))
    if wanted.at_payer:
        query = query.where(WorkItem.next_action.in_(PAYERS_TURN))
    if wanted.to_sign:
        query = query.where(WorkItem.next_action.in_(TO_SIGN))
    if wanted.owner_id is not None:
        mine = WorkItem.owner_id.in_((wanted.owner_id, *wanted.covered))
        query = query.where(WorkItem.owner_id.is_(None) if wanted.owner_id == UNASSIGNED else mine)
    for name in ("kind", "payer", "role", "next_action"):
        if value := getattr(wanted, name):
            query = query.where(getattr(WorkItem, name) == value)
    return query.where(_in_span(*_span(wanted.urgency, today), ordered)) if wanted.urgency else query


def _in_span(first: date, last: date, ordered: bool) -> ColumnElement[bool]:
    """A list walks from day to day; what only counts looks at each day of few, past all that lies with a payer."""
    if ordered or last - first > WEEK:
        return WorkItem.sort_on.between(first, last)
    return WorkItem.sort_on.in_([first + timedelta(days=days) for days in range((last - first).days + 1)])


def _span(urgency: str, today: date) -> tuple[date, date]:
    """The days of an urgency, both ends included."""
    return {
        "Date not known": (ALWAYS, ALWAYS),
        "Late": (ALWAYS + timedelta(days=1), today - timedelta(days=1)),
        "This week": (today, today + WEEK),
        "Later": (today + WEEK + timedelta(days=1), date.max),
    }[urgency]


def urgency(item: WorkItem, today: date) -> str:
    """Say how urgent an item is."""
    return URGENCIES[bisect_left(_last_days(today), item.sort_on)]


@lru_cache(8)
def _last_days(today: date) -> list[date]:
    return [_span(name, today)[1] for name in URGENCIES]


def groups(found: Iterable[WorkItem], today: date) -> list[tuple[str, list[WorkItem]]]:
    """Split a page of the list by urgency, leaving out what is empty."""
    named: dict[str, list[WorkItem]] = {name: [] for name in URGENCIES}
    for item in found:
        named[urgency(item, today)].append(item)
    return [(name, members) for name, members in named.items() if members]


@dataclass(frozen=True)
class Count:
    """How many items and how many dollars; `more` when there are more than were counted."""

    items: int
    dollars: Decimal
    more: bool = False


def counts(deed: Deed, wanted: Wanted | None = None, urgencies: Iterable[str] = URGENCIES) -> dict[str, Count]:
    """Sum up the list by urgency."""
    return count_each(deed, {name: replace(wanted or Wanted(), urgency=name) for name in urgencies})


def count(deed: Deed, wanted: Wanted) -> Count:
    """Count the items of one question."""
    return count_each(deed, {"": wanted})[""]


def count_each(deed: Deed, asked: Mapping[str, Wanted]) -> dict[str, Count]:
    """Count the items of every question in one statement.

    It stops at MOST_COUNTED each: so it takes no longer however long the list grows.
    """
    rows: Any = db.session.execute(_counting(deed.today, tuple(asked.values())))
    return {name: _counted(items, int(cents)) for name, (_, items, cents) in zip(asked, rows, strict=True)}


@lru_cache(1_000)
def _counting(today: date, asked: tuple[Wanted, ...]) -> CompoundSelect[Any]:
    """Word the question once: every page asks the same ones all day."""
    parts: list[Any] = []
    for place, wanted in enumerate(asked):
        found = some(today, wanted)
        cents = func.coalesce(func.sum(found.c.minus_cents), 0)
        parts.append(select(literal_column(str(place)).label("place"), func.count(), cents).select_from(found))
    return union_all(*parts).order_by("place")


def some(today: date, wanted: Wanted) -> Subquery:
    """Return the items of a question, one more than are ever counted, for a statement that counts them."""
    query = _query(today, wanted, ordered=False).with_only_columns(WorkItem.minus_cents)
    return query.limit(MOST_COUNTED + 1).subquery()


def _counted(items: int, cents: int) -> Count:
    return Count(min(items, MOST_COUNTED), Decimal(-cents) / 100, items > MOST_COUNTED)


def payers() -> list[str]:
    """Return the payers that have something on the list, by name; one look at the index each."""
    return list(db.session.scalars(_payers()))


@cache
def _payers() -> Select[str]:
    step = select(func.min(WorkItem.payer).label("payer")).cte("payers", recursive=True)
    after = select(func.min(WorkItem.payer)).where(WorkItem.payer > step.c.payer).scalar_subquery()
    step = step.union_all(select(after).where(step.c.payer.is_not(None)))
    return select(step.c.payer).where(step.c.payer.is_not(None)).order_by(step.c.payer)


def next_due(deed: Deed, owner_id: int | None = None) -> date | None:
    """Return the day when the next item that lies with a payer becomes work, of everybody's or of one person's."""
    query = select(func.min(WorkItem.from_on)).where(WorkItem.from_on > deed.today)
    return db.session.scalar(query.where(WorkItem.owner_id == owner_id) if owner_id else query)


def to_json(found: Iterable[WorkItem], today: date) -> list[dict[str, Any]]:
    """Give the keys that the `worklist` command promises."""
    owners = {row.id: row.full_name for row in db.session.execute(select(User.id, User.full_name))}
    return [
        {
            "item": item.item,
            "claim": item.claim,
            "patient": item.patient,
            "due": item.due.isoformat() if item.due else None,
            "act_by": item.act_by.isoformat() if item.act_by else None,
            "why": item.why(today),
            "amount": f"{item.amount:.2f}",
            "next_action": item.asks_for(today),
            "owner": owners.get(item.owner_id or 0),
        }
        for item in found
    ]
