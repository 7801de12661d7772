"""What a command shows or hands out stands in the history, and what it writes is for its own account alone."""

import os
import pwd

import pytest
from sqlcipher3 import dbapi2 as sqlite

from .contract import Office

DONE = {
    ("worklist",): ("view", "worklist"),
    ("letter", "DEN-00001", "--draft", "--out", "{out}"): ("print", "denial"),
    ("calendar", "--user", "priya@harborlight.example", "--out", "{out}"): ("export", "worklist"),
    ("report", "denied", "--format", "csv"): ("export", "report"),
    ("report", "denied", "--format", "csv", "--out", "{out}"): ("export", "report"),
    ("report", "denied"): ("view", "report"),
    ("report", "measures", "--format", "json"): ("export", "report"),
    ("report", "approved-then-denied"): ("view", "report"),
    ("report", "scorecard", "Lone Prairie Insurance Company"): ("view", "report"),
    ("report", "what-works", "--format", "csv", "--out", "{out}"): ("export", "report"),
    ("export", "denials"): ("export", "export"),
    ("export-all", "{out}"): ("export", "export"),
    ("backup", "{out}"): ("make_backup", "backup"),
    ("move-documents", "{out}"): ("export", "export"),
}


def last_event(office: Office, *columns: str):
    connection = sqlite.connect(str(office.database))
    query = f"SELECT {', '.join(columns)} FROM event ORDER BY id DESC LIMIT 1"
    found = connection.execute(query).fetchone()
    connection.close()
    return found


@pytest.mark.parametrize("words", DONE, ids=" ".join)
def test_a_command_that_shows_or_hands_out_tells_the_history(clinic_office, tmp_path, words):
    before = last_event(clinic_office, "id")[0]
    out = tmp_path / "out"
    result = clinic_office.call(*(word.format(out=out) for word in words))
    assert result.exit_code == 0, result.output
    assert last_event(clinic_office, "id", "action", "subject") == (before + 1, *DONE[words])
    if out.exists():
        assert out.stat().st_mode & 0o077 == 0


def test_a_patients_letter_is_accounted_for(clinic_office, tmp_path):
    assert clinic_office.call("letter", "DEN-00001", "--draft", "--out", tmp_path / "out").exit_code == 0
    account = f"command line ({pwd.getpwuid(os.getuid()).pw_name})"
    assert last_event(clinic_office, "action", "patient_id", "actor") == ("print", 1, account)


def test_a_command_names_the_account_for_which_it_acts(clinic_office):
    assert clinic_office.call("--as", "Priya@harborlight.example", "worklist").exit_code == 0
    assert last_event(clinic_office, "action", "actor") == ("view", "priya@harborlight.example")
    (said,) = clinic_office.refuse("--as", "nobody@harborlight.example", "worklist")
    assert said == "nobody@harborlight.example: no account has this e-mail address."


def test_a_disabled_account_acts_by_no_command(own_clinic):
    assert own_clinic.call("user", "disable", "priya@harborlight.example").exit_code == 0
    (said,) = own_clinic.refuse("--as", "priya@harborlight.example", "worklist")
    assert said == "priya@harborlight.example: this account is disabled."


def test_a_new_installation_is_readable_by_its_own_account_alone(tmp_path):
    office = Office(tmp_path / "new")
    office.ask("user", "list", "--json")
    assert [path.name for path in (office.folder, *office.folder.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_a_scorecard_of_an_unknown_payer_names_those_on_record(clinic_office):
    result = clinic_office.call("report", "scorecard", "Nobody")
    assert result.exit_code == 1
    assert "There is no payer “Nobody”. Choose from:" in result.stderr
    assert "Lone Prairie Insurance Company" in result.stderr
