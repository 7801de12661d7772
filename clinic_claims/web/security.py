"""The guard: every page carries a mark that says who may open it; weighty ones ask for a fresh sign-in.

A page without a mark opens to nobody, and the application does not start with one.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security.utils import validate_redirect_url
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from ..clock import now
from ..db import transaction
from ..domain.permissions import Permission, Role
from ..models import User
from ..services import history, throttle
from ..services.deeds import Deed
from . import sessions

View = TypeVar("View", bound=Callable[..., Any])


class Door(StrEnum):
    """Marks that ask for less than a permission."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    CLOSED = "closed"  # a page of the library that nobody needs: it answers 404


HALFWAY = "security.two_factor_token_validation"  # between password and code
AT_THE_DOOR = ("login", "tf_select", "two_factor_setup", "mf_recovery", "wan_signin", "wan_signin_response")
BEHIND_IT = ("verify", "change_password", "two_factor_setup_validate", "mf_recovery_codes", "wan_register",
             "wan_register_response", "wan_delete", "wan_verify", "wan_verify_response")  # fmt: skip
SINGLE_SIGN_ON = ("oauthstart", "oauthresponse")
LIBRARY_MARKS = {
    "static": Door.PUBLIC,
    "security.logout": Door.PUBLIC,  # without a session it does nothing
    HALFWAY: Door.PUBLIC,
    **{f"security.{name}": Door.PUBLIC for name in (*AT_THE_DOOR, *SINGLE_SIGN_ON)},
    **{f"security.{name}": Door.SIGNED_IN for name in BEHIND_IT},
    "security.two_factor_rescue": Door.CLOSED,  # it would send e-mail
    "security.oauth_verify_start": Door.CLOSED,  # a confirmation is by password or passkey
    "security.oauth_verify_response": Door.CLOSED,
}
BEFORE_FIRST_CHANGE = {"static", "security.logout", "security.change_password", "pages.prefer", "account.time_left"}
FRESH = {Permission.USER_ADMIN}  # pages that ask again who is there when the sign-in is older than FRESH_FOR
LAST_STEPS = {
    "security.two_factor_setup_validate",
    "security.wan_register_response",
}  # the library asks before the first
FRESH_FOR = 10 * 60  # seconds since the password or a passkey
FRESH_WHILE_TYPING = 20 * 60  # the same for a form, which was fresh when it was opened
RAN_OUT = "You were signed out after a while without a click. Sign in to go on."
WRONG = "wrong sign-in"  # counted by network address
csrf = CSRFProtect()


class UnmarkedEndpoint(RuntimeError):
    """A page was added without saying who may open it."""


def needs(mark: Permission | Door, *, fresh: bool = False) -> Callable[[View], View]:
    """Mark a view with the permission it asks for, and whether the sign-in must be fresh; goes below the route."""

    def put(view: View) -> View:
        view.mark = mark  # type: ignore[attr-defined]
        view.fresh = fresh or mark in FRESH  # type: ignore[attr-defined]
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
    """Guard every request, then check its token."""
    app.before_request(_guard)
    csrf.init_app(app)


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


def signed_in() -> User:
    """Return the person of this request; for pages that open to nobody else."""
    return current_user._get_current_object()  # type: ignore[return-value]


def demand(mark: Permission) -> None:
    """Stop here unless the person may do this: for pages whose permission depends on the record."""
    if not current_user.may(mark):
        _refuse(mark)


def record_access(action: str, subject: Any = "session", **data: Any) -> None:
    """Add a sign-in, a refusal or a view to the history; the caller commits. Never pass what was typed.

    An export asks for a fresh sign-in; searches and exports stop at a number an hour.
    """
    if action == "export" and not is_fresh():
        abort(ask_to_confirm())
    if action in throttle.LIMITS:
        _limit(action)
    if current_user.is_authenticated and Role.ADMINISTRATOR in current_user.role_names and current_user.emergency:
        data["emergency"] = current_user.emergency.id
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


def ask_to_confirm() -> BaseResponse:
    """Ask somebody signed in who they are once more, and lead back to the page they were on."""
    sent = urlsplit(request.referrer or "")
    back = request.full_path.rstrip("?") if request.method == "GET" else safe_back(sent.path or "/")
    target = url_for("security.verify", next=back)
    return Response(status=401, headers={"HX-Redirect": target}) if _is_partial() else redirect(target)


def is_fresh() -> bool:
    """Say whether the person showed a short while ago who they are."""
    within = FRESH_FOR if request.method in ("GET", "HEAD") else FRESH_WHILE_TYPING
    return abs(time.time() - session.get("fs_paa", 0)) < within  # a clock that jumped back makes nobody fresh


def _is_partial() -> bool:
    return request.headers.get("HX-Request") == "true"


def _guard() -> ResponseReturnValue | None:
    """Let the request through, or answer it."""
    if (unread := sessions.current().unread) is not None:
        raise unread
    if request.endpoint is None:
        return None  # no such page: the router says so
    if request.is_json:
        abort(400)  # every page takes forms
    mark = mark_of(current_app, request.endpoint)
    if mark is Door.PUBLIC:
        return _guard_door()
    if mark is Door.CLOSED:
        abort(404)
    return _guard_person(mark)


def _guard_door() -> ResponseReturnValue | None:
    """Stop an address that tried too often, and keep somebody signed in out of a sign-in's second half."""
    if current_user.is_authenticated:
        return redirect(url_for("account.show")) if request.endpoint == HALFWAY else None
    address = throttle.network(request.remote_addr or "")
    if request.endpoint == "security.login" and request.method == "POST" and throttle.is_spent(WRONG, address, now()):
        abort(429)
    return None


def _guard_person(mark: Permission | Door | None) -> ResponseReturnValue | None:
    """Let somebody signed in through who may open the page, and whose sign-in is fresh where that is asked."""
    endpoint = request.endpoint or ""
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if current_user.must_change_password and endpoint not in BEFORE_FIRST_CHANGE:
        return redirect(url_for("security.change_password"))
    if mark is not Door.SIGNED_IN and (not isinstance(mark, Permission) or not current_user.may(mark)):
        _refuse(mark)
    if (endpoint in LAST_STEPS or getattr(current_app.view_functions[endpoint], "fresh", False)) and not is_fresh():
        return ask_to_confirm()
    return None


def _limit(action: str) -> None:
    """Count a search or an export; stop, and tell the history, when there were too many."""
    if throttle.allows(action, this_deed().actor, now()):
        return
    with transaction():
        history.record("session", "refused", this_deed(), address=request.remote_addr, limit=action)
    abort(429)


def _refuse(mark: Permission | Door | None) -> None:
    with transaction():
        record_access("refused", page=request.endpoint, permission=mark)
    abort(403)
