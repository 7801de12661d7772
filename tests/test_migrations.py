"""Migrations run up, end where the models are, and run down again, on both databases."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.services import upkeep

from .conftest import SETTINGS


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request, tmp_path):
    address = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    app = create_app(SETTINGS | {"INSTANCE": tmp_path, "SQLALCHEMY_DATABASE_URI": address})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables():
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_up_to_the_models_and_down_again(bare):
    assert upkeep.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, db.metadata) == []
    assert tables() == set(db.metadata.tables)
    flask_migrate.downgrade(revision="base")
    assert tables() == set()


def test_an_up_to_date_database_is_left_alone(bare):
    upkeep.upgrade()
    assert not upkeep.upgrade()


def test_an_upgrade_brings_the_worklist_to_the_rules_of_this_release(app, submitted, monkeypatch):
    monkeypatch.setattr(flask_migrate, "upgrade", lambda: None)
    with transaction():
        db.session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) NOT NULL)"))
        db.session.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
        db.session.execute(text("UPDATE work_item SET next_action = 'Rest'"))
    assert upkeep.upgrade()
    assert db.session.scalar(text("SELECT next_action FROM work_item")) != "Rest"
