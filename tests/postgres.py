"""A real PostgreSQL for the tests: its own cluster in a temporary folder, reached by a Unix socket alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine

from clinic_claims import models as models  # every table must be known
from clinic_claims.db import db

SUPERUSER = "postgres"
UNPRIVILEGED = ["setpriv", f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}", "--clear-groups", "--"]
FAST = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=40"

DELETES = [f'delete from "{table.name}"' for table in db.metadata.sorted_tables]
LEFT_OVER = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""
SHAPE = """
select count(*), md5(string_agg(line, ',' order by line)) from (
    select attrelid::regclass::text || '.' || attname || atttypid::text || attnotnull::text from pg_attribute
        join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace and not attisdropped
    union all select conrelid::regclass::text || '.' || conname from pg_constraint
        where connamespace = 'public'::regnamespace
    union all select tgrelid::regclass::text || '.' || tgname || tgenabled::text from pg_trigger
) as lines (line)
"""


class Cluster:
    """A running PostgreSQL; one a test process, so that parallel processes never meet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._numbers = count(1)

    def start(self) -> None:
        if os.getuid() == 0:
            shutil.chown(self.folder, SUPERUSER, SUPERUSER)
        if not self.data.exists():
            self._make()
        self._run(
            "pg_ctl",
            "start",
            "--wait",
            "--timeout=300",
            f"--log={self.folder}/log",
            f"--options={FAST} -k {self.folder}",
        )

    def _make(self) -> None:
        self._run(
            "initdb", "--no-sync", "--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--locale=C.UTF-8"
        )

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def create_database(self, name: str = "") -> str:
        name = name or f"clinic_{next(self._numbers)}"
        self._execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        self._execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname=database, autocommit=True)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"

    def _execute(self, statement: sql.Composed) -> None:
        with self.connect() as connection:
            connection.execute(statement)

    def _run(self, program: str, *options: str) -> None:
        as_user = UNPRIVILEGED if os.getuid() == 0 else []
        command = [*as_user, str(programs() / program), f"--pgdata={self.data}", *options]
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


def programs() -> Path:
    """The folder of the newest PostgreSQL's programs, which Debian keeps off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    assert folders or on_path, "PostgreSQL is not installed; `./dev test` installs it."
    return folders[-1] if folders else Path(str(on_path)).parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The running cluster; started when the first test asks for it."""
    with tempfile.TemporaryDirectory(prefix="clinic-pg-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder))
        cluster.start()
        yield cluster
        cluster.stop()


class Kept:
    """One database with every table for test after test; a row costs milliseconds to remove, a table to make."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._make()

    @property
    def url(self) -> str:
        return self._cluster.url(self._name)

    def _make(self) -> None:
        self._name = self._cluster.create_database()
        engine = create_engine(self.url)
        db.metadata.create_all(engine)
        engine.dispose()
        with self._cluster.connect(self._name) as connection:
            self._shape = connection.execute(SHAPE).fetchone()

    def empty(self) -> None:
        """Remove every row; what a test changed in any other way is thrown away with the whole database."""
        with self._cluster.connect(self._name) as connection:
            connection.execute(LEFT_OVER)
            connection.execute("drop table if exists alembic_version")
            connection.execute("; ".join(["set session_replication_role = replica", *DELETES]))
            connection.execute("select setval(oid::regclass, 1, false) from pg_class where relkind = 'S'")
            whole = connection.execute(SHAPE).fetchone() == self._shape
        if not whole:
            self._cluster.drop_database(self._name)
            self._make()


@pytest.fixture(scope="session")
def postgres_kept(postgres: Cluster) -> Kept:
    return Kept(postgres)


@pytest.fixture
def postgres_tables(postgres_kept: Kept) -> Iterator[str]:
    """The SQLAlchemy URL of a database with every table and no row."""
    yield postgres_kept.url
    postgres_kept.empty()


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, dropped after the test."""
    database = postgres.create_database()
    yield postgres.url(database)
    postgres.drop_database(database)
