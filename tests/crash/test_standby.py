"""The primary dies under work: the standby takes over, the application goes on by itself, no saved work is lost."""

import tempfile
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from clinic_claims.db import db
from clinic_claims.services import database_copies

from . import soundness
from .conftest import seed
from .pair import Pair
from .works import do_deeds, open_app

WRITERS, BEFORE, AFTER = 4, 5, 5  # pieces of work that each does before the crash, and after it
LONG = 60  # seconds until a writer that cannot go on has failed


@pytest.fixture
def pair():
    with tempfile.TemporaryDirectory(prefix="clinic-pair-", ignore_cleanup_errors=True) as folder:
        pair = Pair(Path(folder))
        yield pair
        pair.standby.stop()


class Writer(threading.Thread):
    """Somebody who works on, and tries again after an error page."""

    def __init__(self, app) -> None:
        super().__init__(daemon=True)
        self._app, self._over = app, threading.Event()
        self.saved, self.errors, self.well_under_way = [], 0, threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            with self._app.app_context():
                try:
                    self._work()
                except DBAPIError:
                    self.errors += 1
                    self._over.wait(0.05)

    def _work(self) -> None:
        for number in do_deeds(self._app):
            self.saved.append(number)
            if len(self.saved) >= BEFORE:
                self.well_under_way.set()
            if self._over.is_set():
                return

    def goes_on(self, further: int) -> bool:
        """Wait until it saved that much more."""
        wanted = len(self.saved) + further
        waited = threading.Event()
        for _ in range(LONG * 20):
            if len(self.saved) >= wanted:
                return True
            waited.wait(0.05)
        return False

    def stop(self) -> None:
        self._over.set()
        self.join()


def test_the_standby_takes_over_and_no_acknowledged_work_is_lost(pair, tmp_path):
    app = open_app(tmp_path, pair.address)
    with app.app_context():
        db.create_all()
        seed(app)
        can_be_saved(tmp_path / "before.pgdump")
        db.session.remove()
    writers = [Writer(app) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    assert all(writer.well_under_way.wait(LONG) for writer in writers)
    pair.primary.kill()
    pair.standby.promote()
    assert all(writer.goes_on(AFTER) for writer in writers)
    for writer in writers:
        writer.stop()
    assert sum(writer.errors for writer in writers) > 0, "nobody noticed the crash"
    with app.app_context():
        soundness.check(app, {"deeds": [number for writer in writers for number in writer.saved]})
        can_be_saved(tmp_path / "after.pgdump")
        db.engine.dispose()


def can_be_saved(target: Path) -> None:
    """PostgreSQL's own tools find the primary too."""
    database_copies.save(target)
    database_copies.readable(target)
