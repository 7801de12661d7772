"""A clinic of made-up claims on either database, for processes that will be killed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from clinic_claims.db import db, transaction
from clinic_claims.models import Clinic
from clinic_claims.services import seeding, upkeep

from .works import deed_of, open_app

CLAIMS = 150
PLACE = {"street": "2200 Lakeshore Terrace", "city": "Westmere", "state": "TX", "zip": "75999", "phone": "2145550142"}


@dataclass
class Place:
    """Where a clinic lives, and the application that looks at it between crashes."""

    folder: Path
    address: str
    app: Flask


@pytest.fixture(scope="session")
def seeded_sqlite(tmp_path_factory, empty_sqlite) -> Path:
    folder = shutil.copytree(empty_sqlite.parent, tmp_path_factory.mktemp("seeded") / "office")
    app = open_app(folder, "")
    with app.app_context():
        seed(app)
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """A seeded clinic of this test's own, in its application's context."""
    folder, address = tmp_path / "office", ""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("seeded_sqlite"), folder)
    else:
        folder.mkdir()
        address = request.getfixturevalue("postgres_url")
    app = open_app(folder, address)
    with app.app_context():
        if address:
            db.create_all()
            seed(app)
        yield Place(folder, address, app)
        db.session.remove()
        db.engine.dispose()


def seed(app: Flask) -> None:
    """Made-up claims, and the version that the tables stand for."""
    seeding.load(CLAIMS, 1, deed_of(app))
    with transaction():
        db.session.add(Clinic(name="Harbor Light", npi="1234567893", tin="12-3456789", taxonomy="2084N0400X", **PLACE))
    with db.engine.begin() as connection:
        connection.execute(db.text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        newest = {"newest": upkeep.known_versions()[-1]}
        connection.execute(db.text("INSERT INTO alembic_version VALUES (:newest)"), newest)
