"""A clinic moves between databases whole, or not at all."""

from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text

from clinic_claims import create_app
from clinic_claims.db import db, prepare, transaction
from clinic_claims.models import Claim, Event, Patient
from clinic_claims.services import documents, history, moving
from clinic_claims.services.deeds import Refused

from ..conftest import SETTINGS


@pytest.fixture
def target(app, request, tmp_path):
    """An empty database of the other kind."""
    kind = db.engine.dialect.name
    address = request.getfixturevalue("postgres_url") if kind == "sqlite" else f"sqlite:///{tmp_path / 'new.sqlite'}"
    engine = create_engine(address)
    prepare(engine)
    db.metadata.create_all(engine)
    yield engine
    engine.dispose()


@contextmanager
def opened(target, folder):
    """The application on the new database."""
    address = target.url.render_as_string(hide_password=False)
    with create_app(SETTINGS | {"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": address}).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def filled(submitted, deed):
    with transaction():
        documents.add(b"Notice of denial", "denial_notice", "Notice – with “quotes”", deed, about=submitted)
    db.session.remove()


def test_everything_arrives_as_it_was(filled, target, app, tmp_path):
    counts = moving.copy(db.engine, target)
    assert (counts["claim"], counts["document"], counts["patient"]) == (1, 1, 1)
    assert counts["event"] > 10
    with opened(target, tmp_path):
        assert moving.prove(app.config["AUDIT_KEY"].encode()) == counts["event"]
        claim = db.session.query(Claim).one()
        assert (claim.number, str(claim.charged), claim.case.patient.last_name) == (
            "HL-26-1001",
            "652.00",
            "Castellano",
        )


def test_the_new_database_gives_out_new_keys(filled, target, app, deed, tmp_path):
    moving.copy(db.engine, target)
    with opened(target, tmp_path):
        with transaction():
            before = db.session.query(Patient).one()
            fields = {"mrn": "HL-2", "last_name": "Chen", "first_name": "Wei", "name_key": "chen wei"}
            patient = Patient(born_on=before.born_on, **fields)
            history.record(patient, "enter_patient", deed, sentence="Entered.")
            assert patient.id > before.id
        assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None


def test_a_target_that_holds_anything_is_refused(filled, target):
    with target.begin() as connection:
        connection.execute(text("INSERT INTO throttle (key, since, count) VALUES ('x', '2026-01-01', 1)"))
    with pytest.raises(Refused, match="holds data already \\(throttle\\)"):
        moving.copy(db.engine, target)


def test_a_row_that_arrives_otherwise_undoes_the_move(filled, target, monkeypatch):
    real = moving._copy_table

    def copy(table, old, new):
        count = real(table, old, new)
        if table.name == "patient":
            new.execute(text("UPDATE patient SET phone = '0'"))
        return count

    monkeypatch.setattr(moving, "_copy_table", copy)
    with pytest.raises(Refused, match="did not arrive as they were: patient"):
        moving.copy(db.engine, target)
    with target.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM claim")) == 0


def test_a_history_that_does_not_add_up_is_not_moved(filled):
    with pytest.raises(Refused, match="The history does not add up: event 1 of"):
        moving.prove(b"another key")
    assert db.session.query(Event).count() > 10
