"""The files for running it in earnest are carried, written out, and name commands and settings that exist."""

import re
import shlex
from configparser import RawConfigParser
from importlib import resources
from pathlib import Path

import pytest

from clinic_claims.cli import main
from config import SECRETS

FILES = Path(str(resources.files("clinic_claims") / "operations"))
UNITS = sorted(path.name for path in FILES.iterdir() if path.suffix in (".service", ".timer"))


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


def test_the_settings_leave_every_secret_to_the_site():
    lines = dict(
        line.split("=", 1)
        for line in (FILES / "clinic-claims.env").read_text().splitlines()
        if "=" in line and line[0] != "#"
    )
    assert {name: lines[f"CLINIC_CLAIMS_{name}"] for name in SECRETS} == dict.fromkeys(SECRETS, "")


def test_they_are_written_out_once(office, tmp_path):
    told = office.call("operations", tmp_path / "deploy").stdout.splitlines()
    assert {Path(line).name for line in told} == {path.name for path in FILES.iterdir()}
    assert "exists already" in office.refuse("operations", tmp_path / "deploy")[0]
