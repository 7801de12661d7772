"""What every command shares: days, JSON, plain refusals, and the application with its database open.

Heavy modules are imported inside the commands that need them, so that `--help` answers at once.
"""

import errno
import gc
import json
import os
import pwd
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from flask import Flask

    from ..services.deeds import Deed

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
FILE: click.ParamType[Path] = click.Path(path_type=Path)


class Day(click.ParamType[date]):
    """A calendar day written 2026-11-22."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or fail with wrong usage."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-11-22.", param, ctx)


DAY = Day()


@contextmanager
def private_files() -> Generator[None]:
    """Let whatever is written meanwhile be readable by this account alone: it is patients' data."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


class Commands(click.Group):
    """The commands; what a service refuses, the rule files, the settings and the disk become plain sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 1 with one sentence a fault where it was refused."""
        try:
            with private_files():
                return super().invoke(ctx)
        except Exception as error:
            if not (said := sentences(error)):
                raise
            stop(*said)


def give(parts: Iterable[bytes], out: Path | None) -> int:
    """Write a file to the terminal or the disk as its parts are made. Return its length in bytes."""
    if out is None:
        return sum(sys.stdout.buffer.write(part) for part in parts)
    with out.open("wb") as file:
        return sum(file.write(part) for part in parts)


def sentences(error: Exception) -> list[str]:
    """Return what to tell the person about an error; empty for a mistake of ours, which keeps its traceback."""
    told = getattr(error, "reasons", None) or getattr(error, "faults", None)
    if told:
        return [str(sentence) for sentence in told]
    if isinstance(error, OSError) and error.filename and not isinstance(error, BrokenPipeError):
        return [f"{error.filename}: {error.strerror}."]
    if isinstance(error, OSError) and error.errno in FULL:
        return ["The disk is full. Nothing was changed: free some space and do it again."]
    return _of_database(error)


def _of_database(error: Exception) -> list[str]:
    """Put into words that the database's address is wrong, or that it does not answer; known by name, unimported."""
    match type(error).__name__:
        case "OperationalError":
            return [f"The database cannot be used: {' '.join(str(getattr(error, 'orig', error)).split())}."]
        case "DatabaseError" if "not a database" in str(error) or "malformed" in str(error):
            return [
                "The database does not open: its key is another (CLINIC_CLAIMS_DATABASE_KEY_FILE), or it is damaged: "
                "`restore BACKUP --force` sets that one aside."
            ]
        case "ArgumentError" | "NoSuchModuleError" if "URL" in str(error) or "dialects" in str(error):
            return ["DATABASE_URL is no address of a database, such as postgresql+psycopg://user@host/clinic."]
        case _:
            return []


def stop(*said: str) -> NoReturn:
    """Say each fault on standard error and exit 1."""
    for sentence in said:
        click.echo(sentence, err=True)
    sys.exit(1)


def show(document: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, indent=1, ensure_ascii=False))


@contextmanager
def application(
    *, only_reads: bool = False, as_it_is: bool = False, any_key: bool = False
) -> Generator[tuple["Flask", "Deed"]]:
    """Open the application with its database brought up to date, unless wanted `as_it_is`, and say who acts.

    A command that `only_reads` keeps no writer waiting, however long it takes. Raises Refused where the history was
    written with another audit key, unless `any_key` will do.
    """
    gc.disable()  # what is loaded now stays: looking for garbage in it would take a fifth of the start
    from flask import g

    from ..application import build
    from ..services import audit_keys, upkeep

    app = build()
    gc.freeze()
    gc.enable()
    with app.app_context():
        if not as_it_is:
            upkeep.upgrade()
        g.only_reads = True
        if not (as_it_is or any_key):
            audit_keys.check()
        g.only_reads = only_reads
        yield app, _deed(app)


def tell(action: str, subject: Any, deed: "Deed", **told: Any) -> None:
    """Note in the history what a command shows or hands out, as the pages do."""
    from ..db import transaction
    from ..services.history import record

    with transaction():
        record(subject, action, deed, **told)


def _deed(app: "Flask") -> "Deed":
    """Say who acts, now, by the rulebook the app started with: the account named by `--as`, else the machine's own."""
    from ..clock import now
    from ..services import accounts
    from ..services.deeds import Deed

    context = click.get_current_context(silent=True)
    person = accounts.get_active(context.obj) if context and context.obj else None
    return Deed(
        actor=person.email if person else f"command line ({machine_account()})",
        at=now(),
        book=app.extensions["rulebook"],
        timezone=app.config["TIMEZONE"],
        user_id=person.id if person else None,
    )


def machine_account() -> str:
    """Return the operating system's name for who runs this, whatever the environment says; its number without one."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
