"""Kill -9 at random moments during every kind of work, on both databases; after each kill everything is checked."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clinic_claims.db import db
from clinic_claims.services import jobs, upkeep

from ..crash import soundness
from ..crash.conftest import Place, seed
from ..crash.killing import Victim, kill_at_work, kill_within
from ..crash.test_kills import run_out_leases
from ..crash.works import deed_of, open_app
from ..postgres import Cluster
from .harness import Figure, Results

EACH = 20  # kills of each of five kinds on each of two databases
JOBS = 800


def measure(results: Results) -> None:
    with tempfile.TemporaryDirectory(prefix="clinic-pg-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder))
        cluster.start()
        for database in ("sqlite", "postgresql"):
            for work in ("imports", "deeds", "letters", "backups", "migrations", "jobs"):
                address = cluster.url(cluster.create_database()) if database == "postgresql" else ""
                results.add(Figure(f"{work}, {database}", survived(work, address), EACH, "kills", "1.00"))
        cluster.stop()


def survived(work: str, address: str) -> int:
    """Kill as often as wanted; a check that fails ends the run with what it found."""
    chance = random.Random(work + address[:6])
    with place(address, empty=work == "migrations") as here:
        told: list[str] = []
        if work == "jobs":
            ask_for_jobs(here)
        for _ in range(EACH):
            told += ROUNDS.get(work, _at_work)(here, work, chance)
            look_after(here, work, told)
        if work == "jobs":
            finish_jobs(here)
    return EACH


@contextmanager
def place(address: str, *, empty: bool) -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        app = open_app(Path(folder), address)
        with app.app_context():
            if not empty:
                db.create_all()
                seed(app)
            yield Place(Path(folder), address, app)
            db.session.remove()
            db.engine.dispose()


def look_after(here: Place, work: str, told: list[str]) -> None:
    if work == "migrations":
        tables = set(db.inspect(db.engine).get_table_names()) - {"alembic_version"}
        assert (upkeep.version() is None) == (not tables)
        db.drop_all()
        with db.engine.begin() as connection:
            connection.execute(db.text("DROP TABLE IF EXISTS alembic_version"))
        return
    if work == "backups":
        soundness.backup_is_whole(here.folder / "clinic.zip", told)
    soundness.check(here.app, {work: told})


def ask_for_jobs(here: Place) -> None:
    with jobs.transaction():
        for each in range(JOBS):
            jobs.enqueue("note", {"title": f"N{each}"}, deed_of(here.app), key=str(each), batch="notes")


def finish_jobs(here: Place) -> None:
    run_out_leases()
    Victim("jobs", here.folder, here.address).kill_after(120)
    soundness.notes_are_kept_once(JOBS)


def _at_work(here: Place, work: str, chance: random.Random) -> list[str]:
    return kill_at_work(work, here.folder, here.address, chance)


def _within_a_second(here: Place, work: str, chance: random.Random) -> list[str]:
    return kill_within(work, here.folder, here.address, 1.0, chance)


def _at_a_job(here: Place, work: str, chance: random.Random) -> list[str]:
    run_out_leases()
    return kill_at_work(work, here.folder, here.address, chance)


ROUNDS = {"backups": _within_a_second, "migrations": _within_a_second, "jobs": _at_a_job}
