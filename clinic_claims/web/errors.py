"""What a person sees when something does not work: plain words and a number, never a trace."""

import logging
import secrets
import traceback
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from ..db import db
from ..domain.lifecycle import StepRefused
from ..models.history import KeyMissing
from ..services.deeds import Refused
from ..storage import Unreachable
from . import outages
from .security import safe_back

PAGES = (400, 403, 404, 405, 409, 413, 429, 500)
CHANGED = "Somebody else changed this while you had it open. Go back, reload the page and do it again."
OLD_PAGE = "This page was open too long, or was opened in another window after you signed out. Reload it."
ELSEWHERE = "This is not an address of this site."  # told plainly: without a known host no link can be made
TOO_LARGE = "A number or a text is outside what can be stored. Go back and check what you typed."

logger = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Number every request, and answer every error with a page of ours that names the number."""
    app.before_request(_number)
    for code in PAGES:
        app.register_error_handler(code, _http_error)
    app.register_error_handler(SecurityError, lambda _: (ELSEWHERE, 400, {"Content-Type": "text/plain"}))
    app.register_error_handler(CSRFError, lambda _: page(400, [OLD_PAGE]))
    app.register_error_handler(Refused, lambda error: page(409, error.reasons))
    app.register_error_handler(StepRefused, lambda error: page(409, error.reasons))
    app.register_error_handler(KeyMissing, lambda error: page(500, error.reasons))
    app.register_error_handler(StaleDataError, lambda _: page(409, [CHANGED]))
    for error in (DBAPIError, NoConnection, Unreachable):
        app.register_error_handler(error, _outage)
    for error in (OverflowError, DataError):  # from the database: SQLite's and PostgreSQL's word for the same
        app.register_error_handler(error, lambda _: page(400, [TOO_LARGE]))
    app.log_exception = _log  # type: ignore[method-assign]


def page(code: int, reasons: list[str] | None = None) -> ResponseReturnValue:
    """Render the page of an error; `reasons` are sentences for the person at the screen."""
    try:
        db.session.rollback()  # after a broken statement PostgreSQL answers nothing else
        return render_template(f"errors/{code}.html", reasons=reasons or [], back=_back()), code
    except SQLAlchemyError as error:
        return outages.answer(error)


def _back() -> str | None:
    """Return the page whose form was sent, to lead back there."""
    return safe_back(urlsplit(request.referrer or "").path) if request.method == "POST" else None


def _number() -> None:
    g.request_number = secrets.token_hex(4)  # what an error page shows and the log repeats


def _http_error(error: HTTPException) -> ResponseReturnValue:
    cause: Exception | None = getattr(error, "original_exception", None)
    return outages.answer(cause) if cause and outages.passes(cause) else page(error.code or 500)


def _outage(error: Exception) -> ResponseReturnValue:
    """Answer what passes by itself; the rest is a fault of ours."""
    if outages.passes(error):
        return outages.answer(error)
    raise error


def _log(exc_info: Any) -> None:
    """Log where an error happened, under its number; its message is left out, as it may name a patient."""
    kind, _, trace = exc_info
    places = "".join(traceback.format_tb(trace))
    logger.error("error %s at %s: %s\n%s", g.get("request_number"), request.endpoint, kind.__name__, places)
