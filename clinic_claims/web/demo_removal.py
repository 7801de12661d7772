"""Remove the demo: a page that says what goes, one button, and the first account of the real clinic."""

from pathlib import Path

from flask import Blueprint, abort, current_app, g, render_template, session, url_for
from flask.typing import ResponseReturnValue

from ..db import transaction
from ..domain.permissions import Permission
from ..services.deeds import Refused
from ..services.demo import removal
from .forms import Form, LineField, required
from .security import needs, signed_in, this_deed

MADE_UP = ".example"  # the end of every e-mail address of the demo

blueprint = Blueprint("demo_removal", __name__, url_prefix="/setup/demo")


class FirstAccountForm(Form):
    """Who will set the real clinic up."""

    full_name = LineField("Your name", [required("Enter your name.")])
    email = LineField("Your e-mail", [required("Enter your e-mail address.")], render_kw={"autocomplete": "off"})


@blueprint.get("")
@needs(Permission.CLINIC_SETUP, fresh=True)
def ask() -> ResponseReturnValue:
    """Say what goes, and ask for the first account."""
    form = FirstAccountForm()
    if not signed_in().email.endswith(MADE_UP):
        form.full_name.data, form.email.data = signed_in().full_name, signed_in().email
    return _page(form)


@blueprint.post("")
@needs(Permission.CLINIC_SETUP, fresh=True)
def remove() -> ResponseReturnValue:
    """Remove everything, and show the way in once."""
    form, deed = FirstAccountForm(), this_deed()
    if not form.validate():
        return _page(form, 422)
    try:
        with transaction():
            password = removal.remove(form.full_name.data or "", form.email.data or "", deed)
    except Refused as refused:
        form.form_errors += refused.reasons
        return _page(form, 409)
    session.clear()
    g.pop("_login_user", None)  # the account is gone: nobody is signed in, and nobody signs out
    removal.clear(Path(current_app.config["INSTANCE"]))
    return render_template("setup/removed.html", email=form.email.data, password=password)


def _page(form: FirstAccountForm, code: int = 200) -> ResponseReturnValue:
    held = removal.holdings() or abort(404)
    crumbs = [("Set up", url_for("setup.index"))]
    return render_template("setup/demo.html", form=form, held=held, crumbs=crumbs), code
