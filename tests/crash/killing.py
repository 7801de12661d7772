"""Start a process, let it work for a moment that nobody chose, and kill it without warning."""

import random
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import text

from clinic_claims.db import db

from .works import LONG, READY, work_until_killed

PREPARED = get_context("forkserver")
PREPARED.set_forkserver_preload(["tests.crash.works"])
A_MOMENT = 0.15  # seconds: several pieces of work
AT_WORK = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'
"""


class Victim:
    """A process at work, and what it has acknowledged so far."""

    def __init__(self, name: str, folder: Path, address: str) -> None:
        self._pipe, theirs = PREPARED.Pipe(duplex=False)
        self._process = PREPARED.Process(target=work_until_killed, args=(name, folder, address, theirs), daemon=True)
        self._process.start()
        theirs.close()
        assert self._pipe.poll(LONG), "the process did not start"
        assert self._pipe.recv() == READY

    def kill_after(self, seconds: float, *, at_work: bool = False) -> list[str]:
        """Kill it then, or let it end by itself before; return what it acknowledged.

        `at_work` counts from the first piece of work that it acknowledged.
        """
        told = [self._pipe.recv()] if at_work else []
        self._process.join(seconds)
        by_itself = self._process.exitcode
        assert by_itself in (None, 0), "the work failed before it was killed"
        self._process.kill()
        self._process.join()
        return told + said(self._pipe)


def said(pipe: Connection) -> list[str]:
    found = []
    with suppress(EOFError, OSError):  # cut off in the middle of a word
        while (word := pipe.recv()) is not None:
            found.append(word)
    return found


def settle() -> None:
    """Wait until the server is through with what the killed had sent it; the embedded database is at once."""
    db.session.rollback()
    while db.engine.dialect.name == "postgresql" and db.session.scalar(text(AT_WORK)):
        db.session.rollback()


def kill_at_work(name: str, folder: Path, address: str, chance: random.Random) -> list[str]:
    """Kill a process that works for ever, a moment after its first piece of work."""
    told = Victim(name, folder, address).kill_after(chance.uniform(0, A_MOMENT), at_work=True)
    settle()
    return told


def kill_within(name: str, folder: Path, address: str, seconds: float, chance: random.Random) -> list[str]:
    """Kill a process within this time of its start."""
    told = Victim(name, folder, address).kill_after(chance.uniform(0, seconds))
    settle()
    return told
