"""What the tests of the commands share: prepared instance folders and a way to call a command in one of them."""

import json
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from clinic_claims.cli import main


@dataclass
class Office:
    """One instance folder with its own database."""

    folder: Path

    def call(self, *words: str | Path, **environment: str) -> Result:
        """Run a command; a traceback fails the test."""
        given = {"CLINIC_CLAIMS_INSTANCE": str(self.folder), "CLINIC_CLAIMS_ENV": "test", "DATABASE_URL": ""}
        result = CliRunner().invoke(main, [str(word) for word in words], env=given | environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ask(self, *words: str | Path) -> Any:
        """Run a command that succeeds and prints one JSON document and nothing else."""
        result = self.call(*words)
        assert (result.exit_code, result.stderr) == (0, "")
        return json.loads(result.stdout)

    def refuse(self, *words: str | Path, code: int = 1, **environment: str) -> list[str]:
        """Run a command that fails; return what it says on standard error, a sentence a line."""
        result = self.call(*words, **environment)
        assert result.exit_code == code, result.output
        assert result.stderr
        return result.stderr.splitlines()

    @property
    def database(self) -> Path:
        return self.folder / "clinic_claims.sqlite"


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory) -> Path:
    """An instance with a database that is up to date and empty."""
    folder = tmp_path_factory.mktemp("new")
    Office(folder).ask("user", "list", "--json")
    return folder


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory) -> Path:
    """An instance with the demo loaded by its command."""
    folder = tmp_path_factory.mktemp("demo")
    summary = Office(folder).ask("demo", "--json")
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


@pytest.fixture
def office(new_folder, tmp_path) -> Office:
    """An empty instance of this test's own."""
    return Office(shutil.copytree(new_folder, tmp_path / "office"))


@pytest.fixture(scope="session")
def clinic_office(demo_folder) -> Office:
    """The demo, shared by tests that only read."""
    return Office(demo_folder)


@pytest.fixture
def own_clinic(demo_folder, tmp_path) -> Office:
    """The demo, this test's own to change."""
    return Office(shutil.copytree(demo_folder, tmp_path / "clinic"))


def tamper(office: Office, *statements: str) -> None:
    connection = sqlite3.connect(office.database)
    guards = [f"DROP TRIGGER IF EXISTS event_is_not_{done}" for done in ("edited", "deleted")]
    with connection:
        for statement in (*guards, *statements):
            connection.execute(statement)
    connection.close()


def is_day(value):
    return value is None or date.fromisoformat(value).isoformat() == value
