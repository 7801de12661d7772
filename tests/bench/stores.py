"""Databases full of made-up claims, on SQLite and on a PostgreSQL of the run's own; each is seeded once a run."""

import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import text

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.services import accounts, seeding, throttle, upkeep
from clinic_claims.services.deeds import Deed

from ..postgres import Cluster

TODAY = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PASSWORD = "a calm blue morning"
EMAIL = "bench@clinic.example"


@dataclass
class Stores:
    """A folder with SQLite files and a running PostgreSQL cluster."""

    folder: Path
    cluster: Cluster

    def app(self, kind: str, claims: int) -> Flask:
        """Return an application over a database of so many claims, made and seeded when it is not there yet."""
        done = self.folder / f"{kind}-{claims}.done"
        url = self._url(kind, claims, fresh=not done.exists())
        app = create_app({"SQLALCHEMY_DATABASE_URI": url, "CLOCK": lambda: TODAY, "TESTING": True})
        if not done.exists():
            _fill(app, claims)
            done.touch()
        else:
            _bring_up(app)
        return app

    def _url(self, kind: str, claims: int, fresh: bool) -> str:
        name = f"claims_{claims}"
        if kind == "SQLite":
            if fresh:
                for left in self.folder.glob(f"{name}.sqlite*"):
                    left.unlink()
            return f"sqlite:///{self.folder / name}.sqlite"
        if fresh:
            self.cluster.drop_database(name)
            self.cluster.create_database(name)
        return self.cluster.url(name)


@contextmanager
def opened(keep: Path | None = None) -> Generator[Stores]:
    """Give a folder of databases, gone afterwards unless it is to be kept for the next run."""
    folder = keep or Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    cluster_folder = folder / "pg"
    cluster_folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    cluster = Cluster(cluster_folder)
    cluster.start()
    try:
        yield Stores(folder, cluster)
    finally:
        cluster.stop()
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _fill(app: Flask, claims: int) -> None:
    with app.app_context():
        upkeep.upgrade()
        deed = Deed("seed", TODAY, app.extensions["rulebook"])
        if claims:
            seeding.load(claims, 1, deed)
        with transaction():
            user, _ = accounts.add_user("Pat Bench", EMAIL, ["manager"], deed)
            user.password, user.must_change_password = hash_password(PASSWORD), False
        _analyze()


def _bring_up(app: Flask) -> None:
    """Bring a kept database to the version of today."""
    with app.app_context():
        if upkeep.upgrade():
            _analyze()


def _analyze() -> None:
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def signed_in(app: Flask) -> FlaskClient:
    """Sign in through the real door; searches are not limited while they are measured."""
    throttle.LIMITS["search"] = (10**9, throttle.LIMITS["search"][1])
    client = app.test_client()
    token = token_in(client.get("/login").text)
    answer = client.post("/login", data={"csrf_token": token, "email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client


def token_in(page: str) -> str:
    return page.split('name="csrf-token" content="')[1].split('"')[0]


def sizes(million: bool) -> Iterator[int]:
    yield from (10_000, 100_000)
    if million:
        yield 1_000_000
