"""Limits on what machines do and people do not: counted in the database, so that every process counts together."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete

from ..db import db
from ..models.accounts import Throttle

LIMITS = {  # what: how often within which time
    "wrong sign-in": (50, timedelta(minutes=15)),  # from one network address, whoever was meant
    "search": (300, timedelta(hours=1)),  # by one person
    "export": (30, timedelta(hours=1)),  # by one person
}
LONGEST = max(span for _, span in LIMITS.values())


def allows(what: str, whose: str, at: datetime) -> bool:
    """Count once more and say whether it stays within the limit; the caller commits."""
    most, span = LIMITS[what]
    row = db.session.get(Throttle, _key(what, whose), with_for_update=True)
    if row is None or at - row.since >= span:
        db.session.execute(delete(Throttle).where(Throttle.since <= at - LONGEST))
        row = db.session.merge(Throttle(key=_key(what, whose), since=at, count=0))
    row.count += 1
    return row.count <= most


def is_spent(what: str, whose: str, at: datetime) -> bool:
    """Say, without counting, whether the limit is reached."""
    most, span = LIMITS[what]
    row = db.session.get(Throttle, _key(what, whose))
    return row is not None and at - row.since < span and row.count >= most


def _key(what: str, whose: str) -> str:
    return sha256(f"{what} {whose}".encode()).hexdigest()
