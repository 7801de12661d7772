"""One's own account: second factor, passkeys, open sessions, single sign-on, and how long the session still runs."""

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from ..clock import now
from ..db import db, transaction
from ..models import User
from ..services import open_sessions
from . import sessions, single_sign_on
from .navigation import late_items
from .security import Door, needs, record_access, signed_in, this_deed

LINKED_ELSEWHERE = "Another account is linked to this sign-in. Ask an administrator."

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@needs(Door.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show what guards the account, and where it is signed in."""
    opened = open_sessions.of(signed_in(), now() - sessions.IDLE)
    shown = {"opened": opened, "here": sessions.current().key, "in_words": open_sessions.agent_in_words}
    codes = len(signed_in().mf_recovery_codes or [])
    return render_template("account/show.html", codes=codes, sso=single_sign_on.client() is not None, **shown)


@blueprint.post("/sessions/end")
@needs(Door.SIGNED_IN)
def end_session() -> ResponseReturnValue:
    """End one of one's own sessions; ending this one signs out."""
    with transaction():
        ended = open_sessions.end(signed_in(), request.form.get("session", ""), this_deed())
    flash("That session is ended." if ended else "That session was over already.", "success")
    return redirect(url_for(".show"))


@blueprint.route("/time", methods=["GET", "POST"])
@needs(Door.PUBLIC)
def time_left() -> ResponseReturnValue:
    """Tell a page how long its session runs, and for whom; asking is no visit, sending is one.

    Somebody who signs in again in another tab gives the waiting page its new token, so that what was typed can be sent.
    """
    sessions.current().is_a_look = request.method == "GET" and "csrf_token" in session
    left = sessions.seconds_left() if current_user.is_authenticated else 0
    if not left:
        return jsonify(left=0)
    if request.method == "POST":
        left = int(sessions.IDLE.total_seconds())
    return jsonify(left=left, who=signed_in().id, token=generate_csrf(), late=late_items())


@blueprint.post("/sso")
@needs(Door.SIGNED_IN, fresh=True)
def link() -> ResponseReturnValue:
    """Go to the identity provider to link this account with a sign-in there."""
    client = single_sign_on.client() or abort(404)
    return client.authorize_redirect(url_for(".linked", _external=True))


@blueprint.get("/sso")
@needs(Door.SIGNED_IN, fresh=True)
def linked() -> ResponseReturnValue:
    """Come back from the provider and keep who the person is there."""
    client = single_sign_on.client() or abort(404)
    subject = single_sign_on.subject_of(client.authorize_access_token())
    holder = db.session.scalar(select(User.id).where(User.sso_subject == subject))
    if holder not in (None, signed_in().id):
        flash(LINKED_ELSEWHERE, "error")
        return redirect(url_for(".show"))
    with transaction():
        signed_in().sso_subject = subject
        record_access("single_sign_on_linked", current_user)
    flash("You can now sign in through the clinic's identity provider.", "success")
    return redirect(url_for(".show"))


@blueprint.post("/sso/remove")
@needs(Door.SIGNED_IN, fresh=True)
def unlink() -> ResponseReturnValue:
    """Forget the sign-in at the provider."""
    with transaction():
        signed_in().sso_subject = None
        record_access("single_sign_on_removed", current_user)
    flash("The link to the identity provider is removed.", "success")
    return redirect(url_for(".show"))
