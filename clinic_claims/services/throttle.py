"""Limits on what machines do and people do not: counted in the database, so that every process counts together."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete

from ..db import db
from ..models.accounts import Throttle

LIMITS = {  # what: how often within which time
    "sign_in": (50, timedelta(minutes=15)),  # wrong or right, from one network address
    "search": (300, timedelta(hours=1)),  # by one person
    "export": (30, timedelta(hours=1)),  # by one person
}


def allows(what: str, whose: str, at: datetime) -> bool:
    """Count once more and say whether it stays within the limit; the caller commits."""
    most, span = LIMITS[what]
    key = sha256(f"{what} {whose}".encode()).hexdigest()
    row = db.session.get(Throttle, key, with_for_update=True)
    if row is None or at - row.since >= span:
        db.session.execute(delete(Throttle).where(Throttle.since < at - timedelta(days=1)))
        row = db.session.merge(Throttle(key=key, since=at, count=0))
    row.count += 1
    return row.count <= most
