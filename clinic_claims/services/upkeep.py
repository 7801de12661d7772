"""Keep the database at the version the code needs."""

import io
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import inspect, select, text

from ..db import db
from ..models import Event


@cache
def _newest(folder: str) -> str:
    """Name the newest migration: they are numbered, so it is the last by name."""
    return max(path.stem.split("_")[0] for path in Path(folder, "versions").glob("[0-9]*.py"))


def version() -> str | None:
    """Return the version of the open database, or None for an empty one."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade() -> bool:
    """Run the migrations that are missing. Return whether there were any."""
    folder = current_app.extensions["migrate"].directory
    if version() == _newest(folder):
        return False
    import flask_migrate

    with redirect_stdout(io.StringIO()):
        flask_migrate.upgrade()
    return True


def is_new() -> bool:
    """Tell whether nobody has worked in the database yet: it holds no event."""
    return db.session.scalar(select(Event.id).limit(1)) is None
