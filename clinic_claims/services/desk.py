"""A person's desk: put work aside with a reason, and keep lists under a name."""

import secrets
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, func, select

from ..db import db
from ..domain.counting import spoken
from ..domain.permissions import Permission
from ..models import CalendarFeed, Note, SavedView, Snooze, User, WorkItem, WorkNote
from .deeds import Deed, Refused
from .follow_ups import ABOUT
from .history import record
from .next_actions import ALWAYS, MAKERS
from .workitems import touch

LONGEST = timedelta(days=30)
LATE = timedelta(days=7)  # what is late or has no day is looked at again within a week
LONGEST_LINE = 200  # characters
MOST_VIEWS = 8
MOST_LISTED = 100
DAYS_AHEAD: tuple[int, ...] = (14, 7, 3, 1, 0)


def snooze(item: WorkItem, until: date, reason: str, deed: Deed) -> Snooze:
    """Put an item aside until a day. Raises Refused without a reason, or for a day that would miss its own."""
    if not reason.strip():
        raise Refused("Say why it can wait; the reason stands beside the date.")
    if until <= deed.today:
        raise Refused("Choose a day after today.")
    if until > (last := last_day(item, deed)):
        raise Refused(f"{item.item} cannot wait longer than {spoken(last)}: choose an earlier day.")
    row = db.session.get(Snooze, (item.subject, item.subject_id)) or Snooze(
        subject=item.subject, subject_id=item.subject_id
    )
    row.next_action, row.act_by, row.until = item.next_action, item.act_by, until
    row.reason, row.by = reason.strip(), deed.actor
    db.session.add(row)
    _tell(item, "snooze", f"Put aside until {spoken(until)}: {row.reason}", deed)
    return row


def last_day(item: WorkItem, deed: Deed) -> date:
    """Return the last day until which an item may be put aside: its own act-by day, and never over a month."""
    if item.act_by is None or item.sort_on == ALWAYS or item.act_by <= deed.today:
        return deed.today + LATE
    return min(item.act_by, deed.today + LONGEST)


def wake(item: WorkItem, deed: Deed) -> None:
    """Take an item up again before its day."""
    row = db.session.get(Snooze, (item.subject, item.subject_id))
    if row is not None:
        db.session.delete(row)
        _tell(item, "wake", "Taken up again.", deed)


def plan_work(item: WorkItem, text: str, deed: Deed) -> None:
    """Write a line beside an item: what is meant to be done. Without words the line goes; the history keeps it."""
    row, words = db.session.get(WorkNote, (item.subject, item.subject_id)), " ".join(text.split())[:LONGEST_LINE]
    if words == (row.text if row else ""):
        return
    if not words:
        db.session.delete(row)
        return _tell(item, "plan_work", "The line beside it was removed.", deed)
    row = row or WorkNote(subject=item.subject, subject_id=item.subject_id)
    row.text, row.by, row.at = words, deed.actor, deed.at
    db.session.add(row)
    _tell(item, "plan_work", f"Meant to be done: {words}", deed)


def record_of(item: WorkItem) -> Any:
    """Return the record that an item is about; of a promise, the record it was made about."""
    found = db.session.get(MAKERS[item.subject][0], item.subject_id)
    return db.session.get(ABOUT[found.subject], found.subject_id) if isinstance(found, Note) else found


def _tell(item: WorkItem, action: str, sentence: str, deed: Deed) -> None:
    """The history of a promise is that of the record it is about."""
    touch(db.session(), item.subject, item.subject_id)
    record(record_of(item), action, deed, sentence=sentence)


VIEWS = select(SavedView).where(SavedView.user_id == bindparam("person")).order_by(SavedView.id)


def views(user: User) -> list[SavedView]:
    """Return a person's lists in the order they were kept."""
    return list(db.session.scalars(VIEWS, {"person": user.id}))


def keep_view(user: User, name: str, query: str) -> SavedView:
    """Keep filters under a name; the same name again means the newer filters. Raises Refused."""
    name = " ".join(name.split())[:40]
    if not name or not query:
        raise Refused("Filter the list first, then give it a name.")
    row = db.session.scalar(select(SavedView).where(SavedView.user_id == user.id, SavedView.name == name))
    kept = db.session.scalar(select(func.count()).where(SavedView.user_id == user.id)) or 0
    if row is None and kept >= MOST_VIEWS:
        raise Refused(f"You keep {MOST_VIEWS} lists already: remove one first.")
    row = row or SavedView(user_id=user.id, name=name)
    row.query = query
    db.session.add(row)
    return row


def drop_view(user: User, key: int) -> None:
    """Remove one of a person's own lists."""
    row = db.session.get(SavedView, key)
    if row is not None and row.user_id == user.id:
        db.session.delete(row)


def due_soon(user: User, covered: tuple[int, ...], deed: Deed) -> list[tuple[str, list[WorkItem]]]:
    """Return what is late or due in one of DAYS_AHEAD days of a person's own work and of that they cover: the soonest
    first, under a heading each."""
    mine = select(WorkItem).where(WorkItem.owner_id.in_((user.id, *covered)), WorkItem.from_on <= deed.today)
    ordered = mine.order_by(WorkItem.sort_on, WorkItem.minus_worth, WorkItem.id)
    found = [("Late", list(db.session.scalars(ordered.where(WorkItem.act_by < deed.today).limit(MOST_LISTED))))]
    for days in sorted(DAYS_AHEAD):
        day = deed.today + timedelta(days=days)
        label = {0: "Today", 1: "Tomorrow"}.get(days, f"In {days} days")
        found.append((label, list(db.session.scalars(ordered.where(WorkItem.act_by == day).limit(MOST_LISTED)))))
    return [(label, items) for label, items in found if items]


def open_feed(user: User, deed: Deed) -> str:
    """Give a person's calendar a new secret address, in place of an earlier one. Return the secret, kept nowhere."""
    close_feed(user)
    secret = secrets.token_urlsafe(32)
    db.session.add(CalendarFeed(key=_sealed(secret), user_id=user.id, made_at=deed.at))
    record(user, "open_calendar", deed, sentence="A calendar address was made.")
    return secret


def close_feed(user: User) -> None:
    """Let a person's calendar address lead nowhere."""
    for row in db.session.scalars(select(CalendarFeed).where(CalendarFeed.user_id == user.id)):
        db.session.delete(row)
    db.session.flush()


def feed_of(secret: str) -> User | None:
    """Return whose calendar a secret opens; None for a wrong one, for somebody who left, or who sees no claims now."""
    row = db.session.get(CalendarFeed, _sealed(secret))
    person = db.session.get(User, row.user_id) if row else None
    return person if person and person.active and person.may(Permission.CLAIM_READ) else None


def has_feed(user: User) -> bool:
    """Say whether a person's calendar has an address."""
    return db.session.scalar(select(CalendarFeed.key).where(CalendarFeed.user_id == user.id)) is not None


def _sealed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def loose_ends(deed: Deed) -> list[WorkItem]:
    """Return the open items that only a role owns, or whose day no rule gives: somebody must see to it."""
    query = select(WorkItem).where(WorkItem.owner_id.is_(None) | (WorkItem.sort_on == ALWAYS))
    return list(
        db.session.scalars(
            query.where(WorkItem.from_on <= deed.today).order_by(WorkItem.sort_on, WorkItem.id).limit(MOST_LISTED)
        )
    )
