"""The vial log of a day: what was opened, into whom it went, what was thrown away. It closes at zero."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange

from ..clock import today
from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Facility, Patient, Vial
from ..services import vials
from ..services.deeds import Refused
from .asking import ask
from .claim_forms import CHOSEN, facility_words
from .forms import DateField, LineField, optional, required
from .line_forms import choose
from .patient_forms import DAY, products
from .records import RecordForm
from .security import needs, record_access, this_deed

blueprint = Blueprint("vials", __name__, url_prefix="/vials")


class VialForm(RecordForm):
    """A vial that is opened now."""

    facility = SelectField("Place", CHOSEN, coerce=int)
    product = SelectField("Drug", [required("Choose the drug.")])
    size = IntegerField("Vial of, units", [required("Enter the size."), NumberRange(1, 10_000, "Enter whole units.")])
    lot = LineField("Lot", [required("Enter the lot, as on the vial.")], render_kw={"autocomplete": "off"})
    expires_on = DateField("Expires", [required(DateField.MESSAGE)], render_kw=DAY)
    ndc = LineField("NDC", [optional()], longest=20)
    mrn = LineField(
        "Sent by a pharmacy for", [optional()], description="The patient's record number; only they may have it."
    )

    def fill(self) -> None:
        """Offer places and drugs."""
        choose(self.facility, _places(), facility_words)
        self.product.choices = products("Choose…")


@blueprint.get("")
@needs(Permission.CLAIM_READ)
def log() -> ResponseReturnValue:
    """Show the log of a day and place."""
    with transaction():
        record_access("view", "vial_log")
    day, places = _day(), _places()
    asked = request.args.get("facility", type=int)
    place = next((each for each in places if each.id == asked), places[0] if places else None)
    opened = vials.opened_on(day, place) if place else []
    balances = vials.balances(opened)
    return render_template(
        "vials/log.html",
        day=day,
        place=place,
        places=places,
        rows=list(zip(opened, balances, strict=True)),
        left=sum((each.left for each in balances), Decimal(0)),
        faults=[each.fault for each in balances if each.fault],
        products=this_deed().book.codes.products,
    )


def _day() -> date:
    try:
        return date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return today()


def _places() -> list[Facility]:
    """Return the places, those with a vial today first."""
    query = select(Facility).order_by(Facility.id)
    busy = set(db.session.scalars(select(Vial.facility_id).where(Vial.opened_on == today())))
    return sorted(db.session.scalars(query), key=lambda place: (place.id not in busy, place.id))


@blueprint.route("/open", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def open_vial() -> ResponseReturnValue:
    """Note that a vial is opened."""
    form = VialForm()
    form.fill()
    if not form.is_submitted():
        form.facility.data = request.args.get("facility", type=int)
    back = url_for("vials.log", facility=form.facility.data or None)
    return ask(
        form,
        None,
        lambda: _open(form),
        title="Open a vial",
        button="Open the vial",
        crumbs=[("Vial log", back)],
        done="The vial stands in the log.",
    )


def _open(form: VialForm) -> Vial:
    place = db.get_or_404(Facility, form.facility.data)
    patient = db.session.scalar(select(Patient).where(Patient.mrn == form.mrn.data)) if form.mrn.data else None
    if form.mrn.data and patient is None:
        raise Refused("No patient has this record number.")
    told = (form.product.data, form.size.data or 0, form.lot.data or "", form.expires_on.data or today())
    return vials.open_vial(*told, place, this_deed(), ndc=form.ndc.data or None, kept_for=patient)


@blueprint.post("/<int:vial_id>/discard")
@needs(Permission.PATIENT_WRITE)
def discard(vial_id: int) -> ResponseReturnValue:
    """Discard what is left in a vial, with the reason."""
    vial = db.get_or_404(Vial, vial_id)
    return _answer(
        lambda: vials.discard([vial], request.form.get("reason", ""), this_deed()),
        "The rest is discarded, with the reason.",
        url_for("vials.log", day=vial.opened_on, facility=vial.facility_id),
    )


@blueprint.post("/close/<int:facility_id>")
@needs(Permission.PATIENT_WRITE)
def close(facility_id: int) -> ResponseReturnValue:
    """Discard what is left in every vial of the day, so that the log closes at zero."""
    place, day = db.get_or_404(Facility, facility_id), _day()
    return _answer(
        lambda: vials.close_day(day, place, request.form.get("reason", ""), this_deed()),
        "The day is closed: nothing is left in any vial.",
        url_for("vials.log", day=day, facility=place.id),
    )


def _answer(deed: Callable[[], Any], done: str, back: str) -> ResponseReturnValue:
    try:
        with transaction():
            deed()
        flash(done, "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(back)
