"""The guard: every page carries a mark that says who may open it, and every answer the same strict headers.

A page without a mark opens to nobody, and the application does not start with one.
"""

import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security.utils import validate_redirect_url
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from ..clock import now
from ..db import transaction
from ..domain.permissions import Permission
from ..services import history
from ..services.deeds import Deed
from . import sessions

View = TypeVar("View", bound=Callable[..., Any])


class Door(StrEnum):
    """Marks that ask for less than a permission."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


LIBRARY_MARKS = {
    "static": Door.PUBLIC,
    "security.login": Door.PUBLIC,
    "security.logout": Door.PUBLIC,  # without a session it does nothing
    "security.verify": Door.SIGNED_IN,
    "security.change_password": Door.SIGNED_IN,
}
BEFORE_FIRST_CHANGE = {"static", "security.logout", "security.change_password", "pages.prefer"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
RAN_OUT = "You were signed out after a while without a click. Sign in to go on."
csrf = CSRFProtect()


class UnmarkedEndpoint(RuntimeError):
    """A page was added without saying who may open it."""


def needs(mark: Permission | Door) -> Callable[[View], View]:
    """Mark a view with the permission it asks for; goes below the route."""

    def put(view: View) -> View:
        view.mark = mark  # type: ignore[attr-defined]
        return view

    return put


def mark_of(app: Flask, endpoint: str) -> Permission | Door | None:
    """Return the mark of an endpoint, or None."""
    return LIBRARY_MARKS.get(endpoint) or getattr(app.view_functions.get(endpoint), "mark", None)


def check_marks(app: Flask) -> None:
    """Raise UnmarkedEndpoint unless every page has a mark."""
    bare = sorted({rule.endpoint for rule in app.url_map.iter_rules() if mark_of(app, rule.endpoint) is None})
    if bare:
        raise UnmarkedEndpoint(f"Say with @needs(...) who may open: {', '.join(bare)}")


def init_app(app: Flask) -> None:
    """Guard every request, then check its token, then dress the answer."""
    app.before_request(_number)
    app.before_request(_guard)
    csrf.init_app(app)
    app.after_request(_dress)


def this_deed() -> Deed:
    """Return who does this request, when, by which rulebook."""
    known = current_user.is_authenticated
    return Deed(
        actor=current_user.email if known else "nobody",
        at=now(),
        book=current_app.extensions["rulebook"],
        timezone=current_app.config["TIMEZONE"],
        user_id=current_user.id if known else None,
    )


def demand(mark: Permission) -> None:
    """Stop here unless the person may do this: for pages whose permission depends on the record."""
    if not current_user.may(mark):
        _refuse(mark)


def record_access(action: str, subject: Any = "session", **data: Any) -> None:
    """Add a sign-in, a refusal or a view to the history; the caller commits. Never pass what was typed."""
    history.record(subject, action, this_deed(), address=request.remote_addr, request=g.request_number, **data)


def ask_to_sign_in(*_: Any) -> BaseResponse:
    """Send somebody unknown to the sign-in page, and back afterwards if they only wanted to look."""
    back = request.full_path.rstrip("?") if request.method == "GET" and not _is_partial() else None
    target = url_for("security.login", next=back if back not in (None, "/") else None)
    if sessions.current().ran_out:
        flash(RAN_OUT, "info")
    if _is_partial():
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def safe_back(address: str) -> str | None:
    """Return the address if it is a page of this site, else None: nobody may send people elsewhere through us."""
    plain = address.startswith("/") and "\\" not in address
    return address if plain and validate_redirect_url(address) else None


def _is_partial() -> bool:
    return request.headers.get("HX-Request") == "true"


def _number() -> None:
    g.request_number = secrets.token_hex(4)  # what an error page shows and the log repeats


def _guard() -> ResponseReturnValue | None:
    """Let the request through, or answer it."""
    if request.endpoint is None:
        return None  # no such page: the router says so
    mark = mark_of(current_app, request.endpoint)
    if mark is Door.PUBLIC:
        return None
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if current_user.must_change_password and request.endpoint not in BEFORE_FIRST_CHANGE:
        return redirect(url_for("security.change_password"))
    if mark is not Door.SIGNED_IN and (mark is None or not current_user.may(mark)):
        _refuse(mark)
    return None


def _refuse(mark: Permission | None) -> None:
    with transaction():
        record_access("refused", page=request.endpoint, permission=mark)
    abort(403)


def _dress(response: Response) -> Response:
    """Put the headers on; nothing but static files may be kept by a browser."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.get("request_number", "")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    elif "/vendor/" in request.path:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"  # the folder carries the version
    if request.endpoint == "security.logout":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
