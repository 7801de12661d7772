"""What the doctor asks of the database and of the machine around it. Each answer is empty where all is well."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import Table, func, inspect, select, text

from ..db import db
from ..models import Event, User
from ..storage import Folder
from . import documents

SKEW = timedelta(minutes=10)  # how far clocks of several machines may differ
GUARDS = {  # how to count what refuses to change the history
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'event_is_not_%'",
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event'::regclass AND tgname LIKE 'event_is_not_%' "
    "AND tgenabled IN ('O', 'A')",
}


def integrity() -> str:
    """Ask SQLite whether its file is sound; a PostgreSQL looks after its own."""
    if db.engine.dialect.name != "sqlite":
        return ""
    if (answer := db.session.scalar(text("PRAGMA integrity_check"))) != "ok":
        return f"The database file is damaged ({answer}): restore the last backup."
    if db.session.execute(text("PRAGMA foreign_key_check")).first():
        return "Some rows name others that are not there: restore the last backup."
    version = db.session.scalar(text("SELECT sqlite_version()")) or sqlite3.sqlite_version
    sound = tuple(map(int, str(version).split("."))) >= (3, 51, 3)
    return "" if sound else f"SQLite {version} can damage a database under load: install sqlcipher3."


def shape() -> str:
    """Compare tables, columns and indexes with those that this release made."""
    missing = [name for table in db.metadata.sorted_tables for name in _lacking(table)]
    return f"The database lacks {', '.join(missing)}: restore the last backup." if missing else ""


def _lacking(table: Table) -> Iterator[str]:
    look = inspect(db.session.connection())
    if not look.has_table(table.name):
        yield f"table {table.name}"
        return
    there = {column["name"] for column in look.get_columns(table.name)}
    yield from (f"{table.name}.{column.name}" for column in table.columns if column.name not in there)
    there = {index["name"] for index in look.get_indexes(table.name)}
    yield from sorted(str(index.name) for index in table.indexes if index.name not in there)


def guard() -> str:
    """The database itself refuses to change the history, unless somebody took that off."""
    if db.session.scalar(text(GUARDS[db.engine.dialect.name])) == 2:
        return ""
    return (
        "The database no longer refuses to change the history: find out who took its guard off, see what "
        "`audit verify` says, and put it back with `audit guard`."
    )


def encryption() -> str:
    """A PostgreSQL on another machine must be reached under TLS."""
    if db.engine.dialect.name != "postgresql":
        return ""
    open_and_far = text(
        "SELECT NOT ssl AND coalesce(inet_client_addr() <> inet_server_addr(), false) "
        "FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    )
    far = db.session.scalar(open_and_far)
    return "Reach the database under TLS: add sslmode=verify-full to DATABASE_URL." if far else ""


def clock(now: datetime) -> str:
    """Nothing on record happened later than now, unless the clock went wrong, then or now."""
    last = db.session.scalar(select(func.max(Event.at)))
    if last is None or last <= now + SKEW:
        return ""
    return (
        f"The clock says {now:%Y-%m-%d %H:%M} UTC, yet something was done at {last:%Y-%m-%d %H:%M}: set it right; "
        "days that were counted meanwhile may be wrong."
    )


def second_factors() -> str:
    """Every authenticator's secret must open with the key at hand."""
    open_with, shut = current_app.extensions["security"].totp_factory, 0
    for secret in db.session.scalars(select(User.tf_totp_secret).where(User.tf_totp_secret.is_not(None), User.active)):
        try:
            open_with.get_totp_uri("person", secret)
        except (KeyError, TypeError, ValueError):
            shut += 1
    if not shut:
        return ""
    return (
        f"{shut} authenticators do not open with the key in place, so nobody who uses them can sign in: put "
        "CLINIC_CLAIMS_SECOND_FACTOR_KEY back as it was, or remove them under People."
    )


def rights() -> str:
    """What holds patients' data, or opens it, is for this account alone."""
    instance = Path(current_app.config["INSTANCE"])
    told: list[Path] = [instance, instance / "secrets.json"]
    store, key = documents.store(), current_app.config["DATABASE_KEY_FILE"]
    told += [store.folder] if isinstance(store, Folder) and not store.folder.is_relative_to(instance) else []
    told += [Path(key)] if key else []
    exposed = [path for path in told if path.exists() and os.stat(path).st_mode & 0o077]
    return f"Other accounts can read {', '.join(map(str, exposed))}: chmod go= it." if exposed else ""


def room(least: int) -> Iterator[str]:
    """Name each disk we write to that has fewer free bytes than `least`."""
    store = documents.store()
    places = {Path(current_app.config["INSTANCE"]), *([store.folder] if isinstance(store, Folder) else [])}
    with suppress(FileNotFoundError):
        free = {path: _free(path) for path in sorted(places)}
        yield from (f"{path}: only {left / 2**30:.1f} GB are free" for path, left in free.items() if left < least)


def _free(path: Path) -> int:
    told = os.statvfs(path)
    return told.f_bavail * told.f_frsize
