"""Work that a worker does later: one row a job, finished in the transaction of its effect."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from .columns import Data, Key, implies, state_of


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Model):
    """One piece of work. `ready_at` is when it may be taken: after a pause, or when its holder's lease runs out."""

    __table_args__ = (
        Index("ix_job_ready", "state", "ready_at"),
        implies("held", "state = 'running'", "holder IS NOT NULL"),
        implies("ended", "state IN ('done', 'failed')", "finished_at IS NOT NULL"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)  # asking twice for the same thing is asking once
    batch: Mapped[str | None] = mapped_column(index=True)
    payload: Mapped[Data]
    state: Mapped[str] = state_of(JobState)
    ready_at: Mapped[datetime]
    holder: Mapped[str | None]  # drawn anew each time the job is taken
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[Data]
    error: Mapped[str] = mapped_column(default="")  # why it failed, in words for the person who asked
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    asked_by_id: Mapped[int | None]
    finished_at: Mapped[datetime | None]
