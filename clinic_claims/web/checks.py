"""The check before a visit and before a claim: let an error pass with a reason, print the three columns."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Claim, Visit
from ..services import comparing, predenial
from ..services.deeds import Refused
from .addresses import page_of
from .peer_calls import filed
from .security import demand, needs, this_deed

blueprint = Blueprint("checks", __name__, url_prefix="/checks")
KINDS: dict[str, tuple[type[Any], Permission]] = {
    "visit": (Visit, Permission.PATIENT_WRITE),
    "claim": (Claim, Permission.CLAIM_WRITE),
}


@blueprint.post("/<kind>/<int:key>")
@needs(Permission.CLAIM_READ)
def let_pass(kind: str, key: int) -> ResponseReturnValue:
    """Let the errors of one rule pass, with a reason."""
    model, permission = KINDS[kind] if kind in KINDS else abort(404)
    demand(permission)
    subject = db.get_or_404(model, key)
    try:
        with transaction():
            predenial.override(subject, request.form.get("rule", ""), request.form.get("reason", ""), this_deed())
        flash("Let pass; the reason stands on the history.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(f"{page_of(subject)}#checks")


@blueprint.post("/claim/<int:claim_id>/exhibit")
@needs(Permission.CLAIM_WRITE)
def exhibit(claim_id: int) -> ResponseReturnValue:
    """Print what was approved, performed and billed, so that an appeal can enclose it."""
    claim = db.get_or_404(Claim, claim_id)
    return filed(lambda: comparing.exhibit(claim, this_deed()), claim, page_of(claim))
