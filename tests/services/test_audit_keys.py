"""The key that seals the history is changed: what was sealed before stays proved, and a wrong key says so."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.orm import make_transient

from clinic_claims.db import db, transaction
from clinic_claims.models import Event
from clinic_claims.models.history import KeyMissing, audit_keys, lift_guard, name_of
from clinic_claims.services import audit_keys as changing
from clinic_claims.services import backup_checks, backups, condition, history, retention, upkeep
from clinic_claims.services.deeds import Refused

OLD = "test-audit-key-0123456789abcdef0123"
NEW, NEWEST, STRANGE = (f"{word} audit key of forty or so characters" for word in ("new", "newest", "strange"))


@pytest.fixture
def put(app):
    """Put keys in place, the one at work first, as a restart with other settings does."""

    def run(key, *before):
        app.config.update({"AUDIT_KEY": key, "AUDIT_KEYS_BEFORE": list(before)})

    return run


@pytest.fixture
def changed(submitted, put, deed):
    """A history of two keys: six events or so under the old, two under the new."""
    put(NEW, OLD)
    with transaction():
        history.record(submitted, "edit_claim", deed, sentence="Still under the old key.")
    with transaction():
        changing.change(deed)
        history.record(submitted, "edit_claim", deed, sentence="Under the new key.")


def verify():
    return history.verify(*audit_keys())


def sealed_with(key: str) -> list[bool]:
    told = db.session.query(Event).order_by(Event.id)
    return [entry.digest == entry.sealed(key.encode(), entry.previous) for entry in told]


def test_each_part_is_sealed_with_its_own_key_and_the_walk_goes_across(changed):
    count, broken = verify()
    assert (count, broken) == (len(sealed_with(OLD)), None)
    assert sealed_with(OLD) == [True] * (count - 2) + [False] * 2
    assert sealed_with(NEW) == [False] * (count - 2) + [True] * 2


def test_a_key_is_changed_again_and_again(changed, put, deed):
    put(NEWEST, NEW, OLD)
    with transaction():
        assert changing.change(deed) == name_of(NEWEST.encode())
    assert verify()[1] is None


def test_a_key_that_is_at_work_is_not_changed_to_itself(changed, deed):
    with pytest.raises(Refused, match="Put a new key in place first"):
        changing.change(deed)


def test_a_process_without_the_new_key_writes_nothing(changed, put, submitted, deed):
    put(OLD)
    with pytest.raises(KeyMissing, match=f"sealed with audit key {name_of(NEW.encode())}"), transaction():
        history.record(submitted, "edit_claim", deed)
    put(NEW, OLD)
    assert verify()[1] is None


@pytest.mark.parametrize("keys", [(NEW,), (OLD,), (STRANGE, OLD)])
def test_a_key_that_is_missing_is_named(changed, put, keys):
    put(*keys)
    missing = OLD if NEW in keys else NEW
    with pytest.raises(KeyMissing, match=name_of(missing.encode())):
        verify()
    assert name_of(missing.encode()) in condition._history()


def test_a_wrong_key_before_any_change_says_so(submitted, put):
    put(STRANGE)
    assert "or AUDIT_KEY is not the key" in verify()[1]


def test_nothing_is_done_under_a_key_that_sealed_none_of_the_history(changed, put):
    changing.check()
    put(STRANGE)
    with pytest.raises(KeyMissing):
        changing.check()


def test_a_wrong_key_before_any_change_stops_work_but_one_changed_entry_does_not(submitted, put):
    with transaction():
        lift_guard(db.session.connection())
        db.session.execute(text("UPDATE event SET sentence = 'x' WHERE id = (SELECT max(id) FROM event)"))
    changing.check()
    put(STRANGE)
    with pytest.raises(Refused, match="not the key that this history was written with"):
        changing.check()


def test_a_lost_key_is_given_up_and_the_history_goes_on(changed, put, deed, later):
    before = verify()[0]
    put(NEWEST)
    with transaction():
        assert changing.give_up_at_work(deed) == name_of(NEWEST.encode())
        history.record("session", "sign_in", deed)
    assert (verify(), history.unproved(*audit_keys())) == ((2, None), before)
    put(STRANGE, NEWEST)
    with transaction():
        changing.change(later(1))
    assert (verify(), history.unproved(*audit_keys())) == ((3, None), before)
    put(STRANGE, NEWEST, NEW, OLD)  # found again after all
    assert (verify(), history.unproved(*audit_keys())) == ((before + 3, None), 0)


def test_a_key_that_is_in_place_is_not_given_up(changed, deed):
    with pytest.raises(Refused, match="without --lost"):
        changing.give_up_at_work(deed)


def test_what_was_given_up_cannot_be_put_in_front_of_what_was_changed_later(changed, put, deed):
    put(NEWEST)
    with transaction():
        changing.give_up_at_work(deed)
        history.record("session", "sign_in", deed)
    with transaction():
        lift_guard(db.session.connection())
        db.session.execute(text("UPDATE event SET sentence = 'x' WHERE action = 'change_audit_key'"))
    assert "was changed" in str(verify()[1])


def test_the_old_key_alone_rewrites_nothing(changed, deed):
    """Somebody who has the old key changes an event and seals all that follows anew: the seal of the change holds."""
    events, previous = db.session.query(Event).order_by(Event.id).all(), ""
    statement = text("UPDATE event SET sentence = :told, previous = :before, digest = :digest WHERE id = :id")
    with transaction(), db.session.no_autoflush:
        lift_guard(db.session.connection())
        for event in events[:-2]:
            make_transient(event)
            event.sentence = "All is well." if event.id == 2 else event.sentence
            digest = event.sealed(OLD.encode(), previous)
            values = {"told": event.sentence, "before": previous, "digest": digest, "id": event.id}
            db.session.execute(statement, values)
            previous = digest
    db.session.expire_all()
    assert verify()[1].startswith(f"event {len(events) - 1} of")


def test_the_change_outlives_a_purge(changed, put, later):
    with transaction():
        assert retention.purge(later(3).today, later(6 * 366)) > 0
    assert verify()[1] is None
    put(NEW)
    assert verify()[1] is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # a dump of PostgreSQL is vouched for by its hash
def test_a_backup_is_walked_across_keys_and_after_a_purge(changed, put, later, tmp_path):
    with transaction():
        db.session.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        db.session.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": upkeep.known_versions()[-1]})
    backups.make(tmp_path / "one.zip", later(1))
    assert backup_checks.verify(tmp_path / "one.zip").faults == ()
    with transaction():
        assert retention.purge(later(3).today, later(6 * 366)) > 0
    backups.make(tmp_path / "two.zip", later(6 * 366))
    assert backup_checks.verify(tmp_path / "two.zip").faults == ()
    put(NEW)
    assert "which is not in place" in backup_checks.verify(tmp_path / "one.zip").faults[0]
    assert backup_checks.verify(tmp_path / "two.zip").faults == ()


def test_a_backup_names_the_key_at_work_not_one_that_waits(submitted, put, deed, tmp_path):
    put(NEW, OLD)
    assert backups.make(tmp_path / "clinic.zip", deed).audit_key == name_of(OLD.encode())


def test_the_office_changes_its_key_by_command(office):
    as_office = {"CLINIC_CLAIMS_ENV": "office"}

    def call(*words):
        done = office.call(*words, **as_office)
        assert done.exit_code == 0, done.output
        return done.stdout

    call("seed", "--claims", "5")
    secrets = office.folder / "secrets.json"
    old = json.loads(secrets.read_text())["AUDIT_KEY"]
    assert "Restart the server" in call("audit", "change-key")
    known = json.loads(secrets.read_text())
    assert known["AUDIT_KEYS_BEFORE"] == [old] != [known["AUDIT_KEY"]]
    assert secrets.stat().st_mode & 0o077 == 0
    call("seed", "--claims", "5", "--seed", "2")
    assert "unbroken" in call("audit", "verify")
    secrets.write_text(json.dumps(known | {"AUDIT_KEYS_BEFORE": []}))
    assert "which is not in place" in office.refuse("audit", "verify", **as_office)[0]


def test_an_office_that_lost_its_secrets_says_so_before_anything_is_sealed_wrongly(office):
    def refused(*words):
        return office.refuse(*words, CLINIC_CLAIMS_ENV="office")[0]

    def call(*words):
        return office.call(*words, CLINIC_CLAIMS_ENV="office").stdout

    call("seed", "--claims", "5")
    secrets = office.folder / "secrets.json"
    kept = secrets.read_text()
    secrets.unlink()
    for words in (("worklist",), ("audit", "verify"), ("seed", "--claims", "5", "--seed", "2")):
        assert "not the key that this history was written with" in refused(*words)
    secrets.write_text(kept)
    assert "unbroken" in call("audit", "verify")
    secrets.unlink()
    assert "seals the history" in call("audit", "change-key", "--lost")
    assert "they cannot be proved" in call("audit", "verify")
