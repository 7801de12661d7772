"""Keep the database at the version the code needs."""

import io
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import inspect, select, text

from ..db import db, transaction
from ..models import Event
from ..models.history import put_guard
from . import workitems
from .deeds import Refused


def attach(app: Flask) -> None:
    """Give an application the means to migrate; a fifth of a second, needed only when there is something to do."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=app.config["MIGRATIONS"], render_as_batch=True)


@cache
def _numbered(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem.split("_")[0] for path in Path(folder, "versions").glob("[0-9]*.py")))


def known_versions() -> tuple[str, ...]:
    """Return the versions this release can open or bring up to date; the last is the one it needs."""
    return _numbered(current_app.config["MIGRATIONS"])


def version() -> str | None:
    """Return the version of the open database, or None for an empty one."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade() -> bool:
    """Run the migrations that are missing. Return whether there were any.

    Raises Refused for a database that a newer release made.
    """
    known, found = known_versions(), version()
    if found == known[-1]:
        return False
    if found is not None and found not in known:
        raise Refused(f"The database is of version {found}, made by a newer release: update Clinic Claims first.")
    from flask_migrate import upgrade as migrate

    attach(current_app._get_current_object())  # pyright: ignore[reportAttributeAccessIssue] (the proxy's own way)
    with redirect_stdout(io.StringIO()):
        migrate()
    with db.engine.begin() as connection:
        put_guard(connection)
    if found is not None:
        with transaction():
            workitems.rebuild()  # by this release's rules
    return True


def is_new() -> bool:
    """Tell whether nobody has worked in the database yet: it holds no event."""
    return db.session.scalar(select(Event.id).limit(1)) is None
