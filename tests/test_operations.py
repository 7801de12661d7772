"""The files for running it in earnest are carried, written out, and name commands and settings that exist."""

import json
import re
import shlex
from configparser import RawConfigParser
from importlib import resources
from pathlib import Path

import pytest

from clinic_claims.cli import main
from clinic_claims.services import intake
from config import ROOT, SECRETS, Office

from .contract import tamper

FILES = Path(str(resources.files("clinic_claims") / "operations"))
UNITS = sorted(path.name for path in FILES.iterdir() if path.suffix in (".service", ".timer"))
CONFINED = {  # a service keeps no right of root's, sees no process but its own and writes in its own folders alone
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "ProtectProc": "invisible",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictNamespaces": "yes",
    "SystemCallFilter": "@system-service",
}


def lines_that_call() -> list[str]:
    """Every call of a command in units, container file and page."""
    text = "\n".join(path.read_text("utf-8") for path in FILES.iterdir()).replace('"', "").replace(",", "")
    return re.findall(r"(?:/bin/|`|\[|^ {4}\S+ )clinic-claims ([a-z][^`'\]\n]*)", text, flags=re.M)


@pytest.mark.parametrize("call", lines_that_call())
def test_every_call_is_a_command_with_options_it_has(call):
    command, name, *words = main, *shlex.split(call)
    found = command.commands[name]
    while hasattr(found, "commands"):
        found = found.commands[words.pop(0)]
    options = {option for parameter in found.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_page_names_many_calls():
    assert len(lines_that_call()) > 10


@pytest.mark.parametrize("unit", UNITS)
def test_units_can_be_read_and_run_as_nobody_in_particular(unit):
    read = RawConfigParser(strict=False, delimiters=("=",))
    read.optionxform = str
    read.read(FILES / unit)
    assert read["Unit"]["Description"].startswith("Clinic Claims")
    if unit.endswith(".service"):
        assert read["Service"]["User"] == "clinic-claims"
        assert read["Service"]["EnvironmentFile"] == "/etc/clinic-claims/clinic-claims.env"
        assert CONFINED.items() <= read["Service"].items()


def test_the_proxy_lets_through_what_the_application_takes():
    """It would else refuse, with a page of its own, the large files that the import page offers to take."""
    told = re.findall(r"request_body (@\w+) {\s+max_size (\d+)MiB", (FILES / "Caddyfile").read_text())
    sizes = {name: int(size) * 2**20 for name, size in told}
    assert sizes == {"@files": intake.LARGEST, "@else": Office.MAX_CONTENT_LENGTH}


def test_the_settings_leave_every_secret_to_the_site():
    lines = dict(
        line.split("=", 1)
        for line in (FILES / "clinic-claims.env").read_text().splitlines()
        if "=" in line and line[0] != "#"
    )
    assert {name: lines[f"CLINIC_CLAIMS_{name}"] for name in SECRETS} == dict.fromkeys(SECRETS, "")


def test_every_setting_of_a_server_stands_in_the_file_of_settings():
    asked = set(re.findall(r'"(CLINIC_CLAIMS_[A-Z_]+)"', (ROOT / "config.py").read_text("utf-8")))
    told = set(re.findall(r"^#?(CLINIC_CLAIMS_[A-Z_]+)=", (FILES / "clinic-claims.env").read_text("utf-8"), re.M))
    assert asked - told == {"CLINIC_CLAIMS_DATABASE_KEY_FILE"}  # of an office's own database


def test_they_are_written_out_once(office, tmp_path):
    told = office.call("operations", tmp_path / "deploy").stdout.splitlines()
    assert {Path(line).name for line in told} == {path.name for path in FILES.iterdir()}
    assert "exists already" in office.refuse("operations", tmp_path / "deploy")[0]


def test_the_doctor_says_what_a_new_office_lacks(office):
    told = office.refuse("doctor")
    assert [line.split(":")[0] for line in told] == ["people", "backup"]
    assert "well   database" in office.call("doctor").stdout


def test_a_worker_ends_when_nothing_is_left(office):
    assert office.call("worker", "--once").exit_code == 0  # in the morning it does the day's work first
    assert office.call("worker", "--once").stdout == "0 jobs done.\n"


def test_the_worklist_can_be_made_anew(office):
    assert office.call("rebuild-worklist").exit_code == 0


def test_everything_is_exported_by_command(office, tmp_path):
    assert office.ask("export-all", tmp_path / "out", "--json")["documents"] == 0
    assert "is not empty" in office.refuse("export-all", tmp_path / "out")[0]


def test_an_office_moves_to_a_server_by_command(office, postgres_url):
    assert office.call("seed", "--claims", "20").exit_code == 0
    assert "moved and compared" in office.call("move-to", postgres_url).stdout
    there = office.call("audit", "verify", "--json", DATABASE_URL=postgres_url)
    assert json.loads(there.stdout) == office.ask("audit", "verify", "--json")
    assert "holds data already" in office.refuse("move-to", postgres_url)[0]


def test_a_database_gets_its_key_by_command(office, tmp_path):
    office.call("new-key", tmp_path / "key")
    assert "opens with" in office.call("database-key", tmp_path / "key").stdout
    assert "does not open" in office.refuse("worklist", "--json")[0]
    given = {"CLINIC_CLAIMS_DATABASE_KEY_FILE": str(tmp_path / "key")}
    assert office.call("worklist", "--json", **given).stdout == "[]\n"


def test_the_guard_of_the_history_is_put_back_by_command(office):
    tamper(office)
    assert "guard of the history" in office.refuse("doctor")[0]
    assert "refuses to change" in office.call("audit", "guard").stdout
    assert not any("guard" in line for line in office.refuse("doctor"))
