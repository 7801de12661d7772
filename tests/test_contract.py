"""The commands as they are promised to people who script them: keys, exit codes, sentences, dates and money."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from clinic_claims import __version__, rulebook
from clinic_claims.cli import main

from .contract import tamper

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"flask", "sqlalchemy", "weasyprint", "holidays", "jinja2", "xlsxwriter", "gunicorn", "cattrs"}


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in group.commands.items():
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


COMMANDS = [pytest.param(path, command, id=" ".join(path)) for path, command in commands()]


def parse(words: list[str]) -> tuple[str, ...]:
    """Parse a command line as the program would, without running it; return the command it names."""
    command, context, path = main, None, ()
    while isinstance(command, click.Group):
        context = command.make_context(command.name, list(words), parent=context)
        name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
        path += (name,)
    command.make_context(path[-1], list(words), parent=context)
    return path


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_help_shows_an_example_that_parses(path, command):
    text = command.get_help(click.Context(command, info_name=path[-1], terminal_width=300, max_content_width=300))
    example = re.search(r"Example: clinic-claims (.+)", text)
    assert example, text
    assert parse(shlex.split(example[1]))[: len(path)] == path


def test_every_promised_command_is_there():
    names = {" ".join(path) for path, _ in commands()}
    promised = "demo|import|denial|deadline|worklist|letter|report denied|check-rules|audit verify|backup|restore|seed"
    assert {*promised.split("|"), "user add", "user list", "user disable", "user reset", "calendar", "serve"} <= names


def test_help_loads_nothing_heavy():
    script = "import sys, clinic_claims.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_the_version_is_the_projects_own(office):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert office.call("--version").stdout == f"clinic-claims, version {__version__}\n"
    assert project["version"] == __version__


@pytest.mark.parametrize(
    "words",
    [
        ["whim"],
        ["import"],
        ["worklist", "--whim"],
        ["denial", "--group", "CO"],
        ["deadline", "--payer-class", "medicare_ffs", "--level", "1", "--notice-dated", "2026-02-30"],
        ["letter", "--out", "x.pdf"],
        ["letter", "DEN-00001"],
        ["report", "denied", "--format", "pdf"],
        ["report", "denied", "--format", "docx"],
        ["seed", "--claims", "many"],
        ["serve", "--port", "99999"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_with_exit_2(office, words):
    result = office.call(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CLINIC_CLAIMS_ENV": "whim"}, "it may be office, production, test"),
        ({"CLINIC_CLAIMS_ENV": "production"}, "CLINIC_CLAIMS_SECRET_KEY"),
        ({"DATABASE_URL": "whim"}, "DATABASE_URL is no address of a database"),
        ({"DATABASE_URL": "postgresql+psycopg://nobody@localhost:1/none"}, "The database cannot be used"),
        ({"CLINIC_CLAIMS_INSTANCE": "/proc/none"}, "/proc/none: No such file or directory."),
    ],
)
def test_a_wrong_setting_is_told_in_a_sentence(office, environment, said):
    (sentence,) = office.refuse("worklist", **environment)
    assert said in sentence


def test_a_database_of_a_newer_release_is_left_alone(own_clinic):
    tamper(own_clinic, "UPDATE alembic_version SET version_num = '9999'")
    (sentence,) = own_clinic.refuse("worklist")
    assert sentence == "The database is of version 9999, made by a newer release: update Clinic Claims first."


def test_denial_gives_the_promised_keys(office):
    answer = office.ask("denial", "--group", "CO", "--carc", "197", "--rarc", "N54", "--json")
    assert list(answer) == ["category", "remedy", "appealable", "next_action", "evidence", "plain", "sources"]
    codes = rulebook.load().denial_codes
    assert answer["category"] in codes.categories
    assert answer["appealable"] is True
    assert answer["evidence"]
    assert answer["sources"]


def test_several_codes_are_read_as_on_one_line(office):
    answer = office.ask("denial", "--group", "co", "--carc", "45", "--carc", "197", "--json")
    assert answer["category"] == office.ask("denial", "--group", "CO", "--carc", "197", "--json")["category"]


def test_an_unknown_code_is_unclassified_and_never_guessed(office):
    result = office.call("denial", "--carc", "ZZ9", "--json")
    answer = json.loads(result.stdout)
    assert (answer["category"], answer["remedy"], answer["appealable"]) == ("unclassified", None, False)
    assert (result.exit_code, result.stderr) == (1, "CARC ZZ9 is not in the rulebook.\n")


def test_denial_in_words(office):
    result = office.call("denial", "--group", "CO", "--carc", "197")
    assert result.exit_code == 0
    assert "\nNext: " in result.stdout


def test_deadline_gives_the_promised_answer(office):
    words = "deadline --payer-class medicare_ffs --level 1 --notice-dated 2026-01-05 --json"
    answer = office.ask(*words.split())
    assert list(answer) == ["rule", "legal", "act_by", "because", "citation", "confidence"]
    assert (answer["legal"], answer["act_by"]) == ("2026-05-10", "2026-05-05")
    assert any("receipt is presumed 5 days later" in why for why in answer["because"])
    assert (answer["citation"], answer["confidence"]) == ("42 CFR 405.942", "verified")


def test_a_printed_deadline_and_a_proved_receipt_are_heard(office):
    words = (
        "deadline --payer-class medicare_ffs --level 1 --notice-dated 2026-01-05 --notice-received 2026-01-07 --json"
    )
    assert office.ask(*words.split())["legal"] == "2026-05-07"
    assert office.ask(*words.split(), "--printed", "2026-03-02")["act_by"] == "2026-03-02"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--payer-class whim --level 1 --notice-dated 2026-01-05", "payer class whim is not in the rulebook"),
        ("--payer-class medicare_ffs --level 9 --notice-dated 2026-01-05", "has no level 9; levels on file: 1, 2, 3"),
        ("--payer-class medicare_ffs --level 1", "the date on the notice, which is not on file"),
    ],
)
def test_a_deadline_that_cannot_be_known_is_null_with_a_reason(office, words, said):
    result = office.call("deadline", *words.split(), "--json")
    answer = json.loads(result.stdout)
    assert (answer["legal"], answer["act_by"]) == (None, None)
    assert any(said in why for why in answer["because"])
    assert result.exit_code == 1
    assert said in result.stderr


def test_deadline_in_words(office):
    words = "deadline --payer-class erisa_self_funded --level 1 --notice-dated 2026-02-25"
    lines = office.call(*words.split()).stdout.splitlines()
    assert lines[:2] == ["Legal last day: 2026-08-24", "Act by: 2026-08-24"]


def test_check_rules_counts_and_finds_no_fault(office):
    found = office.ask("check-rules", "--json")
    assert found["faults"] == []
    assert found["citations"] > found["printable"] > 50
    assert found["examples"] > 150
    assert found["rules"] > 300
    assert any(line.startswith("part-d-redetermination: source never read") for line in found["stale"])
    assert office.call("check-rules").stdout.startswith(f"{found['rules']} rules, {found['examples']} examples, ")


def test_a_faulty_rulebook_is_told_fault_by_fault(office, tmp_path, monkeypatch):
    folder = shutil.copytree(rulebook.FOLDER, tmp_path / "rules")
    spoiled = folder / "deadlines.toml"
    text = spoiled.read_text("utf-8").replace("length = { days = 120 }", "length = { days = 0 }", 1)
    spoiled.write_text(text.replace('starts = "notice_dated"', 'starts = "whim"', 1), "utf-8")
    monkeypatch.setattr(rulebook.load.__wrapped__, "__defaults__", (folder,))
    rulebook.load.cache_clear()
    try:
        said = [office.refuse("check-rules"), office.refuse("worklist")]
    finally:
        monkeypatch.undo()
        rulebook.load.cache_clear()
    assert said[0] == said[1]
    assert len(said[0]) >= 2
    assert all(re.match(r"deadlines\.toml:\d+: ", sentence) for sentence in said[0])
