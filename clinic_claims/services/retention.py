"""How long the history is kept: 45 CFR 164.316(b)(2)(i) says six years, and nothing here is shorter."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select, text

from ..db import db
from ..models import Event
from ..models.history import PURGED, key_at_work, lift_guard, name_of, put_guard
from .deeds import Deed, Refused
from .history import record

YEARS = 6


def purge(before: date, deed: Deed) -> int:
    """Remove the events of days before `before`; the chain goes on from the last one removed. Return how many.

    Raises Refused for a day that is not six years past.
    """
    limit = oldest_kept(deed.today)
    if before > limit:
        raise Refused(f"The law asks for {YEARS} years (45 CFR 164.316): nothing after {limit} may be removed.")
    if (last := _last_before(before)) is None:
        return 0
    connection = db.session.connection()
    count = db.session.scalar(select(func.count()).where(Event.id <= last.id)) or 0
    through, digest, key = last.id, last.digest, name_of(key_at_work(db.session()))
    told = f"{count:,} events before {before} removed."
    record("history", PURGED, deed, sentence=told, count=count, through=through, digest=digest, key=key)
    db.session.flush()  # first, so that there is always an event for the next one to follow
    db.session.expunge_all()
    lift_guard(connection)
    connection.execute(text("DELETE FROM event WHERE id <= :through"), {"through": through})
    put_guard(connection)
    return count


def oldest_kept(today: date) -> date:
    """Return the first day whose events must still be kept."""
    try:
        return today.replace(year=today.year - YEARS)
    except ValueError:  # February 29
        return today.replace(year=today.year - YEARS, day=28)


def _last_before(day: date) -> Event | None:
    """Return the last event of the unbroken run of events before a day, in the order they were written."""
    start = datetime.combine(day, time.min, UTC) - timedelta(hours=14)  # no time zone begins the day earlier
    first_kept = db.session.scalar(select(func.min(Event.id)).where(Event.at >= start))
    query = select(Event).order_by(Event.id.desc()).limit(1)
    return db.session.scalar(query.where(Event.id < first_kept) if first_kept else query.where(Event.at < start))
