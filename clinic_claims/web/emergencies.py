"""Emergency access: open patient data for an hour with a reason; a manager reads each one."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models.accounts import EmergencyAccess
from ..services import emergencies
from ..services.deeds import Refused
from .forms import required
from .records import RecordForm, attempt
from .security import needs, signed_in, this_deed

blueprint = Blueprint("emergencies", __name__, url_prefix="/emergency")


class ReasonForm(RecordForm):
    """Why patient data must be opened now."""

    reason = TextAreaField("What happened, and whose record you need", [required("Say why.")], render_kw={"rows": 3})


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.EMERGENCY_OPEN, fresh=True)
def index() -> ResponseReturnValue:
    """Ask for the reason and open; or show how long it still lasts."""
    form, code = ReasonForm(), 0
    if form.is_submitted():
        code = attempt(form, None, lambda: emergencies.open_access(signed_in(), form.reason.data or "", this_deed()))
        if not code:
            flash("Patient data is open to you for 60 minutes. A manager is told.", "warning")
            return redirect(url_for("pages.home"))
    return render_template("emergencies/open.html", form=form, access=signed_in().emergency), code or 200


@blueprint.post("/close")
@needs(Permission.EMERGENCY_OPEN)
def close() -> ResponseReturnValue:
    """End it before the hour is over."""
    return _done(lambda: emergencies.close(signed_in(), this_deed()), ".index")


@blueprint.get("/list")
@needs(Permission.AUDIT_READ)
def listed() -> ResponseReturnValue:
    """List who opened patient data in an emergency, and why."""
    return render_template("emergencies/list.html", found=emergencies.latest())


@blueprint.post("/<int:access_id>/review")
@needs(Permission.EMERGENCY_REVIEW)
def review(access_id: int) -> ResponseReturnValue:
    """Note that the manager has read it."""
    access = db.get_or_404(EmergencyAccess, access_id)
    return _done(lambda: emergencies.review(access, this_deed()), ".listed")


def _done(deed: Callable[[], None], back: str) -> ResponseReturnValue:
    try:
        with transaction():
            deed()
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(url_for(back))
