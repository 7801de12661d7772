"""People: accounts, their roles, and one-time passwords, which are shown once and kept nowhere."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from ..db import db, transaction
from ..domain.permissions import GRANTED, MEANING, Permission, Role
from ..models import User
from ..services import accounts
from ..services.deeds import Deed, Refused
from .forms import LineField, required
from .records import RecordForm, attempt
from .security import Door, needs, this_deed

blueprint = Blueprint("admin", __name__, url_prefix="/people")


class PersonForm(RecordForm):
    """A new account."""

    full_name = LineField("Full name", [required("Enter the person's full name.")])
    email = LineField("E-mail", [required("Enter the e-mail address.")], render_kw={"inputmode": "email"})
    roles = SelectMultipleField(
        "Roles",
        choices={role.value: role.value.replace("_", " ").capitalize() for role in Role},
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
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
    """Add a person and show the one-time password."""
    form = PersonForm()
    if not form.is_submitted():
        return render_template("admin/new.html", form=form)
    told, made = (form.full_name.data or "", form.email.data or "", form.roles.data or []), []
    if code := attempt(form, None, lambda: made.append(accounts.add_user(*told, this_deed()))):
        return render_template("admin/new.html", form=form), code
    user, password = made[0]
    return render_template("admin/password.html", user=user, password=password)


@blueprint.post("/<int:user_id>/password")
@needs(Permission.USER_ADMIN)
def reset(user_id: int) -> ResponseReturnValue:
    """Give a person a new one-time password and show it."""
    user = db.get_or_404(User, user_id)
    with transaction():
        password = accounts.reset_password(user, this_deed())
    return render_template("admin/password.html", user=user, password=password)


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


def _change(user_id: int, deed: Callable[[User, Deed], None], done: str) -> ResponseReturnValue:
    user = db.get_or_404(User, user_id)
    try:
        with transaction():
            deed(user, this_deed())
        flash(f"{user.full_name} {done}.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(url_for("admin.users"))
