"""Many people at once: one file is posted once, nobody's change is lost unseen, and every count adds up."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy.orm.exc import StaleDataError

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Event, Patient, Remittance
from clinic_claims.services import history, intake, pairing
from clinic_claims.services.deeds import Deed

from ..services.era import claim as era_claim
from ..services.era import remittance
from . import soundness
from .works import deed_of

LINES = [("64612:RT", "400", "150", "CO*50*250", "N115")]
EDITORS, EDITS = 50, 2


def at_once(app, works: list[Callable[[], object]]) -> list[object]:
    """Run each in a thread and a session of its own, all let go at the same moment; errors are results."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[number] = works[number]()
            except Exception as error:
                results[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def file(place) -> bytes:
    ours = [claim.number for claim in db.session.query(Claim) if pairing.answerable(claim)][:3]
    db.session.rollback()
    return remittance([era_claim(n, "1", "400", "150", LINES) for n in (*ours, "LOST-1", "LOST-2")], trace="T-1")


def test_one_file_taken_in_by_several_at_once_is_posted_once(place, file):
    def take_in() -> str:
        with transaction():
            return intake.take_in("era.835", file, deed_of(place.app)).status

    answers = Counter(map(str, at_once(place.app, [take_in] * 6)))
    assert answers == {"posted": 1, "already_posted": 5}
    assert db.session.query(Remittance).count() == 1
    soundness.check(place.app, {"imports": ["T-1"]})


def test_fifty_editors_lose_no_update_unseen(place):
    """Each opens the same record and saves what follows from it; whoever was overtaken is told and opens it anew."""
    with transaction():
        patient = db.session.query(Patient).first()
        patient.phone, number = "0", patient.id

    def edit() -> int:
        told = 0
        for _ in range(EDITS):
            while not saved(number, opened(number), deed_of(place.app)):
                told += 1
        return told

    results = at_once(place.app, [edit] * EDITORS)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sum(results) > 0, "nobody met anybody"
    db.session.rollback()
    patient = db.session.get_one(Patient, number, populate_existing=True)
    assert patient.phone == str(EDITORS * EDITS)
    assert db.session.query(Event).filter_by(action="edit_patient").count() == EDITORS * EDITS
    soundness.check(place.app, {})


def opened(number: int) -> tuple[int, int]:
    """What the page shows: the number to count on from, and the version it stands in."""
    patient = db.session.get_one(Patient, number)
    shown = int(patient.phone), patient.version_id
    db.session.rollback()
    return shown


def saved(number: int, shown: tuple[int, int], deed: Deed) -> bool:
    """Save as a form does: by the version that was shown, or not at all."""
    try:
        with transaction():
            patient = db.session.get_one(Patient, number)
            if patient.version_id != shown[1]:
                return False
            patient.phone = str(shown[0] + 1)
            history.record(patient, "edit_patient", deed, sentence="Telephone changed.")
    except StaleDataError:
        return False
    return True
