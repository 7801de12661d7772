"""A full disk is told in a sentence and changes nothing; a clock that jumps back harms no history."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Event, Patient
from clinic_claims.services import history
from clinic_claims.services.deeds import Deed

from . import soundness
from .killing import PREPARED, said
from .works import work_until_the_disk_is_full

SMALL = {"imports": 60_000, "letters": 10_000, "backups": 50_000}  # bytes that a file may have
AS_RECEIVED = 1_000  # where a server writes the tables, ours is the file as received


@pytest.mark.parametrize("work", SMALL)
def test_a_full_disk_is_told_and_changes_nothing(place, work):
    limit = AS_RECEIVED if place.address and work == "imports" else SMALL[work]
    pipe, theirs = PREPARED.Pipe(duplex=False)
    arguments = (work, place.folder, place.address, limit, theirs)
    process = PREPARED.Process(target=work_until_the_disk_is_full, args=arguments)
    process.start()
    theirs.close()
    *told, last = said(pipe)
    process.join()
    assert isinstance(last, list), "the disk was never full"
    assert len(last) == 1
    assert any(word in last[0] for word in ("disk", "large", "failed")), last
    assert [path.name for path in place.folder.rglob("*") if path.name.startswith((".new-", ".backup-"))] == []
    if work == "backups":
        assert not (place.folder / "clinic.zip").exists()
    soundness.check(place.app, {work: told})


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # PostgreSQL waits for its disk unless it is told not to
def test_every_commit_waits_for_the_disk(place):
    assert db.session.scalar(db.text("PRAGMA synchronous")) == 2


def test_a_clock_that_jumps_back_leaves_the_history_in_order(place):
    at, numbers = datetime.now(UTC), []
    patient = db.session.query(Patient).first().id
    for jump in (0, -3, 1, -400, 0):
        deed = Deed("D. Park", at + timedelta(days=jump), place.app.extensions["rulebook"])
        with transaction():
            history.record(db.session.get_one(Patient, patient), "edit_patient", deed, sentence="Changed.")
        numbers.append(db.session.query(Event.id).order_by(Event.id.desc()).first().id)
    assert numbers == sorted(set(numbers))
    soundness.check(place.app, {})
