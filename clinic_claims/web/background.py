"""Do long work where no worker runs beside the pages: one thread of this process, awake while work waits.

The jobs are the worker's own, with the same leases: a process that is killed loses nothing, and workers that are
started later share the work.
"""

import logging
import threading

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db import db
from ..services import jobs, progress
from ..services.deeds import Deed
from ..services.job_kinds import KINDS
from . import outages, sessions

PAUSE = 0.5  # seconds between looks while a job waits for its second try
ACTOR = "this computer"
ONLY_READ = {"imports.index", "imports.results", "batches.index", "batches.show", "account.time_left"}

logger = logging.getLogger(__name__)


class Helper:
    """The thread of one application; it ends by itself when nothing is left to do."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._guard = threading.Lock()
        self._asked = False
        self.thread: threading.Thread | None = None

    def wake(self) -> None:
        """Have the waiting jobs done here, unless workers do them."""
        if not self._app.config["WORKS_ALONE"]:
            return
        with self._guard:
            self._asked = True
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="background", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while self._is_wanted():
            try:
                self._work_off()
            except Exception as error:  # the database may be away: pages say so, and the next one wakes us again
                logger.error("background work stopped: %s", type(error).__name__)

    def _is_wanted(self) -> bool:
        """Say whether somebody asked since; else the thread is over, decided under the same lock as `wake`."""
        with self._guard:
            wanted, self._asked = self._asked, False
            if not wanted:
                self.thread = None
            return wanted

    def _work_off(self) -> None:
        """Do jobs until none is left, those that wait for another try too."""
        pause = threading.Event()
        while True:
            with self._app.app_context():
                g.only_reads = True  # until a job has its effect to write, nobody is kept waiting
                book, timezone = self._app.extensions["rulebook"], self._app.config["TIMEZONE"]
                if jobs.run_next(KINDS, Deed(ACTOR, now(), book, timezone)):
                    continue
                if jobs.next_at() is None:
                    return
            pause.wait(PAUSE)


def init_app(app: Flask) -> None:
    """Give the application its thread, asleep, and say to others when it keeps them waiting."""
    app.extensions["background"] = Helper(app)
    app.before_request(_say_busy)


def _say_busy() -> ResponseReturnValue | None:
    """Answer at once instead of letting requests pile up behind a large file on the embedded database."""
    if db.engine.dialect.name != "sqlite" or request.blueprint == "health" or request.endpoint in (None, "static"):
        return None
    told = progress.long_under_way()
    if told is None:
        return None
    sessions.current().is_a_look = True  # to note the visit would wait as well
    return None if request.endpoint in ONLY_READ and request.method == "GET" else outages.answer(outages.Busy(told))


def wake() -> None:
    """Have waiting work done here, unless workers do it."""
    current_app.extensions["background"].wake()
