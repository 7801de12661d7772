"""People: accounts, their roles, their sessions, and the invitations and one-time passwords that are shown once."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from ..clock import now
from ..db import db, transaction
from ..domain.permissions import GRANTED, MEANING, Permission, Role
from ..models import User
from ..services import accounts, invitations, open_sessions
from ..services.deeds import Deed, Refused
from .forms import LineField, required
from .records import RecordForm, attempt
from .security import Door, needs, this_deed
from .sessions import IDLE

ROLES = {role.value: role.value.replace("_", " ").capitalize() for role in Role}

blueprint = Blueprint("admin", __name__, url_prefix="/people")


class PersonForm(RecordForm):
    """A new account."""

    full_name = LineField("Full name", [required("Enter the person's full name.")])
    email = LineField("E-mail", [required("Enter the e-mail address.")], render_kw={"inputmode": "email"})
    roles = SelectMultipleField(
        "Roles", choices=ROLES, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )


@blueprint.get("/roles")
@needs(Door.SIGNED_IN)
def roles() -> ResponseReturnValue:
    """Show the one table of who may do what."""
    return render_template("admin/roles.html", roles=Role, granted=GRANTED, meaning=MEANING)


@blueprint.get("")
@needs(Permission.USER_ADMIN)
def users() -> ResponseReturnValue:
    """List every account."""
    return render_template("admin/users.html", users=accounts.list_users())


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.USER_ADMIN)
def new() -> ResponseReturnValue:
    """Add a person and show the invitation."""
    form = PersonForm()
    if not form.is_submitted():
        return render_template("admin/new.html", form=form)
    made: list[tuple[User, str]] = []
    if code := attempt(form, None, lambda: made.append(_invited(form, this_deed()))):
        return render_template("admin/new.html", form=form), code
    return _shown(*made[0])


def _invited(form: PersonForm, deed: Deed) -> tuple[User, str]:
    user, _ = accounts.add_user(form.full_name.data or "", form.email.data or "", form.roles.data or [], deed)
    return user, invitations.invite(user, deed)


def _shown(user: User, secret: str) -> str:
    link = url_for("invitations.welcome", secret=secret, _external=True)
    return render_template("admin/invitation.html", user=user, link=link)


@blueprint.get("/<int:user_id>")
@needs(Permission.USER_ADMIN)
def person(user_id: int) -> ResponseReturnValue:
    """Show one account: roles, second factor, open sessions."""
    user = db.get_or_404(User, user_id)
    opened = open_sessions.of(user, now() - IDLE)
    return render_template(
        "admin/person.html", user=user, opened=opened, choices=ROLES, in_words=open_sessions.agent_in_words
    )


@blueprint.post("/<int:user_id>/invitation")
@needs(Permission.USER_ADMIN)
def invite(user_id: int) -> ResponseReturnValue:
    """Show a new link; the one before stops working."""
    user = db.get_or_404(User, user_id)
    with transaction():
        secret = invitations.invite(user, this_deed())
    return _shown(user, secret)


@blueprint.post("/<int:user_id>/password")
@needs(Permission.USER_ADMIN)
def reset(user_id: int) -> ResponseReturnValue:
    """Give a person a new one-time password and show it."""
    user = db.get_or_404(User, user_id)
    with transaction():
        password = accounts.reset_password(user, this_deed())
    return render_template("admin/password.html", user=user, password=password)


@blueprint.post("/<int:user_id>/roles")
@needs(Permission.USER_ADMIN)
def change_roles(user_id: int) -> ResponseReturnValue:
    """Give a person other roles, which hold from the next click on."""
    chosen = request.form.getlist("roles")
    return _change(user_id, lambda user, deed: accounts.change_roles(user, chosen, deed), "has new roles")


@blueprint.post("/<int:user_id>/second-factor")
@needs(Permission.USER_ADMIN)
def forget_second_factor(user_id: int) -> ResponseReturnValue:
    """Remove a lost phone or passkey."""
    return _change(user_id, accounts.forget_second_factor, "signs in without the lost second step")


@blueprint.post("/<int:user_id>/session")
@needs(Permission.USER_ADMIN)
def end_session(user_id: int) -> ResponseReturnValue:
    """End one session of a person."""
    key = request.form.get("session", "")
    return _change(user_id, lambda user, deed: open_sessions.end(user, key, deed), "is signed out there")


@blueprint.post("/<int:user_id>/disable")
@needs(Permission.USER_ADMIN)
def disable(user_id: int) -> ResponseReturnValue:
    """Close an account and sign the person out everywhere."""
    return _change(user_id, accounts.disable, "is disabled and signed out everywhere")


@blueprint.post("/<int:user_id>/enable")
@needs(Permission.USER_ADMIN)
def enable(user_id: int) -> ResponseReturnValue:
    """Open a disabled account again."""
    return _change(user_id, accounts.enable, "may sign in again")


def _change(user_id: int, deed: Callable[[User, Deed], Any], done: str) -> ResponseReturnValue:
    user = db.get_or_404(User, user_id)
    try:
        with transaction():
            deed(user, this_deed())
        flash(f"{user.full_name} {done}.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(url_for("admin.person", user_id=user_id))
