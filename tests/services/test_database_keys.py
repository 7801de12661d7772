"""The embedded database can be encrypted, moved to another key, backed up and restored; without its key it is noise."""

import shutil
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from clinic_claims import create_app
from clinic_claims.cli.common import sentences
from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Payer
from clinic_claims.sealing import Sealed
from clinic_claims.services import backup_checks, backups, database_keys, history, upkeep
from clinic_claims.services.deeds import Refused

from ..conftest import SETTINGS


@pytest.fixture
def keys(tmp_path):
    """Two keys in their files."""
    for name, pair in (("first", "ab"), ("second", "cd")):
        (tmp_path / name).write_text(pair * 32)
    return tmp_path / "first", tmp_path / "second"


@contextmanager
def opened(folder, key=""):
    app = create_app(SETTINGS | {"INSTANCE": folder, "DATABASE_KEY_FILE": str(key)})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def house(tmp_path, empty_sqlite):
    """A database in the plain with one payer."""
    folder = tmp_path / "house"
    folder.mkdir()
    shutil.copy(empty_sqlite, folder / "clinic_claims.sqlite")
    with opened(folder), transaction():
        db.session.add(Payer(name="Castellano Mutual", edi_id="LONEP", aliases=[]))
        db.session.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        db.session.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": upkeep.known_versions()[-1]})
    return folder


def change(folder, old, new):
    with opened(folder, old):
        database_keys.change(bytes.fromhex(new.read_text()))


def held(folder):
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def payers(folder, key=""):
    with opened(folder, key):
        return [payer.name for payer in db.session.query(Payer).order_by(Payer.id)]


def test_a_database_is_encrypted_and_its_key_changed(house, keys):
    first, second = keys
    assert b"Castellano" in held(house)
    change(house, "", first)
    assert b"Castellano" not in held(house)
    assert payers(house, first) == ["Castellano Mutual"]
    change(house, first, second)
    assert payers(house, second) == ["Castellano Mutual"]
    with pytest.raises(DatabaseError, match="not a database") as caught:
        payers(house, first)
    assert sentences(caught.value)[0].startswith("The database does not open")
    assert (house / "clinic_claims.sqlite").stat().st_mode & 0o077 == 0
    assert not (house / "clinic_claims.rekeyed").exists()


def test_what_is_written_afterwards_is_encrypted_too(house, keys):
    change(house, "", keys[0])
    with opened(house, keys[0]), transaction():
        db.session.add(Payer(name="Wei Chen Insurance", edi_id="X", aliases=[]))
        db.session.flush()
        assert b"Wei Chen" not in held(house)
    assert b"Wei Chen" not in held(house)


def test_a_database_in_use_keeps_its_key(house, keys):
    reading, over = threading.Event(), threading.Event()

    def read():
        with opened(house):
            db.session.query(Payer).one()
            reading.set()
            over.wait()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait()
    with pytest.raises(Refused, match="stop the server and the workers first"):
        change(house, "", keys[0])
    over.set()
    reader.join()
    assert payers(house) == ["Castellano Mutual"]


def test_a_backup_of_an_encrypted_database_is_encrypted_and_comes_back(house, keys, deed, tmp_path):
    target = tmp_path / "clinic.zip"
    change(house, "", keys[0])
    with opened(house, keys[0]) as app:
        manifest = backups.make(target, deed)
        assert backup_checks.verify(target).faults == ()
        backups.restore(target, deed, manifest)
        assert db.session.query(Claim).count() == 0
        assert db.session.query(Payer).one().name == "Castellano Mutual"
        assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None
    assert b"Castellano" not in held(house)
    with opened(house.parent, keys[1]):
        assert backup_checks.verify(target).faults == (f"{target}: {backup_checks.OTHER_DATABASE_KEY}.",)


def test_a_missing_or_bad_key_is_told(house, keys):
    keys[0].write_text("short")
    with pytest.raises(Sealed, match="64 hexadecimal digits"):
        payers(house, keys[0])
    with pytest.raises(FileNotFoundError):
        payers(house, keys[0].with_name("none"))


def test_a_server_is_not_encrypted_by_us(make_app, postgres_url):
    make_app(postgres_url)
    with pytest.raises(Refused, match="Only the embedded database"):
        database_keys.change(bytes(32))
