"""Encrypt the embedded database, or change its key: a new file beside the old one, checked, then put in its place."""

import os
from pathlib import Path
from typing import Any

from ..db import db, unlock
from ..models import Event
from . import database_copies
from .deeds import Refused

STOP_FIRST = "Somebody uses the database: stop the server and the workers first."


def change(key: bytes) -> Path:
    """Write the open database anew under this key; afterwards it opens with that key alone. Return its path.

    Raises Refused for PostgreSQL, without SQLCipher, and while anybody else uses the database.
    """
    driver = db.engine.dialect.loaded_dbapi
    if database_copies.kind() != "sqlite" or driver.__name__.startswith("sqlite3"):
        raise Refused("Only the embedded database is encrypted by Clinic Claims, with sqlcipher3 installed.")
    path = Path(str(db.engine.url.database))
    fresh = path.with_suffix(".rekeyed")
    fresh.unlink(missing_ok=True)
    with database_copies.raw() as connection:
        _be_alone(connection, driver)
        _export(connection, fresh, key)
        _compare(connection, driver.connect(str(fresh)), key)
        os.replace(fresh, path)
    db.engine.dispose()
    return path


def _be_alone(connection: Any, driver: Any) -> None:
    """Leave WAL mode, which SQLite allows to the only user of a file; nothing is left in a second file then."""
    connection.execute("PRAGMA busy_timeout=1000")
    try:
        mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except driver.OperationalError:
        mode = "wal"
    if mode != "delete":
        raise Refused(STOP_FIRST)
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")


def _export(connection: Any, fresh: Path, key: bytes) -> None:
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(handle)
    connection.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(fresh), f"x'{key.hex()}'"))
    connection.execute("SELECT sqlcipher_export('fresh')")
    connection.execute("DETACH DATABASE fresh")


def _compare(old: Any, new: Any, key: bytes) -> None:
    """Raise Refused unless the new file is sound and holds as many rows and the same end of the history."""
    unlock(new, key)
    try:
        sound = new.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        if not sound or _summed(old) != _summed(new):
            raise Refused("The new file is not as the old one; nothing was changed.")
    finally:
        new.close()


def _summed(connection: Any) -> list[Any]:
    names = [table.name for table in db.metadata.sorted_tables]
    counts = [connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names]  # noqa: S608
    last = f"SELECT max(id), max(digest) FROM {Event.__tablename__}"  # noqa: S608 (our own tables)
    return [*counts, connection.execute(last).fetchone()]
