"""The doctor finds each thing that can be wrong with an installation, and nothing on a sound one."""

import json
import os
import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text

from clinic_claims.db import db, transaction
from clinic_claims.models import Job
from clinic_claims.models.history import lift_guard
from clinic_claims.services import accounts, backups, condition, documents, jobs, upkeep


@pytest.fixture
def sound(app, submitted, deed, tmp_path):
    """An installation with nothing to complain of."""
    with transaction():
        db.session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) NOT NULL)"))
        db.session.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": upkeep.known_versions()[-1]})
        accounts.add_user("A. Min", "a.min@clinic.example", ["administrator"], deed)
        documents.add(b"Notice of denial", "denial_notice", "Notice", deed, about=submitted)
    backups.make(tmp_path / "clinic.zip", deed)


def wrong(at):
    return {finding.name: finding.said for finding in condition.examine(at) if not finding.well}


def test_nothing_is_wrong_with_a_sound_installation(sound, deed):
    assert wrong(deed.at) == {}


def test_an_old_database_is_told_and_hides_the_rest(sound, deed):
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert "of version 0000" in wrong(deed.at)["version"]
    assert [finding.name for finding in condition.examine(deed.at)][-1] == "printing"


def test_a_history_that_was_changed_is_told(sound, deed):
    with transaction():
        lift_guard(db.session.connection())
        db.session.execute(text("UPDATE event SET sentence = 'All is well.' WHERE id = 2"))
    assert "event 2 of" in wrong(deed.at)["history"]


def test_a_strange_audit_key_is_told_from_a_changed_history(sound, app, deed):
    app.config["AUDIT_KEY"] = "another key altogether"
    assert wrong(deed.at)["history"].startswith("AUDIT_KEY is not the key that this history was written with")


def test_a_worklist_that_drifted_is_told_and_left_as_it_is(sound, deed):
    with transaction():
        db.session.execute(text("UPDATE work_item SET next_action = 'Rest'"))
    assert "run `rebuild-worklist`" in wrong(deed.at)["worklist"]
    assert db.session.scalar(text("SELECT next_action FROM work_item")) == "Rest"


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_documents_that_are_missing_or_changed_are_counted(sound, deed, harm):
    store = documents.store()
    path = next(path for path in store.folder.rglob("*") if path.is_file())
    path.unlink() if harm == "missing" else path.write_bytes(b"Notice of approval")
    assert wrong(deed.at)["document files"].startswith("1 documents are missing or changed")


def test_a_document_folder_that_is_no_folder_is_told(app, tmp_path):
    (tmp_path / "documents").write_text("in the way")
    assert "cannot be written" in {f.name: f.said for f in condition.ready()}["documents"]


@pytest.mark.parametrize("address", ["", "ftp://documents"])
def test_documents_that_cannot_be_reached_hide_nothing_else(sound, app, deed, address):
    """The clinic that lost its document folder learns of the missing backup as well."""
    app.config["DOCUMENTS"] = address
    if not address:
        folder = documents.store().folder
        shutil.rmtree(folder)
        folder.write_text("in the way")
    found = wrong(deed.at + timedelta(days=3))
    assert found["document files"] == "This cannot be looked at before the rest is mended."
    assert {"documents", "backup"} <= found.keys()


@pytest.mark.parametrize("name", ["secrets.json", "database.key", "elsewhere", "."])
def test_what_others_can_read_is_told(sound, app, deed, tmp_path, name):
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "database.key").write_text("")
    store = shutil.copytree(documents.store().folder, tmp_path.parent / f"{tmp_path.name}-elsewhere")
    app.config.update(DATABASE_KEY_FILE=str(tmp_path / "database.key"), DOCUMENTS=str(store))
    told = {name: tmp_path / name for name in ("secrets.json", "database.key", ".")} | {"elsewhere": store}
    for path in told.values():
        os.chmod(path, 0o700)
    assert wrong(deed.at) == {}
    os.chmod(told[name], 0o755)
    assert wrong(deed.at) == {"rights": f"Other accounts can read {told[name]}: chmod go= it."}


def test_a_clock_that_went_wrong_is_told(sound, deed):
    assert wrong(deed.at - timedelta(minutes=5)) == {}
    assert "set it right" in wrong(deed.at - timedelta(days=1))["clock"]


def test_a_guard_that_was_taken_off_is_told(sound, deed):
    with transaction():
        lift_guard(db.session.connection())
    assert "put it back with `audit guard`" in wrong(deed.at)["guard of the history"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the server's tables serve other tests too
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DROP TABLE snooze", "table snooze"),
        ("ALTER TABLE snooze DROP COLUMN reason", "snooze.reason"),
        ("DROP INDEX ix_event_action", "ix_event_action"),
    ],
)
def test_a_table_column_or_index_that_is_gone_is_told(sound, deed, harm, said):
    with transaction():
        db.session.execute(text(harm))
    assert said in wrong(deed.at)["tables"]


def test_authenticators_that_another_key_sealed_are_told(sound, app, deed):
    totp = app.extensions["security"].totp_factory
    with transaction():
        accounts.get_user("a.min@clinic.example").tf_totp_secret = totp.generate_totp_secret()
    assert wrong(deed.at) == {}
    with transaction():
        sealed = json.loads(accounts.get_user("a.min@clinic.example").tf_totp_secret)
        sealed["enckey"]["t"] = "7"
        accounts.get_user("a.min@clinic.example").tf_totp_secret = json.dumps(sealed)
    assert "1 authenticators do not open" in wrong(deed.at)["second factors"]


@pytest.mark.parametrize(("version", "said"), [("9999", "made by a newer release"), (None, "The database is empty")])
def test_a_newer_and_an_empty_database_are_told_apart(sound, deed, version, said):
    with transaction():
        change = "UPDATE alembic_version SET version_num = '9999'" if version else "DELETE FROM alembic_version"
        db.session.execute(text(change))
    assert said in wrong(deed.at)["version"]


def test_what_a_day_of_results_makes_an_hour_worth_is_no_fault_of_the_list(sound, deed):
    with transaction():
        db.session.execute(text("UPDATE work_item SET minus_worth = minus_worth - 1"))
    assert wrong(deed.at) == {}


def test_a_backup_that_is_too_old_is_told(sound, deed):
    assert "The last backup is of 2026-11-20" in wrong(deed.at + timedelta(days=3))["backup"]


def test_jobs_that_nobody_does_are_told(sound, deed):
    with transaction():
        jobs.enqueue("letter", {}, deed, key="k")
    assert "1 jobs have waited" in wrong(deed.at + timedelta(hours=2))["jobs"]


def test_a_missing_printer_a_full_disk_and_an_empty_house_are_told(app, monkeypatch, deed, sound):
    monkeypatch.setattr(condition, "SUBSET", ("no-such-library.so",))
    monkeypatch.setattr(condition, "ROOM", 2**70)
    with transaction():
        accounts.get_user("a.min@clinic.example").active = False
    found = wrong(deed.at)
    assert {"printing", "disk", "people"} == set(found)
    assert "libharfbuzz-subset0" in found["printing"]


def test_figures_count_and_name_nobody(sound, deed):
    with transaction():
        db.session.add(Job(kind="x", key="x", payload={}, ready_at=deed.at, asked_at=deed.at, asked_by="D. Park"))
    found = condition.figures(deed.at + timedelta(hours=1))
    assert (found["jobs_waiting"], found["jobs_done"], found["backup_age_seconds"]) == (1, 0, 3600)
    assert all(isinstance(value, int | float) for value in found.values())
