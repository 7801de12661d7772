"""Work that outlives a page: asked for in one transaction, done by a worker, neither lost nor done twice.

A table of our own and not a kept engine, because both ends lie in the clinic's own transactions: the row is written
with the deed that asks for the work, and is ticked off together with the work's effect. So a worker may be killed at
any moment. Of the engines, Huey drops the task at hand when killed, Procrastinate knows PostgreSQL alone, and DBOS
keeps a SQLite database of its own, which shares no transaction with ours.

The work itself (reading, composing, printing) runs outside a writing transaction and returns its effect, a function
that writes. While it runs, a second thread prolongs the lease; a worker that died lets it run out.
"""

import logging
import secrets
import threading
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from ..clock import now
from ..db import db, transaction
from ..domain.lifecycle import StepRefused
from ..models.jobs import Job, JobState
from . import progress as told
from .deeds import Deed, Refused

LEASE = timedelta(minutes=1)
PAUSE = timedelta(seconds=20)  # before a second try; longer before each further one
MOST = 10  # times a job is begun before it counts as failed
GIVEN_UP = f"It was begun {MOST} times and never came to an end. Tell an administrator."

Effect = Callable[[], dict[str, Any]]
Kind = Callable[[dict[str, Any], Deed], Effect]

logger = logging.getLogger(__name__)


class Lost(RuntimeError):
    """The lease ran out and somebody else took the job; nothing was written."""


@dataclass(frozen=True)
class Held:
    """A job in the hands of this worker."""

    id: int
    kind: str
    payload: dict[str, Any]
    holder: str
    attempts: int
    asked_by: str
    asked_by_id: int | None


def enqueue(kind: str, payload: dict[str, Any], deed: Deed, *, key: str, batch: str | None = None) -> Job:
    """Ask for work inside the caller's transaction. The same key again gives the job that is there."""
    query = select(Job).where(Job.key == key)
    if found := db.session.scalar(query):
        return found
    who = {"asked_at": deed.at, "asked_by": deed.actor, "asked_by_id": deed.user_id}
    job = Job(kind=kind, payload=payload, key=key, batch=batch, ready_at=deed.at, **who)
    try:
        with db.session.begin_nested():
            db.session.add(job)
    except IntegrityError:  # somebody else asked at the same moment
        return db.session.scalars(query).one()
    return job


def anew(key: str) -> str:
    """Number a key so that work which ended, well or not, may be asked for once more; unfinished work stays one job."""
    tries = 0
    while db.session.scalar(select(Job.id).where(Job.key == f"{key}:{tries}", Job.finished_at.is_not(None))):
        tries += 1
    return f"{key}:{tries}"


def progress(batch: str) -> dict[str, int]:
    """Count the jobs of a batch by state."""
    query = select(Job.state, func.count()).where(Job.batch == batch).group_by(Job.state)
    counted = [(state, count) for state, count in db.session.execute(query)]
    return dict.fromkeys(map(str, JobState), 0) | dict(counted)


def of_batch(batch: str) -> Sequence[Job]:
    """Return the jobs of a batch in the order they were asked for."""
    return db.session.scalars(select(Job).where(Job.batch == batch).order_by(Job.id)).all()


def newest(kinds: Collection[str], limit: int) -> Sequence[Job]:
    """Return the last jobs of these kinds, newest first."""
    return db.session.scalars(select(Job).where(Job.kind.in_(kinds)).order_by(Job.id.desc()).limit(limit)).all()


def unfinished(kind: str) -> int:
    """Count the jobs of a kind that are not done yet."""
    going = Job.state.in_((JobState.WAITING, JobState.RUNNING))
    return db.session.scalar(select(func.count()).where(going, Job.kind == kind)) or 0


def next_at() -> datetime | None:
    """Say when the next unfinished job may be taken; None when none is left."""
    unfinished = Job.state.in_((JobState.WAITING, JobState.RUNNING))
    return db.session.scalar(select(func.min(Job.ready_at)).where(unfinished))


def run_next(kinds: Mapping[str, Kind], deed: Deed) -> bool:
    """Take the next job and do it. Return whether there was one. `deed` says by which rulebook and clock."""
    held = take(deed.at)
    if held is None:
        return False
    mine = Deed(held.asked_by, deed.at, deed.book, deed.timezone, held.asked_by_id)
    with _Heart(db.engine, held), told.of(held.id):
        try:
            if held.attempts > MOST:
                raise Refused(GIVEN_UP)
            finish(held, kinds[held.kind](held.payload, mine), mine.at)
        except (Refused, StepRefused) as error:
            _end(held, state=JobState.FAILED, error="\n".join(error.reasons), finished_at=now())
        except Lost:
            logger.warning("job %s was taken over by another worker", held.id)
        except Exception as error:
            _log(held, error)
            again = now() + PAUSE * held.attempts
            _end(held, state=JobState.WAITING, error=type(error).__name__, ready_at=again, holder=None)
    return True


def _log(held: Held, error: Exception) -> None:
    """Log where it failed; the message is left out, as it may name a patient."""
    places = "".join(traceback.format_tb(error.__traceback__))
    logger.error("job %s (%s), try %s: %s\n%s", held.id, held.kind, held.attempts, type(error).__name__, places)


def take(at: datetime) -> Held | None:
    """Take the job that has waited longest, or whose worker died; None when there is none."""
    free = (
        select(Job.id)
        .where(Job.state.in_((JobState.WAITING, JobState.RUNNING)), Job.ready_at <= at)
        .order_by(Job.ready_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL; SQLite lets one writer in at a time
    )
    taken = {"state": JobState.RUNNING, "holder": secrets.token_hex(8), "ready_at": at + LEASE}
    with transaction():
        number = db.session.scalar(
            update(Job)
            .where(Job.id == free.scalar_subquery())
            .values(attempts=Job.attempts + 1, **taken)
            .returning(Job.id)
            .execution_options(synchronize_session=False)
        )
        job = db.session.get(Job, number, populate_existing=True) if number else None
        return job and Held(job.id, job.kind, job.payload, str(job.holder), job.attempts, job.asked_by, job.asked_by_id)


def finish(held: Held, effect: Effect, at: datetime) -> None:
    """Tick the job off and write its effect, both or neither. Raises Lost when the lease was lost before."""
    with transaction():
        if not _change(held, state=JobState.DONE, finished_at=at, error=""):
            raise Lost
        db.session.get_one(Job, held.id, populate_existing=True).result = effect()


def _end(held: Held, **values: Any) -> None:
    with transaction():
        _change(held, **values)


def _change(held: Held, **values: Any) -> bool:
    """Change the job if it is still ours; from here on nobody else can take it before we commit."""
    changed = _ours(held).values(**values).returning(Job.id).execution_options(synchronize_session=False)
    return db.session.scalar(changed) is not None


def _ours(held: Held) -> Any:
    return update(Job).where(Job.id == held.id, Job.holder == held.holder, Job.state == JobState.RUNNING)


class _Heart(threading.Thread):
    """Prolongs the lease while the work runs."""

    def __init__(self, engine: Engine, held: Held) -> None:
        super().__init__(daemon=True)
        self._engine, self._held, self._over = engine, held, threading.Event()

    def run(self) -> None:
        while not self._over.wait(LEASE.total_seconds() / 3):
            with suppress(DBAPIError), self._engine.begin() as connection:  # busy or away for now: tried again
                connection.execute(_ours(self._held).values(ready_at=now() + LEASE))

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()
