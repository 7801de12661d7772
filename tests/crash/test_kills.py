"""A process may be killed at any moment, whatever it does: what was acknowledged stays, the rest never happened."""

import random

import pytest

from clinic_claims.db import db
from clinic_claims.models import Job
from clinic_claims.services import jobs, upkeep

from . import soundness
from .killing import Victim, kill_at_work, kill_within, settle
from .works import LONG, deed_of, open_app

KILLS = 3  # of each kind, on each database; `./dev bench crash` kills more often


@pytest.mark.parametrize("work", ["imports", "deeds", "letters"])
def test_what_was_acknowledged_stays_and_nothing_is_half_done(place, work):
    chance, told = random.Random(work), []
    for _ in range(KILLS):
        told += kill_at_work(work, place.folder, place.address, chance)
        soundness.check(place.app, {work: told})


def test_a_backup_is_whole_or_is_not_there(place):
    chance, told, target = random.Random(5), [], place.folder / "clinic.zip"
    for _ in range(KILLS):
        told += kill_within("backups", place.folder, place.address, 0.8, chance)
        soundness.backup_is_whole(target, told)
    soundness.check(place.app, {})


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_migration_is_done_or_not_begun(database, request, tmp_path):
    address = request.getfixturevalue("postgres_url") if database == "postgresql" else ""
    app, chance = open_app(tmp_path, address), random.Random(7)
    with app.app_context():
        for _ in range(KILLS):
            kill_within("migrations", tmp_path, address, 0.5, chance)
            tables = set(db.inspect(db.engine).get_table_names()) - {"alembic_version"}
            assert (upkeep.version() is None) == (not tables)
        upkeep.upgrade()
        assert upkeep.version() == upkeep.known_versions()[-1]
        db.engine.dispose()


def test_two_workers_lose_no_job_and_do_none_twice(place):
    """Leases of the killed are run out by hand, as a minute would."""
    number, chance = 60, random.Random(11)
    with jobs.transaction():
        for each in range(number):
            jobs.enqueue("note", {"title": f"N{each}"}, deed_of(place.app), key=str(each), batch="notes")
    for _ in range(KILLS):
        victims = [Victim("jobs", place.folder, place.address) for _ in range(2)]
        for victim in victims:
            victim.kill_after(chance.uniform(0.05, 0.3))
        settle()
        run_out_leases()
    Victim("jobs", place.folder, place.address).kill_after(LONG)
    soundness.notes_are_kept_once(number)
    soundness.check(place.app, {})


def run_out_leases() -> None:
    with jobs.transaction():
        for job in db.session.query(Job).filter_by(state="running"):
            job.ready_at = job.asked_at
