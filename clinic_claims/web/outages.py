"""When the database or the documents do not answer just now: say so, and keep what was typed to be sent again.

It happens while a standby takes over, while the server restarts, and while others keep the database busy for long.
"""

import logging
from urllib.parse import urlsplit

from flask import Response, current_app, g, make_response, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from ..storage import Unreachable
from . import sessions
from .security import safe_back

SECONDS = 5  # until another try makes sense
POSTGRESQL = ("08", "57P", "25006", "25P03", "40001", "40P01", "53", "55P03")  # how its codes for such moments begin
SQLITE = ("is locked", "is busy", "disk is full")  # its words
FULL = ("53100", "disk is full")  # either's

logger = logging.getLogger(__name__)


def passes(error: Exception) -> bool:
    """Say whether an error will pass by itself, or with room on the disk, so that the same can be done again."""
    if isinstance(error, NoConnection | Unreachable):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", "sqlite")
    if state == "sqlite":
        return any(words in str(error.orig) for words in SQLITE)
    return state.startswith(POSTGRESQL) if state else isinstance(error, OperationalError)  # none: no server answered


class Busy(Exception):
    """The one writer of an embedded database is at work for long: `told` says how far, records of how many."""

    def __init__(self, told: tuple[int, int]) -> None:
        super().__init__("busy")
        self.told = told


def answer(error: Exception) -> Response:
    """Answer 503, from a template that asks nothing of the database."""
    full = any(mark in f"{getattr(getattr(error, 'orig', None), 'sqlstate', '')} {error}" for mark in FULL)
    logger.warning("%s at %s: %s", "disk full" if full else "no answer", request.endpoint, type(error).__name__)
    kept = None if request.method == "GET" or _cannot_be_kept() else list(request.form.items(multi=True))
    sessions.current().leave_alone(error)
    page = current_app.jinja_env.get_template("errors/503.html")  # past what every other page is told from the database
    told = error.told if isinstance(error, Busy) else None
    made = make_response(page.render(kept=kept, full=full, told=told, back=_back(), request=request, g=g), 503)
    made.headers["Retry-After"] = str(SECONDS)
    if _is_partial():
        made.headers["HX-Retarget"], made.headers["HX-Reswap"] = "body", "innerHTML"
    return made


def _is_partial() -> bool:
    return request.headers.get("HX-Request") == "true"


def _cannot_be_kept() -> bool:
    """A file cannot be given back to a browser, a password or code must not be, and a fragment is no page."""
    at_the_door = request.blueprint == "security" or any("password" in name for name in request.form)
    return _is_partial() or at_the_door or bool(request.files)


def _back() -> str:
    """Return the page the person was on."""
    if request.method == "GET" and not _is_partial():
        return request.full_path.rstrip("?")
    sent = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    return safe_back(sent.path or "/") or "/"
