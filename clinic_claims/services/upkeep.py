"""Keep the database at the version the code needs."""

import io
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

from flask import current_app
from sqlalchemy import inspect, text

from ..db import db


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
    import flask_migrate  # noqa: PLC0415 (half a second, and needed only when there is something to do)

    with redirect_stdout(io.StringIO()):
        flask_migrate.upgrade()
    return True
