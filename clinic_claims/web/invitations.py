"""The page behind an invitation: somebody new chooses a password, and the link is used up."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password
from wtforms import Field, PasswordField, ValidationError
from wtforms.validators import EqualTo

from ..clock import now
from ..db import transaction
from ..models import User
from ..services import accounts, invitations
from .auth_forms import ADVICE, NEW
from .errors import page
from .forms import Form, required
from .passwords import check
from .security import Door, needs, record_access

blueprint = Blueprint("invitations", __name__, url_prefix="/welcome")


class WelcomeForm(Form):
    """A password of one's own, twice."""

    password = PasswordField("Password", [required("Enter a password.")], description=ADVICE, render_kw=NEW)
    again = PasswordField(
        "Password, once more", [EqualTo("password", "The two passwords differ.")], description="", render_kw=NEW
    )

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user

    def validate_password(self, field: Field) -> None:
        """Hold the password to the rules. Raises ValidationError with what to do."""
        if faults := check(field.data, self.user)[0]:
            raise ValidationError(" ".join(faults))


@blueprint.route("/<secret>", methods=["GET", "POST"])
@needs(Door.PUBLIC)
def welcome(secret: str) -> ResponseReturnValue:
    """Show the form while the link works; then set the password and lead to the door."""
    user = invitations.guest(secret, now())
    if user is None:
        return page(404, [invitations.OVER])
    form = WelcomeForm(user)
    if not form.validate_on_submit():
        return render_template("account/welcome.html", form=form, user=user), 422 if form.is_submitted() else 200
    with transaction():
        user.password, user.must_change_password = hash_password(check(form.password.data, user)[1]), False
        invitations.withdraw(user)
        accounts.end_sessions(user)
        record_access("invitation_used", user)
    flash("Your password is set. Sign in with it.", "success")
    return redirect(url_for("security.login"))
