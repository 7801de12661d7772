"""The commands as they are promised to people who script them: keys, exit codes, sentences, dates and money."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tomllib
import urllib.request
from datetime import date
from pathlib import Path

import click
import openpyxl
import pypdf
import pytest

from clinic_claims import __version__, rulebook
from clinic_claims.cli import main

from .contract import Office
from .services.era import claim, remittance

ROOT = Path(__file__).resolve().parent.parent
MONEY = re.compile(r"-?\d+\.\d\d")
HEAVY = {"flask", "sqlalchemy", "weasyprint", "holidays", "jinja2", "xlsxwriter", "gunicorn", "cattrs"}
BAD_ISA = b"ISA*00*too short~"


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


def is_day(value):
    return value is None or date.fromisoformat(value).isoformat() == value


# --- Help and usage ---------------------------------------------------------------------------------------------


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


# --- The rulebook's answers -------------------------------------------------------------------------------------


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


# --- Files in, letters and reports out --------------------------------------------------------------------------


@pytest.fixture
def era(tmp_path):
    """A remittance for a claim that is not ours: it posts, and the claim is listed as unmatched."""
    lines = [("64612:RT", "412", "0", "CO*197*412", "N54")]
    path = tmp_path / "era.835"
    path.write_bytes(remittance([claim("NOT-OURS", "4", "412", "0", lines)]))
    return path


IMPORT_KEYS = ["file", "kind", "status", "claims", "matched", "unmatched", "charged", "paid", "denials", "faults"]


def test_import_gives_the_promised_keys(office, era):
    (answer,) = office.ask("import", era, "--json")
    assert list(answer) == IMPORT_KEYS
    assert (answer["file"], answer["kind"], answer["status"]) == (str(era), "835", "posted")
    assert (answer["claims"], answer["matched"], answer["unmatched"]) == (1, 0, ["NOT-OURS"])
    assert (answer["charged"], answer["paid"]) == ("412.00", "0.00")


def test_a_file_is_posted_once(office, era):
    office.ask("import", era, "--json")
    result = office.call("import", era, "--json")
    (answer,) = json.loads(result.stdout)
    assert (result.exit_code, answer["status"]) == (1, "already_posted")
    assert f"{era}: This very file was posted on" in result.stderr


def test_a_dry_run_changes_nothing(office, era):
    before = office.ask("audit", "verify", "--json")
    assert office.ask("import", era, "--dry-run", "--json")[0]["status"] == "posted"
    assert office.ask("audit", "verify", "--json") == before
    assert office.ask("import", era, "--json")[0]["status"] == "posted"


def test_a_refused_file_is_told_with_its_place_and_the_others_are_posted(office, era, tmp_path):
    cut = tmp_path / "cut.835"
    cut.write_bytes(era.read_bytes().replace(b"BPR*I*0*", b"BPR*I*5*"))
    words = tmp_path / "words.txt"
    words.write_text("nothing of the kind")
    result = office.call("import", cut, words, tmp_path / "none.835", tmp_path, era, "--json")
    assert [answer["status"] for answer in json.loads(result.stdout)] == [*["refused"] * 4, "posted"]
    assert result.exit_code == 1
    assert re.search(rf"{re.escape(str(cut))}: segment \d+ \(BPR\): ", result.stderr)
    assert f"{words}: The file is neither X12" in result.stderr
    assert "none.835: The file cannot be read: No such file or directory." in result.stderr
    assert f"{tmp_path}: The file cannot be read: Is a directory." in result.stderr


def test_worklist_gives_the_promised_keys_in_working_order(clinic_office):
    found = clinic_office.ask("worklist", "--json")
    assert len(found) > 5
    for item in found:
        assert list(item) == ["item", "claim", "patient", "due", "act_by", "why", "amount", "next_action", "owner"]
        assert MONEY.fullmatch(item["amount"])
        assert is_day(item["due"])
        assert is_day(item["act_by"])
        assert item["why"]
    days = [item["act_by"] or "" for item in found]
    assert days == sorted(days)


def accounts_of(office: Office) -> dict[str, dict[str, str]]:
    rows = json.loads((office.folder / "demo-accounts.json").read_text("utf-8"))
    return {row["email"]: row for row in rows}


def test_worklist_of_one_user(clinic_office):
    everything = clinic_office.ask("worklist", "--json")
    of = {email: clinic_office.ask("worklist", "--user", email, "--json") for email in accounts_of(clinic_office)}
    assert any(of.values())
    for email, found in of.items():
        name = next(row["name"] for row in clinic_office.ask("user", "list", "--json") if row["email"] == email)
        assert found == [item for item in everything if item["owner"] == name]
    assert clinic_office.refuse("worklist", "--user", "nobody@x.example") == [
        "nobody@x.example: no account has this e-mail address."
    ]


def test_demo_prints_counts_and_a_finished_letter(clinic_office):
    summary = json.loads((clinic_office.folder / "summary.json").read_text())
    assert list(summary) == ["patients", "claims", "denials", "appeals", "letter"]
    assert all(summary[name] > 0 for name in ("patients", "claims", "denials", "appeals"))
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(summary["letter"]).pages)
    assert "DRAFT" not in text
    assert "{{" not in text


def test_a_second_demo_is_refused_without_reset(clinic_office):
    (sentence,) = clinic_office.refuse("demo", "--json")
    assert "--reset" in sentence


def test_a_letter_is_printed_or_its_gaps_are_listed(clinic_office, tmp_path):
    out = tmp_path / "letter.pdf"
    outcomes = {}
    for item in clinic_office.ask("worklist", "--json"):
        if item["item"].startswith("DEN-"):
            outcomes[item["item"]] = clinic_office.call("letter", item["item"], "--out", out)
    refused = {name: result for name, result in outcomes.items() if result.exit_code == 1}
    assert refused
    for name, result in refused.items():
        assert len(result.stderr.splitlines()) >= 2
        assert clinic_office.call("letter", name, "--draft", "--out", out).exit_code == 0
        assert out.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("kind", rulebook.load().letters.kinds)
def test_every_kind_of_letter_has_an_example_that_composes(office, tmp_path, kind):
    facts, out = tmp_path / "facts.json", tmp_path / "letter.pdf"
    facts.write_text(office.call("letter", "--facts-example", kind).stdout)
    result = office.call("letter", "--facts", facts, "--kind", kind, "--draft", "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_letter_from_facts_alone_needs_no_database(office, tmp_path):
    facts, out = tmp_path / "facts.json", tmp_path / "letter.pdf"
    facts.write_text(office.call("letter", "--facts-example", "appeal").stdout)
    result = office.call("letter", "--facts", facts, "--out", out, DATABASE_URL="whim")
    assert result.exit_code == 0, result.stderr
    assert out.read_bytes().startswith(b"%PDF-")
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"whim": 1}))
    assert any("whim" in sentence for sentence in office.refuse("letter", "--facts", facts, "--out", out))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["letter", "DEN-00999", "--out", "x.pdf"], "DEN-00999: no denial, appeal or authorization of that reference"),
        (["letter", "DEN-99999999999999999999", "--out", "x.pdf"], "no denial, appeal or authorization"),
        (["letter", "whim", "--out", "x.pdf"], "they look like DEN-00012"),
        (["letter", "--facts-example", "whim"], "“whim” has no example"),
        (["letter", "DEN-00001", "--draft", "--kind", "whim", "--out", "x.pdf"], "“whim” is no kind of letter"),
        (["letter", "DEN-00001", "--draft", "--out", "/none/x.pdf"], "/none/x.pdf: No such file or directory."),
        (["letter", "--facts", "/none.json", "--out", "x.pdf"], "/none.json: No such file or directory."),
        (["report", "denied", "--group-by", "whim"], "Cannot group by whim"),
        (["report", "denied", "--from", "2026-02-01", "--to", "2026-01-01"], "The last day lies before the first day."),
        (["backup", "/none/x.zip"], "/none: there is no such folder."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(clinic_office, words, said):
    assert said in clinic_office.refuse(*words)[0]


@pytest.mark.parametrize("text", ['{"a": 1', "\ufeff{}", "[1, 2]", "null", "[" * 100_000])
def test_facts_that_are_no_document_are_refused(office, tmp_path, text):
    facts = tmp_path / "facts.json"
    facts.write_text(text, "utf-8")
    assert office.refuse("letter", "--facts", facts, "--out", tmp_path / "x.pdf")
    facts.write_bytes(b"\xff\xfe\x00")
    assert "no JSON document" in office.refuse("letter", "--facts", facts, "--out", tmp_path / "x.pdf")[0]


def test_report_in_every_format(clinic_office, tmp_path):
    document = clinic_office.ask("report", "denied", "--group-by", "payer,month", "--format", "json")
    assert list(document) == ["filters", "group_by", "groups", "rows", "total"]
    total = document["total"]
    assert MONEY.fullmatch(total["denied"])
    assert sum(group["denials"] for group in document["groups"]) == total["denials"] == len(document["rows"])
    table = clinic_office.call("report", "denied", "--group-by", "payer,month").stdout
    assert f"{float(total['denied']):,.2f}" in table.splitlines()[-1]
    assert len(clinic_office.call("report", "denied", "--format", "csv").stdout.splitlines()) == total["denials"] + 1
    for form in ("csv", "xlsx", "pdf", "json", "table"):
        out = tmp_path / f"denied.{form}"
        assert clinic_office.call("report", "denied", "--format", form, "--out", out).stdout.startswith(f"{out}: ")
    assert openpyxl.load_workbook(tmp_path / "denied.xlsx").sheetnames == ["Summary", "Denials", "Definitions"]
    assert "Denied claims" in pypdf.PdfReader(tmp_path / "denied.pdf").pages[0].extract_text()
    assert json.loads((tmp_path / "denied.json").read_text("utf-8"))["total"] == total


def test_a_calendar_names_claims_and_no_patient(clinic_office, tmp_path):
    out, everything = tmp_path / "due.ics", clinic_office.ask("worklist", "--json")
    for email in accounts_of(clinic_office):
        assert clinic_office.call("calendar", "--user", email, "--out", out).exit_code == 0
        text = out.read_bytes()
        assert text.startswith(b"BEGIN:VCALENDAR\r\n")
        assert text.endswith(b"END:VCALENDAR\r\n")
        assert max(map(len, text.split(b"\r\n"))) <= 75
        unfolded = text.replace(b"\r\n ", b"").decode()
        assert not [item for item in everything if item["patient"].split(",")[0] in unfolded]
        mine = [item for item in clinic_office.ask("worklist", "--user", email, "--json") if item["act_by"]]
        assert [item["act_by"].replace("-", "") for item in mine] == re.findall(r"DTSTART;VALUE=DATE:(\d+)", unfolded)


# --- The history ------------------------------------------------------------------------------------------------


def tamper(office: Office, *statements: str) -> None:
    connection = sqlite3.connect(office.database)
    guards = [f"DROP TRIGGER IF EXISTS event_is_not_{done}" for done in ("edited", "deleted")]
    with connection:
        for statement in (*guards, *statements):
            connection.execute(statement)
    connection.close()


def test_an_untouched_history_is_unbroken(clinic_office):
    found = clinic_office.ask("audit", "verify", "--json")
    assert found["events"] > 100
    assert found["broken"] is None
    assert clinic_office.call("audit", "verify").stdout == f"{found['events']:,} events, unbroken.\n"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE event SET sentence = 'All is well.' WHERE id = 7", "event 7 of "),
        ("UPDATE event SET actor = 'somebody else' WHERE id = 9", "event 9 of "),
        ("DELETE FROM event WHERE id = 5", "event 5 is missing"),
    ],
)
def test_a_changed_or_removed_entry_is_found(own_clinic, statement, said):
    tamper(own_clinic, statement)
    (sentence,) = own_clinic.refuse("audit", "verify")
    assert said in sentence


# --- Accounts ---------------------------------------------------------------------------------------------------


def test_an_account_from_first_password_to_reset(office):
    added = office.call(
        "user", "add", "Lee@Clinic.example", "--name", "Lee Quist", "--role", "biller", "--role", "auditor"
    )
    password = re.search(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", added.stdout)
    assert password
    expected = {"email": "lee@clinic.example", "name": "Lee Quist", "roles": ["auditor", "biller"], "active": True}
    assert office.ask("user", "list", "--json") == [expected]
    assert office.call("user", "disable", "lee@clinic.example").exit_code == 0
    assert office.ask("user", "list", "--json") == [expected | {"active": False}]
    assert "disabled" in office.call("user", "list").stdout
    assert office.call("user", "enable", "lee@clinic.example").exit_code == 0
    reset = office.call("user", "reset", "lee@clinic.example")
    assert "one-time password" in reset.stdout
    assert password[0] not in reset.stdout
    assert password[0].encode() not in office.database.read_bytes()


def test_an_account_that_cannot_be_added_is_told_with_every_reason(office):
    said = office.refuse("user", "add", "nonsense", "--name", "?", "--role", "king")
    assert len(said) == 3
    assert "There is no role “king”" in said[0]
    assert office.ask("user", "list", "--json") == []
    assert office.refuse("user", "reset", "x@y.example") == ["x@y.example: no account has this e-mail address."]


# --- Backups, scale, serving ------------------------------------------------------------------------------------


def test_a_backup_moves_the_clinic_to_another_machine(own_clinic, office, tmp_path):
    archive = tmp_path / "clinic.zip"
    assert "23 claims" in own_clinic.call("backup", archive).stdout
    assert own_clinic.call("backup", "--verify", archive).exit_code == 0
    assert office.call("restore", archive).exit_code == 0
    assert office.ask("worklist", "--json") == own_clinic.ask("worklist", "--json")
    for denial in own_clinic.ask("report", "denied", "--format", "json")["rows"][:2]:
        words = ("letter", denial["reference"], "--draft", "--out")
        assert (
            office.call(*words, tmp_path / "a.pdf").exit_code == own_clinic.call(*words, tmp_path / "b.pdf").exit_code
        )
    assert office.ask("audit", "verify", "--json")["broken"] is None


def test_a_sealed_backup_is_restored_with_its_key_alone(own_clinic, office, tmp_path):
    archive, key = tmp_path / "clinic.sealed", tmp_path / "key"
    own_clinic.call("new-key", key)
    assert "23 claims" in own_clinic.call("backup", archive, "--key-file", key).stdout
    assert "give the key it was made with" in office.refuse("restore", archive)[0]
    assert office.call("restore", archive, "--key-file", key).exit_code == 0
    assert office.ask("worklist", "--json") == own_clinic.ask("worklist", "--json")


def test_a_restore_over_claims_needs_force(own_clinic, tmp_path):
    archive = tmp_path / "clinic.zip"
    own_clinic.call("backup", archive)
    (sentence,) = own_clinic.refuse("restore", archive)
    assert "or replace it with --force" in sentence
    assert own_clinic.call("restore", archive, "--force").exit_code == 0


def test_a_damaged_backup_is_refused_whole(own_clinic, office, tmp_path):
    archive = tmp_path / "clinic.zip"
    own_clinic.call("backup", archive)
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    archive.write_bytes(data)
    assert office.refuse("backup", "--verify", archive)[0].startswith(f"{archive}: ")
    assert office.refuse("restore", archive)
    assert office.ask("worklist", "--json") == []
    assert office.refuse("restore", tmp_path / "none.zip") == [f"{tmp_path / 'none.zip'}: No such file or directory."]


def test_a_broken_history_is_found_inside_a_backup(own_clinic, tmp_path):
    tamper(own_clinic, "UPDATE event SET sentence = 'All is well.' WHERE id = 7")
    archive = tmp_path / "clinic.zip"
    told = [f"{archive}: event 7 of the history is missing or was changed."]
    assert own_clinic.refuse("backup", archive) == told
    assert own_clinic.refuse("backup", "--verify", archive) == told


def test_seeded_claims_are_counted_sealed_and_made_once(office):
    counts = office.ask("seed", "--claims", "300", "--seed", "4", "--json")
    assert counts["claims"] == 300
    assert office.ask("audit", "verify", "--json") == {"events": counts["events"], "broken": None}
    assert office.refuse("seed", "--claims", "1", "--seed", "4") == [
        "The claims of seed 4 are on record already. Choose another --seed."
    ]


@pytest.fixture
def serve(office):
    """Start the server on a free port; give the process and its lines up to the address."""
    started: list[subprocess.Popen[str]] = []
    environment = os.environ | {"CLINIC_CLAIMS_INSTANCE": str(office.folder), "CLINIC_CLAIMS_ENV": "test"}

    def start(*words: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "clinic_claims.cli", "serve", *words]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        for line in process.stdout:
            if line.startswith("Serving on "):
                return process, line.removeprefix("Serving on ").strip()
        raise AssertionError("the server ended before it served")

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


def test_serve_answers_and_stops_on_ctrl_c(serve):
    process, address = serve("--empty", "--port", "0")
    with urllib.request.urlopen(f"{address}/") as page:
        assert page.url.startswith(f"{address}/login")
        assert "Sign in" in page.read().decode()
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_a_taken_port_is_told_in_a_sentence(office):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (sentence,) = office.refuse("serve", "--empty", "--port", str(port))
    assert sentence.startswith(f"Port {port} cannot be used: Address already in use.")


# --- Files that come in by other ways, and go out -----------------------------------------------------------------


def test_wrong_sums_are_posted_for_a_reason(office, era):
    era.write_bytes(era.read_bytes().replace(b"BPR*I*0*", b"BPR*I*5*"))
    (_, hint) = office.refuse("import", era)
    assert hint == f"{era}: only its sums are wrong; --accept-unbalanced REASON posts it all the same."
    (answer,) = office.ask("import", era, "--accept-unbalanced", "the bank shows 5.00", "--json")
    assert (list(answer), answer["status"], answer["faults"]) == (IMPORT_KEYS, "posted", [])


def test_a_watched_folder_is_emptied_once(office, era, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(era, folder / "drop.835")
    assert "drop.835: Remittance (835) posted" in office.call("watch", folder, "--once", "--settle", "0").stdout
    assert list(json.loads((folder / "done" / "drop.835.result.json").read_text())) == IMPORT_KEYS
    assert office.refuse("watch", tmp_path / "none", "--once") == [
        f"{tmp_path / 'none'} is no folder. Make it, or name the one your clearinghouse writes to."
    ]


def test_denials_and_appeals_are_written_out(clinic_office, tmp_path):
    rows = json.loads(clinic_office.call("export", "denials", "--format", "json").stdout)
    assert rows
    assert all(MONEY.fullmatch(row["amount"]) for row in rows)
    out = tmp_path / "appeals.csv"
    assert clinic_office.call("export", "appeals", "--out", out).exit_code == 0
    assert out.read_text("utf-8-sig").startswith("reference,denial,about,level,state")
