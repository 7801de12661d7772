"""What somebody looks at before it is taken in, a table or a scan: kept in a folder of its own, a day at most."""

import time
from pathlib import Path

from flask import abort, current_app, session
from werkzeug.datastructures import FileStorage

from ..edi.findings import NotRecognised
from ..services import intake
from ..storage import Folder

TABLES = ("csv", "xlsx")
NAMES, MOST_NAMES = "waiting", 100  # where the session holds the files' names, as one may be a patient's; and how many
KEPT = 24 * 60 * 60  # seconds
HEX = frozenset("0123456789abcdef")


def store() -> Folder:
    """Return the folder."""
    return Folder(Path(current_app.config["INSTANCE"]) / "waiting")


def keep(file: FileStorage, name: str) -> str | None:
    """Keep an upload if it is a table, and return what it is asked for by; None for anything else."""
    data = file.read()
    file.stream.seek(0)
    try:
        if intake.kind_of(data) not in TABLES:
            return None
    except NotRecognised:
        return None
    digest = put(data)
    named = [each for each in session.get(NAMES, {}).items() if each[0] != digest]
    session[NAMES] = dict([*named, (digest, name)][-MOST_NAMES:])
    return digest


def name_of(digest: str) -> str:
    """Return the name under which this person sent a file; "" for one that somebody else sent."""
    return session.get(NAMES, {}).get(digest, "")


def waits(digest: str) -> bool:
    """Say whether a file is kept, neither taken in nor forgotten yet."""
    return len(digest) == 64 and HEX.issuperset(digest) and store().path(digest).exists()


def put(data: bytes) -> str:
    """Keep a file and return what it is asked for by, its SHA-256."""
    clear()
    return store().put(data)


def read(digest: str) -> bytes:
    """Return the bytes of a file; 404 when it does not wait (any more)."""
    if not waits(digest):
        abort(404)
    return store().get(digest)


def drop(digest: str) -> None:
    """Forget a file that was taken in."""
    store().path(digest).unlink(missing_ok=True)


def clear() -> None:
    """Forget what nobody came back for."""
    for path in store().folder.glob("*/*"):
        if time.time() - path.stat().st_mtime > KEPT:
            path.unlink(missing_ok=True)
