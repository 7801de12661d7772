"""Limits on what machines do and people do not: counted in the database, so that every process counts together."""

from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from ..db import db
from ..models.accounts import SignInTries, Throttle

Counter = TypeVar("Counter", Throttle, SignInTries)

LIMITS = {  # what: how often within which time
    "wrong sign-in": (50, timedelta(minutes=15)),  # from one network address, whoever was meant
    "search": (300, timedelta(hours=1)),  # by one person
    "export": (30, timedelta(hours=1)),  # by one person
    "download": (300, timedelta(hours=1)),  # of documents, by one person
}
LONGEST = max(span for _, span in LIMITS.values())


def allows(what: str, whose: str, at: datetime) -> bool:
    """Count once more and say whether it stays within the limit; the caller commits."""
    most, span = LIMITS[what]
    row = held(Throttle, _key(what, whose), since=at, count=0)
    if not _counts(row, span, at):
        db.session.execute(delete(Throttle).where(Throttle.since <= at - LONGEST, Throttle.key != row.key))
        row.since, row.count = at, 0
    row.count += 1
    return row.count <= most


def held(table: type[Counter], key: str, **fresh: Any) -> Counter:
    """Return a count, locked for this transaction; made with what is fresh where there is none."""
    if found := db.session.get(table, key, with_for_update=True):
        return found
    with suppress(IntegrityError), db.session.begin_nested():  # somebody else may make it at the same moment
        db.session.add(table(key=key, **fresh))
    return db.session.get_one(table, key, with_for_update=True, populate_existing=True)


def network(address: str) -> str:
    """Return an address as it is counted: of IPv6 its first 64 bits, since one line is given all that begin so."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4 or found.ipv4_mapped:
        return address
    return str(ip_network((found, 64), strict=False))


def is_spent(what: str, whose: str, at: datetime) -> bool:
    """Say, without counting, whether the limit is reached."""
    most, span = LIMITS[what]
    row = db.session.get(Throttle, _key(what, whose))
    return row is not None and _counts(row, span, at) and row.count >= most


def _counts(row: Throttle, span: timedelta, at: datetime) -> bool:
    """Say whether a count still holds; one begun by a clock that ran ahead does not."""
    return timedelta(0) <= at - row.since < span


def _key(what: str, whose: str) -> str:
    return sha256(f"{what} {whose}".encode()).hexdigest()
