"""How far a long piece of work is. It is told beside the database: its own transaction shows nothing until it ends.

One small file a job lies in the instance folder while the work runs; whoever shows the job reads it.
"""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app

BETWEEN = 0.25  # seconds between two words about the same work
SHORT = 1.5  # seconds that others wait for without being told why
DEAD = 15.0  # seconds without a word: whoever told is gone


@dataclass
class _Told:
    path: Path
    done: int = 0
    whole: int = 0
    at: float = 0.0
    since: float = field(default_factory=time.time)

    def write(self) -> None:
        """Put the counts down whole, so that a reader never meets half a line."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{self.done} {self.whole} {self.since}", "ascii")
        os.replace(fresh, self.path)
        self.at = time.monotonic()


_current: ContextVar[_Told | None] = ContextVar("progress", default=None)


def _path(job: int) -> Path:
    return Path(current_app.config["INSTANCE"]) / "progress" / str(job)


@contextmanager
def of(job: int) -> Generator[None]:
    """Tell of this job for as long as the block runs; afterwards its row says how it ended."""
    path = _path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    token = _current.set(_Told(path))
    try:
        yield
    finally:
        _current.reset(token)
        path.unlink(missing_ok=True)


def expect(whole: int) -> None:
    """Say how many records there are to do; heard only where somebody waits for this work."""
    if told := _current.get():
        told.whole = whole
        told.write()


def step(count: int = 1) -> None:
    """Say that so many more are done."""
    if told := _current.get():
        told.done += count
        if time.monotonic() - told.at >= BETWEEN:
            told.write()


def read(job: int) -> tuple[int, int] | None:
    """Return how many records of how many are done; None while nothing is known."""
    try:
        done, whole, _ = _path(job).read_text("ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    return min(int(done), int(whole)), int(whole)


def long_under_way() -> tuple[int, int] | None:
    """Return how far the work is that has kept other writers waiting for more than a moment; None when none does."""
    now = time.time()
    for path in _path(0).parent.glob("[0-9]*"):
        try:
            done, whole, since = path.read_text("ascii").split()
            if now - float(since) > SHORT and now - path.stat().st_mtime < DEAD:
                return int(done), int(whole)
        except (FileNotFoundError, ValueError):
            continue
    return None
