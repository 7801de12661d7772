"""Pages that belong to no screen: home, preferences, the style guide."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..domain.permissions import Permission
from ..services import clinic_setup
from .navigation import open_items
from .security import Door, needs, safe_back
from .styleguide import sample

PREFERENCES = {"theme": ("light", "dark"), "density": ("comfortable", "compact")}
A_YEAR = 365 * 24 * 3600  # seconds

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@needs(Door.SIGNED_IN)
def home() -> ResponseReturnValue:
    """Go to the first page the person's roles open; who sees no patients, or is in a new clinic, to its set-up."""
    sees_patients = current_user.may(Permission.CLAIM_READ)
    if current_user.may(Permission.CLINIC_SETUP) and (not sees_patients or clinic_setup.is_new()):
        return redirect(url_for("setup.index"))
    first = next(open_items(), None)
    return redirect(url_for(first.endpoint)) if first else render_template("pages/home.html")


@blueprint.post("/preferences")
@needs(Door.SIGNED_IN)
def prefer() -> ResponseReturnValue:
    """Remember light or dark, roomy or compact, in this browser."""
    response = redirect(safe_back(request.form.get("back", "")) or url_for("pages.home"))
    for name, choices in PREFERENCES.items():
        if (chosen := request.form.get(name)) in choices:
            secure = current_app.config["SESSION_COOKIE_SECURE"]
            response.set_cookie(name, chosen, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@blueprint.get("/styleguide")
@needs(Door.SIGNED_IN)
def styleguide() -> ResponseReturnValue:
    """Show every component once, with made-up data."""
    return render_template("pages/styleguide.html", **sample())
