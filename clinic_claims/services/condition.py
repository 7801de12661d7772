"""Whether this installation can work: the few things asked before each page load is let in, and a doctor's long look.

Every answer is about the installation and names no patient.
"""

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from ..db import db, transaction
from ..models import Document, Event, Job, JobState, Role, User, WorkItem
from ..models.history import KeyMissing, audit_keys
from ..storage import Damaged, NoStore, Unreachable
from . import audit_keys as sealing_keys
from . import checkups, documents, history, upkeep, workitems
from .deeds import Refused

SUBSET = ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll")
OLDEST_BACKUP = timedelta(hours=48)  # proposed 45 CFR 164.308(a)(13)(ii)(B), 90 FR 898
ROOM = 2 * 2**30  # bytes that should be free
STUCK = timedelta(hours=1)
NO_ANSWER = "The database does not answer: see that its server runs and that DATABASE_URL is right."
DAMAGED = (
    "The database file does not open: it is damaged, its disk is, or its key is another "
    "(CLINIC_CLAIMS_DATABASE_KEY_FILE). Keep a copy of it as it is, then restore the last backup."
)
EMPTY = (
    "The database is empty: see that CLINIC_CLAIMS_INSTANCE and DATABASE_URL are right. If they are, a start makes a "
    "new one; restore the last backup if it was lost."
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `said` is empty where it is well, else what is wrong and what to do."""

    name: str
    said: str = ""

    @property
    def well(self) -> bool:
        """Whether there is nothing to do."""
        return not self.said


def ready() -> list[Finding]:
    """Ask, in milliseconds, whether pages can be served: database, its version, the document store, the printer."""
    looks = {"database": _database, "version": _version, "documents": _store, "printing": _printing}
    return [Finding(name, look()) for name, look in looks.items()]


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
        db.session.rollback()
    except SQLAlchemyError:
        return DAMAGED if db.engine.dialect.name == "sqlite" else NO_ANSWER
    return ""


def _version() -> str:
    known = upkeep.known_versions()
    try:
        found = upkeep.version()
    except SQLAlchemyError:
        return "The version of the database is not known: it does not answer."
    if found == known[-1]:
        return ""
    if found is None:
        return EMPTY
    if found not in known:
        return f"The database is of version {found}, made by a newer release: update, or go back to a backup."
    return f"The database is of version {found}, not {known[-1]}: restart to bring it up to date."


def _store() -> str:
    try:
        documents.store().try_out()
    except NoStore as error:
        return error.reasons[0]
    except OSError as error:
        advice = "" if isinstance(error, Unreachable) else " Mend its rights or its disk."
        return f"{error.filename} cannot be written: {error.strerror}.{advice}"
    return ""


def _printing() -> str:
    for name in SUBSET:
        with suppress(OSError):
            ctypes.CDLL(name)
            return ""
    return "HarfBuzz-Subset is missing: install libharfbuzz-subset0, or letters are printed without their fonts."


def examine(now: datetime) -> Iterator[Finding]:
    """Look at everything, as long as it takes; what cannot work hides what would be asked after it."""
    first = ready()
    yield from first
    if not all(finding.well for finding in first[:2]):
        return
    looks: dict[str, Callable[[], str]] = {
        "database file": checkups.integrity,
        "tables": checkups.shape,
        "encryption on the way": checkups.encryption,
        "history": _history,
        "guard of the history": checkups.guard,
        "clock": lambda: checkups.clock(now),
        "worklist": _worklist,
        "document files": _documents,
        "second factors": checkups.second_factors,
        "rights": checkups.rights,
        "disk": _disk,
        "people": _people,
        "backup": lambda: _backup(now),
        "jobs": lambda: _jobs(now),
    }
    for name, look in looks.items():
        try:
            said = look()
        except (SQLAlchemyError, OSError, NoStore):
            said = "This cannot be looked at before the rest is mended."
        yield Finding(name, said)
        db.session.rollback()


def _history() -> str:
    try:
        sealing_keys.check()
        _, broken = history.verify(*audit_keys())
    except (KeyMissing, Refused) as error:
        return error.reasons[0]
    return (
        f"The history does not add up: {broken}. Keep this machine as it is and find out who changed it."
        if broken
        else ""
    )


class _Undo(Exception):
    """Nothing of this was to be kept."""


def _worklist() -> str:
    """Compare the worklist with what the records say; nothing is kept."""
    wrong = 0
    with suppress(_Undo), transaction():
        before = _items()
        workitems.rebuild()
        db.session.flush()
        wrong = len(before.symmetric_difference(_items()))
        raise _Undo
    return f"{wrong} lines of the worklist are not what the records say: run `rebuild-worklist`." if wrong else ""


def _items() -> set[tuple[object, ...]]:
    """Return the lines but for their words and their worth, which is reckoned anew each morning."""
    kept = [column for column in WorkItem.__table__.columns if column.name not in ("id", "because", "minus_worth")]
    return {tuple(row) for row in db.session.execute(select(*kept))}


def _documents() -> str:
    store, bad = documents.store(), 0
    for digest in set(db.session.scalars(select(Document.sha256))):
        try:
            store.get(digest)
        except (FileNotFoundError, Damaged):
            bad += 1
    return f"{bad} documents are missing or changed: bring them back from the last backup." if bad else ""


def _disk() -> str:
    full = "; ".join(checkups.room(ROOM))
    return f"{full}: make room." if full else ""


def _people() -> str:
    administrators = select(func.count()).select_from(User).join(User.roles)
    active = db.session.scalar(administrators.where(Role.name == "administrator", User.active.is_(True)))
    return "" if active else "Nobody can administer accounts: run `user add` with the role administrator."


def _backup(now: datetime) -> str:
    last = last_backup()
    if last is None:
        return "No backup was ever made: set up the timer of `operations`."
    return (
        ""
        if now - last <= OLDEST_BACKUP
        else f"The last backup is of {last:%Y-%m-%d %H:%M} UTC: see why none followed."
    )


def last_backup() -> datetime | None:
    """Return when the last backup was made."""
    return db.session.scalar(select(func.max(Event.at)).where(Event.action == "make_backup"))


def _jobs(now: datetime) -> str:
    waits = select(func.count()).select_from(Job).where(Job.state == JobState.WAITING, Job.ready_at < now - STUCK)
    stuck = db.session.scalar(waits) or 0
    return f"{stuck} jobs have waited for more than an hour: see that a worker runs." if stuck else ""


def figures(now: datetime) -> dict[str, float]:
    """Count what a monitor watches: no patient, no payer, no person."""
    last = last_backup()
    counted: dict[str, int] = dict.fromkeys(JobState, 0)
    for state, count in db.session.execute(select(Job.state, func.count()).group_by(Job.state)):
        counted[state] = count
    return {
        **{f"jobs_{state}": count for state, count in counted.items()},
        "events": db.session.scalar(select(func.max(Event.id))) or 0,
        "work_items": db.session.scalar(select(func.count()).select_from(WorkItem)) or 0,
        "backup_age_seconds": (now - last).total_seconds() if last else float("inf"),
        "disk_free_bytes": shutil.disk_usage(current_app.config["INSTANCE"]).free,
        "load_1m": os.getloadavg()[0],
    }
