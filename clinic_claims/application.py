"""The one place where everything meets: settings, database, rulebook and web become an application."""

import importlib.util
import logging
import os
import sqlite3
from pathlib import Path
from typing import Any

from flask import Flask

from . import models as models  # every table must be known before the database is
from . import rulebook, sealing, web
from .db import db, prepare
from .web import static_files

HERE = Path(__file__).resolve().parent
SOUND_SQLITE = (3, 51, 3)  # older ones can corrupt a database in WAL mode under several connections
SERVER = {
    "pool_recycle": 1800,  # seconds
    "connect_args": {
        "connect_timeout": 5,  # seconds for each host of the address
        "tcp_user_timeout": 15_000,  # milliseconds: a host that is gone is noticed
        "options": "-c statement_timeout=10min -c lock_timeout=1min -c idle_in_transaction_session_timeout=5min "
        "-c jit=off",  # no statement of ours runs for so long that compiling it would pay
    },
}

logger = logging.getLogger(__name__)


def build(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the application from the environment's settings; a test may override any of them.

    Raises RulebookError with every fault of the rule files, and WeakSecret in production.
    """
    book = rulebook.load()
    app = Flask("clinic_claims", template_folder=str(find("templates")), static_url_path=static_files.address())
    app.config.from_mapping(settings() | (overrides or {}))
    _connect(app)
    app.extensions["rulebook"] = book
    app.config["MIGRATIONS"] = str(find("migrations"))
    web.init_app(app)
    return app


def find(name: str) -> Path:
    """Return a folder or file that lies beside the package in a checkout and inside it once installed."""
    inside = HERE / "_data" / name
    return inside if inside.exists() else HERE.parent / name


def settings() -> dict[str, Any]:
    """Return the settings of `config.py`, read by its place: the working directory has no say."""
    installed = HERE / "_config_default.py"
    path = installed if installed.exists() else HERE.parent / "config.py"
    spec = importlib.util.spec_from_file_location("clinic_claims._config", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path} cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.from_environment()


def _connect(app: Flask) -> None:
    """Open the database of DATABASE_URL, else the embedded one in the instance folder."""
    address = app.config["SQLALCHEMY_DATABASE_URI"] or os.environ.get("DATABASE_URL", "")
    if not address:
        folder = Path(app.config["INSTANCE"])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        address = f"sqlite:///{folder / 'clinic_claims.sqlite'}"
    app.config["SQLALCHEMY_DATABASE_URI"] = address
    options = {"hide_parameters": True}  # an error message must not carry patient data into a log
    options |= _sqlite_driver() if address.startswith("sqlite") else SERVER
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options | app.config.get("SQLALCHEMY_ENGINE_OPTIONS", {})
    db.init_app(app)
    with app.app_context():
        app.extensions["database_key"] = database_key(app)
        prepare(db.engine, app.extensions["database_key"])


def database_key(app: Flask) -> bytes | None:
    """Return the key of an encrypted SQLite file, where one is set. Raises Sealed for what is no key."""
    path = app.config["DATABASE_KEY_FILE"]
    if not path or db.engine.dialect.name != "sqlite":
        return None
    if db.engine.dialect.loaded_dbapi.__name__.startswith("sqlite3"):
        raise sealing.Sealed("An encrypted database needs sqlcipher3: install it, or unset the key file.")
    return sealing.read_key(Path(path))


def _sqlite_driver() -> dict[str, Any]:
    """Prefer the SQLite that comes with SQLCipher: it is newer than most systems' own."""
    try:
        from sqlcipher3 import dbapi2
    except ImportError:
        if sqlite3.sqlite_version_info < SOUND_SQLITE:
            logger.warning("SQLite %s is old; install sqlcipher3 for a sound one.", sqlite3.sqlite_version)
        return {}
    return {"module": dbapi2}
