"""A backup is whole or it is told apart; a restore brings back every row, document and seal."""

import json
import os
import sqlite3
import time
import zipfile

import pytest

from clinic_claims import sealing
from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Document, Event
from clinic_claims.models.accounts import UserSession
from clinic_claims.services import accounts, backup_checks, backups, documents, history, invitations, upkeep
from clinic_claims.services.deeds import Refused


@pytest.fixture
def letter(submitted, deed):
    """One document on file for the submitted claim."""
    with transaction():
        return documents.add(b"Notice of denial", "denial_notice", "Notice", deed, about=submitted)


@pytest.fixture
def made(letter, deed, tmp_path):
    target = tmp_path / "clinic.zip"
    return target, backups.make(target, deed)


@pytest.fixture(autouse=True)
def stamped(app, monkeypatch):
    """The tables of these tests come without migrations: give them the version they stand for."""
    newest = upkeep.known_versions()[-1]
    with transaction():
        db.session.execute(db.text("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) NOT NULL)"))
        db.session.execute(db.text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest})


def rewritten(source, name, data):
    """Write the archive again with one member changed, or left out where `data` is None."""
    with zipfile.ZipFile(source) as old:
        held = {member: old.read(member) for member in old.namelist()} | {name: data}
    with zipfile.ZipFile(source, "w") as new:
        for member, content in held.items():
            if content is not None:
                new.writestr(member, content)


def test_a_backup_counts_and_names_what_it_holds(made, app):
    target, manifest = made
    with zipfile.ZipFile(target) as archive:
        held = set(archive.namelist())
        assert json.loads(archive.read("manifest.json"))["counts"] == manifest.counts
    assert held == {"manifest.json", f"database.{'sqlite' if manifest.database == 'sqlite' else 'pgdump'}"} | {
        f"documents/{digest}" for digest in manifest.documents
    }
    assert (manifest.counts["claims"], manifest.counts["documents"], manifest.missing) == (1, 1, [])
    assert target.stat().st_mode & 0o077 == 0
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(".backup-")] == []


def test_a_sound_backup_passes(made):
    target, manifest = made
    assert backup_checks.verify(target) == backup_checks.Checked(manifest=manifest)


def test_a_restore_brings_everything_back(made, submitted, letter, deed, app):
    target, manifest = made
    number, digest = submitted.number, letter.sha256
    with transaction():
        submitted.payer_control_number = "LATER"
    documents.store().path(digest).unlink()
    backups.restore(target, deed, manifest, force=True)
    claim = db.session.query(Claim).one()
    assert (claim.number, claim.payer_control_number) == (number, None)
    assert documents.read(db.session.query(Document).one()) == b"Notice of denial"
    events, broken = history.verify(app.config["AUDIT_KEY"].encode())
    assert (events, broken) == (manifest.counts["events"] + 1, None)
    assert db.session.query(Event).order_by(Event.id.desc()).first().action == "restore_backup"


def test_a_database_with_claims_is_not_replaced_unasked(made, deed):
    target, manifest = made
    with pytest.raises(Refused, match="holds 1 claims"):
        backups.restore(target, deed, manifest)


def test_a_changed_document_is_found(made):
    target, manifest = made
    digest = manifest.documents[0]
    rewritten(target, f"documents/{digest}", b"Notice of approval")
    assert backup_checks.verify(target).faults == (
        f"{target}: document {digest} has changed since the backup was made.",
    )
    rewritten(target, f"documents/{digest}", None)
    assert backup_checks.verify(target).faults == (f"{target}: document {digest} is missing.",)


def test_a_changed_database_is_found(made):
    target, _ = made
    name = next(name for name in zipfile.ZipFile(target).namelist() if name.startswith("database."))
    rewritten(target, name, zipfile.ZipFile(target).read(name)[:-1] + b"!")
    assert backup_checks.verify(target).faults == (f"{target}: the database has changed since the backup was made.",)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("format", 2, "a newer version: update first"),
        ("schema", "9999", "which this release does not know"),
        ("counts", None, "this is no backup of Clinic Claims"),
    ],
)
def test_a_manifest_that_does_not_fit_is_told(made, key, value, said):
    target, _ = made
    document = json.loads(zipfile.ZipFile(target).read("manifest.json")) | {key: value}
    rewritten(target, "manifest.json", json.dumps(document))
    checked = backup_checks.verify(target)
    assert checked.manifest is None
    assert said in checked.faults[0]


@pytest.mark.parametrize("data", [b"", b"nothing of the kind", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_backup_is_told(app, tmp_path, data):
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    assert "this is no backup of Clinic Claims" in backup_checks.verify(path).faults[0]


def test_a_cut_archive_is_told(made):
    target, _ = made
    target.write_bytes(target.read_bytes()[:-200])
    assert backup_checks.verify(target).faults


def test_damage_anywhere_in_the_database_is_told(made):
    """A run of zeros may be packed in several ways: a flipped bit that unpacks to the same bytes is no damage."""
    target, _ = made
    with zipfile.ZipFile(target) as archive:
        member = next(member for member in archive.infolist() if member.filename.startswith("database."))
        whole = archive.read(member)
    data = target.read_bytes()
    start, step = member.header_offset + 30 + len(member.filename), member.compress_size // 40
    told = 0
    for place in range(start + step, start + member.compress_size - step, step):
        target.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        faults = backup_checks.verify(target).faults
        assert faults or unpacked(target, member.filename) == whole, place
        told += bool(faults)
    assert told > 30


def unpacked(target, name):
    with zipfile.ZipFile(target) as archive:
        return archive.read(name)


def test_the_way_back_to_before_an_upgrade(made, deed):
    target, manifest = made
    with transaction():
        db.session.execute(db.text("CREATE TABLE newer (claim_id INTEGER NOT NULL REFERENCES claim (id))"))
        db.session.execute(db.text("INSERT INTO newer SELECT id FROM claim"))
        db.session.execute(db.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="made by a newer release"):
        backups.restore(target, deed, manifest)
    backups.restore(target, deed, manifest, force=True)
    assert upkeep.version() == upkeep.known_versions()[-1]
    assert not db.inspect(db.engine).has_table("newer")
    assert db.session.query(Claim).count() == 1


def test_sessions_and_invitations_of_that_day_do_not_come_back(submitted, deed, tmp_path):
    with transaction():
        user, _ = accounts.add_user("D. Park", "d.park@clinic.example", ["biller"], deed)
        db.session.flush()
        secret = invitations.invite(user, deed)
        db.session.add(UserSession(key="k", user_id=user.id, data="{}", created_at=deed.at, seen_at=deed.at))
    manifest = backups.make(tmp_path / "clinic.zip", deed)
    assert invitations.guest(secret, deed.at) is not None
    backups.restore(tmp_path / "clinic.zip", deed, manifest, force=True)
    assert invitations.guest(secret, deed.at) is None
    assert db.session.query(UserSession).count() == 0


def test_a_missing_document_is_told_and_the_rest_is_saved(letter, deed, tmp_path):
    documents.store().path(letter.sha256).unlink()
    manifest = backups.make(tmp_path / "clinic.zip", deed)
    assert (manifest.missing, manifest.documents) == ([letter.sha256], [])
    checked = backup_checks.verify(tmp_path / "clinic.zip")
    assert (checked.faults, len(checked.notes)) == ((), 1)


def test_seals_of_another_installation_are_noted(made, app):
    target, _ = made
    app.config["AUDIT_KEY"] = "another key altogether"
    checked = backup_checks.verify(target)
    assert checked.faults == ()
    assert "another audit key" in checked.notes[0]


def test_a_backup_whose_audit_key_is_not_in_place_waits_for_it(made, app, deed):
    target, manifest = made
    ours, app.config["AUDIT_KEY"] = app.config["AUDIT_KEY"], "another key altogether"
    with pytest.raises(Refused, match=r"put the secrets\.json"):
        backups.restore(target, deed, manifest, force=True)
    backups.restore(target, deed, manifest, force=True, lost_key=True)
    keys = app.config["AUDIT_KEY"].encode(), ours.encode()
    assert (history.verify(keys[0]), history.unproved(keys[0])) == ((2, None), manifest.counts["events"])
    assert (history.verify(*keys), history.unproved(*keys)) == ((manifest.counts["events"] + 2, None), 0)


def test_a_failed_backup_leaves_the_old_one(made, deed, monkeypatch):
    target, _ = made
    before = target.read_bytes()
    monkeypatch.setattr(backups, "_pack", lambda *_: 1 / 0)
    told = history.anchor()
    with pytest.raises(ZeroDivisionError):
        backups.make(target, deed)
    assert (target.read_bytes(), history.anchor()) == (before, told)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # a dump of PostgreSQL is vouched for by its hash
def test_a_history_forged_inside_the_backup_is_found(made, tmp_path):
    target, _ = made
    with zipfile.ZipFile(target) as archive:
        archive.extract("database.sqlite", tmp_path)
    connection = sqlite3.connect(tmp_path / "database.sqlite")
    with connection:
        connection.execute("DROP TRIGGER event_is_not_edited")
        connection.execute("UPDATE event SET sentence = 'All is well.' WHERE id = 2")
    connection.close()
    forged = tmp_path / "database.sqlite"
    rewritten(target, "database.sqlite", forged.read_bytes())
    document = json.loads(zipfile.ZipFile(target).read("manifest.json"))
    rewritten(target, "manifest.json", json.dumps(document | {"database_sha256": backups.digest_of(forged)}))
    (fault,) = backup_checks.verify(target).faults
    assert fault.startswith(f"{target}: event 2 of 2026-11-20")


@pytest.fixture
def key(tmp_path):
    sealing.new_key(tmp_path / "key")
    return sealing.read_key(tmp_path / "key")


def test_a_sealed_backup_shows_nothing_and_opens_with_its_key(letter, deed, tmp_path, key):
    target = tmp_path / "clinic.sealed"
    manifest = backups.make(target, deed, key)
    data = target.read_bytes()
    assert [
        word for word in (b"Castellano", b"manifest.json", b"SQLite", b"PGDMP", b"PK\x03\x04") if word in data[40:]
    ] == []
    assert backup_checks.verify(target, key) == backup_checks.Checked(manifest=manifest)
    assert target.stat().st_mode & 0o077 == 0


def test_a_sealed_backup_is_restored(submitted, letter, deed, tmp_path, key, app):
    target, digest = tmp_path / "clinic.sealed", letter.sha256
    manifest = backups.make(target, deed, key)
    documents.store().path(digest).unlink()
    backups.restore(target, deed, manifest, force=True, key=key)
    assert documents.read(db.session.query(Document).one()) == b"Notice of denial"
    assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("tmp")] == []


def test_a_sealed_backup_without_its_key_says_so(letter, deed, tmp_path, key):
    target = tmp_path / "clinic.sealed"
    backups.make(target, deed, key)
    assert backup_checks.verify(target).faults == (
        f"{target}: this backup is sealed: give the key it was made with, as --key-file FILE.",
    )
    with pytest.raises(sealing.Sealed, match="another key"):
        backup_checks.verify(target, bytes(32))


def test_what_a_killed_backup_left_is_swept_after_a_day(letter, deed, tmp_path):
    old, young = tmp_path / ".backup-old", tmp_path / ".backup-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "archive").write_text("patients")
    long_ago = time.time() - 2 * backups.A_DAY
    os.utime(old, (long_ago, long_ago))
    backups.make(tmp_path / "clinic.zip", deed)
    assert (old.exists(), young.exists()) == (False, True)
