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

SUPERUSER = "postgres"
UNPRIVILEGED = ["setpriv", f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}", "--clear-groups", "--"]
FAST = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=40"


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
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder}/log", f"--options={FAST} -k {self.folder}")

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

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
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


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, dropped after the test."""
    database = postgres.create_database()
    yield postgres.url(database)
    postgres.drop_database(database)
