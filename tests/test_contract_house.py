"""The promised commands that keep the house: history, accounts, backups, scale, serving."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from clinic_claims.cli.serve import GUNICORN

from .contract import Office, tamper

ROOT = Path(__file__).resolve().parent.parent
CADDY_KEEPS_IDLE = 120  # s, by its manual


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


def test_a_database_of_a_newer_release_is_left_by_command(own_clinic, tmp_path):
    archive = tmp_path / "clinic.zip"
    own_clinic.call("backup", archive)
    tamper(own_clinic, "UPDATE alembic_version SET version_num = '9999'")
    assert "made by a newer release" in own_clinic.refuse("worklist")[0]
    assert "with --force" in own_clinic.refuse("restore", archive)[0]
    assert own_clinic.call("restore", archive, "--force").exit_code == 0
    assert own_clinic.call("worklist").exit_code == 0


@pytest.mark.parametrize("place", [0, 2], ids=["head", "pages"])
def test_a_backup_takes_the_place_of_a_damaged_database(own_clinic, tmp_path, place):
    archive, broken = tmp_path / "clinic.zip", Office(tmp_path / "broken")
    own_clinic.call("backup", archive)
    data = bytearray(zipfile.ZipFile(archive).read("database.sqlite"))
    data[4096 * place : 4096 * (place + 100)] = b"\xff" * 4096 * 100
    broken.folder.mkdir()
    broken.database.write_bytes(data)
    assert "`restore BACKUP --force`" in broken.refuse("worklist")[0]
    assert broken.call("restore", archive, "--force").exit_code == 0
    assert broken.ask("worklist", "--json") == own_clinic.ask("worklist", "--json")
    assert (broken.folder / "clinic_claims.sqlite.damaged").read_bytes() == data


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
    for words in (("backup", archive), ("backup", "--verify", archive)):
        (told,) = own_clinic.refuse(*words)
        assert re.fullmatch(rf"{archive}: event 7 of \S+ \S+ UTC \(\w+\) was changed\.", told)


def test_seeded_claims_are_counted_sealed_and_made_once(office):
    counts = office.ask("seed", "--claims", "300", "--seed", "4", "--json")
    assert counts["claims"] == 300
    assert office.ask("audit", "verify", "--json") == {"events": counts["events"], "broken": None}
    assert office.refuse("seed", "--claims", "1", "--seed", "4") == [
        "The claims of seed 4 are on record already. Choose another --seed."
    ]


@pytest.fixture
def serve(office):
    """Start the server on a free port; give the process, its address, and what it said before that."""
    started: list[subprocess.Popen[str]] = []
    environment = os.environ | {"CLINIC_CLAIMS_INSTANCE": str(office.folder), "CLINIC_CLAIMS_ENV": "test"}

    def start(*words: str) -> tuple[subprocess.Popen[str], str, str]:
        command = [sys.executable, "-m", "clinic_claims.cli", "serve", *words]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        said = ""
        for line in process.stdout:
            if line.startswith("Serving on "):
                return process, line.removeprefix("Serving on ").strip(), said
            said += line
        raise AssertionError("the server ended before it served")

    yield start
    for process in started:
        process.terminate()
        process.communicate()


def test_serve_answers_and_stops_on_ctrl_c(serve):
    process, address, said = serve("--empty", "--port", "0")
    assert "./dev user add" in said  # nobody could sign in else
    with urllib.request.urlopen(f"{address}/") as page:
        assert page.url.startswith(f"{address}/login")
        assert "Sign in" in page.read().decode()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


def test_an_idle_connection_is_closed_by_the_proxy_first():
    """The other way round a request is now and then sent into a connection that has just been closed."""
    assert GUNICORN["keepalive"] > CADDY_KEEPS_IDLE


def test_a_taken_port_is_told_in_a_sentence(office):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (sentence,) = office.refuse("serve", "--empty", "--port", str(port))
    assert sentence.startswith(f"Port {port} cannot be used: Address already in use.")
