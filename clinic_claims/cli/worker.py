"""Do the work that pages put off: letters in batches, large files."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import click

from .common import application

if TYPE_CHECKING:
    from ..services.deeds import Deed

PAUSE = 1.0  # seconds between looks at an empty table


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is left to do.")
def worker(once: bool) -> None:
    """Do waiting jobs until told to stop; any number of workers may run, and any may be killed.

    Example: clinic-claims worker
    """
    from ..services import jobs
    from ..services.deeds import Deed
    from ..services.job_kinds import KINDS

    done, asked = 0, date.min
    with told_to_stop() as over, application(only_reads=True) as (_, deed):
        from ..clock import now

        while not over.is_set():
            this = Deed(deed.actor, now(), deed.book, deed.timezone)
            if asked < this.today and ask_for_the_day(this):
                asked = this.today
            if jobs.run_next(KINDS, this):
                done += 1
            elif once:
                break
            else:
                over.wait(PAUSE)
    click.echo(f"{done:,} jobs done.")


def ask_for_the_day(deed: "Deed") -> bool:
    """Order what is done once a day, unless it is too early or somebody did. Return whether it is ordered."""
    from ..db import transaction
    from ..services import daily

    with transaction():
        return daily.ask(deed)


@contextmanager
def told_to_stop() -> Generator[threading.Event]:
    """Give what is set when the process is told to stop; the job at hand is finished first."""
    over = threading.Event()
    before = {name: signal.signal(name, lambda *_: over.set()) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield over
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


COMMANDS = (worker,)
