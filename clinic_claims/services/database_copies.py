"""A consistent copy of the open database, and the way back: SQLite by its own means, PostgreSQL by its own tools."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import URL
from sqlalchemy.exc import DatabaseError

from ..db import db, unlock
from .deeds import Refused

FILES = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}


def kind() -> str:
    """Return "sqlite" or "postgresql"."""
    return db.engine.dialect.name


def save(target: Path) -> None:
    """Copy the database as it is at this moment, while others go on working. Raises Refused with the reason."""
    if kind() == "sqlite":
        with raw() as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    else:
        _run("pg_dump", "--format=custom", f"--file={target}")


def set_aside_damaged() -> None:
    """Give a SQLite file that does not open, and what lies beside it, another name, so that a new one can be made."""
    if kind() != "sqlite":
        return
    driver = db.engine.dialect.loaded_dbapi
    try:
        with raw() as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (driver.DatabaseError, DatabaseError):
        db.engine.dispose()
        path = Path(str(db.engine.url.database))
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.replace(f"{path}{ending}", f"{path}.damaged{ending}")


def load(source: Path) -> None:
    """Replace the open database by a copy, wholly or not at all. Raises Refused with the reason."""
    db.session.remove()
    db.engine.dispose()
    if kind() == "sqlite":
        with raw() as connection, opened(source) as copy:
            copy.backup(connection)  # one transaction: a crash leaves the old database
    else:
        _load_dump(source)
    db.engine.dispose()


EMPTY = """DO $$ DECLARE found regclass; BEGIN
FOR found IN SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
LOOP EXECUTE format('DROP TABLE %s CASCADE', found); END LOOP; END $$"""  # tables of a newer release too


def _load_dump(source: Path) -> None:
    """Drop every table and make those of the dump, in one transaction."""
    script = source.with_suffix(".sql")
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(source), connect=False)
    safely = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction")
    _run("psql", *safely, f"--command={EMPTY}", f"--file={script}")


def readable(source: Path) -> None:
    """Check that a PostgreSQL dump can be read. Raises Refused with the reason."""
    _run("pg_restore", "--list", str(source), connect=False)


def opens(source: Path) -> bool:
    """Say whether a SQLite copy is one, and opens with our key."""
    with opened(source) as copy:
        try:
            return bool(copy.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        except copy.DatabaseError:
            return False


def counted(source: Path, tables: Mapping[str, str]) -> dict[str, int]:
    """Count the rows of a SQLite copy, by the names given to its tables."""
    with opened(source) as copy:
        return {
            name: copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 (our own tables)
            for name, table in tables.items()
        }


class opened:
    """A SQLite file opened with the driver and the key of the application, for the length of a block."""

    def __init__(self, path: Path) -> None:
        module: Any = db.engine.dialect.loaded_dbapi if kind() == "sqlite" else sqlite3
        self._connection = module.connect(str(path))
        unlock(self._connection, current_app.extensions["database_key"])

    def __enter__(self) -> Any:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


class raw:
    """The driver's own connection to the open database, outside any transaction."""

    def __enter__(self) -> Any:
        db.session.rollback()
        self._held = db.engine.raw_connection()
        return self._held.driver_connection

    def __exit__(self, *_: object) -> None:
        self._held.close()


def _run(program: str, *options: str, connect: bool = True) -> None:
    """Run one of PostgreSQL's programs against the open database; the password never stands in its arguments."""
    found = _find(program)
    arguments, environment = _address(db.engine.url) if connect else ([], {})
    done = subprocess.run(  # noqa: S603 (our own words and the operator's own address)
        [found, *arguments, *options],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Refused(f"{program} failed: {' '.join(done.stderr.split()) or 'no reason given'}.")


def _address(url: URL) -> tuple[list[str], Mapping[str, str]]:
    """Spell the address as PostgreSQL's programs read it: all hosts of a pair in one word."""
    _, known = db.engine.dialect.create_connect_args(url)
    said = {name: str(value) for name, value in known.items() if isinstance(value, str | int) and name != "password"}
    escaped = {name: word.replace("\\", r"\\").replace("'", r"\'") for name, word in said.items()}
    plain = " ".join(f"{name}='{word}'" for name, word in escaped.items())
    return [f"--dbname={plain}"], {"PGPASSWORD": str(url.password)} if url.password else {}


def _find(program: str) -> str:
    """Find a program on the path or where Debian keeps it, the newest first."""
    own = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = shutil.which(program) or (str(own[-1]) if own else None)
    if found is None:
        raise Refused(f"{program} is not installed: a PostgreSQL database is saved and restored with its own tools.")
    return found
