"""The primary dies under work: the standby takes over, the application goes on by itself, no saved work is lost."""

import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from clinic_claims.db import db, transaction
from clinic_claims.models import Note
from clinic_claims.services import accounts, database_copies

from ..web.conftest import send, token_of
from ..web.test_outages import kept
from . import soundness
from .conftest import seed
from .pair import Pair
from .works import LONG, deed_of, do_deeds, open_app

WRITERS, BEFORE, AFTER = 4, 2, 2  # pieces of work that each does before the crash, and after it


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


@contextmanager
def at_work(app) -> Generator[list[Writer]]:
    """Let writers work for as long as the block runs, and no longer, however it ends."""
    writers = [Writer(app) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.stop()


def test_the_standby_takes_over_and_no_acknowledged_work_is_lost(pair, tmp_path):
    app = open_app(tmp_path, pair.address)
    with app.app_context():
        db.create_all()
        seed(app)
        can_be_saved(tmp_path / "before.pgdump")
        db.session.remove()
    with at_work(app) as writers:
        assert all(writer.well_under_way.wait(LONG) for writer in writers)
        pair.primary.kill()
        pair.standby.promote()
        assert all(writer.goes_on(AFTER) for writer in writers)
    assert sum(writer.errors for writer in writers) > 0, "nobody noticed the crash"
    with app.app_context():
        soundness.check(app, {"deeds": [number for writer in writers for number in writer.saved]})
        can_be_saved(tmp_path / "after.pgdump")
        db.engine.dispose()


def test_pages_ask_for_a_moment_and_go_on_by_themselves(pair, tmp_path):
    """Somebody sends a form into the switch-over: it is kept, sent again and saved once, and nobody is signed out."""
    app = open_app(tmp_path, pair.address)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = somebody_at_work(app)
    note = {"csrf_token": token_of(client, "/account"), "kind": "note", "text": "Asked for the notice"}
    assert client.post("/notes/claim/1", data=note).status_code == 302
    pair.primary.kill()
    for answer in (client.get("/claims/1"), client.post("/notes/claim/1", data=note | {"text": "Asked again"})):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    pair.standby.promote()
    again = client.post("/notes/claim/1", data=kept(answer.text))
    assert again.status_code == 302
    assert "Asked again" in client.get(again.location).text
    with app.app_context():
        notes = db.session.query(Note).order_by(Note.id)
        assert [note.text for note in notes] == ["Asked for the notice", "Asked again"]
        soundness.check(app, {})
        db.engine.dispose()


def somebody_at_work(app):
    """A clinic on the pair, and a biller signed in."""
    with app.app_context():
        db.create_all()
        seed(app)
        with transaction():
            user, password = accounts.add_user("Dana Park", "d.park@clinic.example", ["biller"], deed_of(app))
            user.must_change_password = False
    client = app.test_client()
    assert send(client, "/login", email="d.park@clinic.example", password=password).status_code == 302
    return client


def can_be_saved(target: Path) -> None:
    """PostgreSQL's own tools find the primary too."""
    database_copies.save(target)
    database_copies.readable(target)
