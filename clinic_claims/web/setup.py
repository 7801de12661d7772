"""Setting a real clinic up: letterhead, clinicians, places, payers, people, the first file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from ..domain.permissions import Permission
from ..services import clinic_setup
from .forms import LineField, optional, required
from .patient_forms import ToldForm
from .payers import STATES
from .records import attempt
from .security import needs, this_deed

PLACES = {"11": "11 Office", "22": "22 Hospital outpatient", "24": "24 Surgery center", "21": "21 Hospital inpatient"}
NPI = "Ten digits."

blueprint = Blueprint("setup", __name__, url_prefix="/setup")


class LetterheadForm(ToldForm):
    """What stands at the head of every letter and in every claim."""

    name = LineField("Name of the clinic", [required("Enter the clinic's name as on its letters.")])
    npi = LineField("NPI of the clinic", [required("Enter the clinic's NPI.")], description=NPI)
    tin = LineField("Tax number (EIN)", [required("Enter the tax number.")])
    taxonomy = LineField("Taxonomy code", [required("Enter the taxonomy code, such as 2084N0400X.")])
    street = LineField("Street", [required("Enter the street.")])
    city = LineField("City", [required("Enter the city.")])
    state = SelectField("State", choices={state: state for state in STATES})
    zip = LineField("ZIP code", [required("Enter the ZIP code.")])
    phone = LineField("Telephone", [required("Enter the telephone.")])
    fax = LineField("Fax", [optional()])
    email = LineField("E-mail for payers", [optional()])


class ClinicianForm(ToldForm):
    """A clinician who treats and signs."""

    name = LineField("Name", [required("Enter the name as signed, with the degree.")], description="Elena R. Park, MD")
    credentials = LineField(
        "Credentials", [required("Enter the credentials.")], description="Board certified in Neurology"
    )
    specialty = LineField("Specialty", [required("Enter the specialty.")], description="neurologist, neurosurgeon")
    npi = LineField("NPI", [required("Enter the clinician's NPI.")], description=NPI)
    license = LineField("License", [optional()])
    direct_line = LineField("Direct line", [optional()], description="For calls between physicians.")


class PlaceForm(ToldForm):
    """Where services are given."""

    name = LineField("Name", [required("Enter the name of the place.")])
    npi = LineField("NPI", [required("Enter the NPI that bills for the place.")], description=NPI)
    place_of_service = SelectField("Place of service", choices=PLACES)
    address = LineField("Address", [optional()])


@dataclass(frozen=True)
class Step:
    """One step that is done here: its title, its form and its deed."""

    title: str
    form: type[ToldForm]
    deed: Callable[..., Any]


STEPS = {
    "letterhead": Step("Letterhead", LetterheadForm, clinic_setup.set_letterhead),
    "clinician": Step("Add a clinician", ClinicianForm, clinic_setup.add_provider),
    "place": Step("Add a place", PlaceForm, clinic_setup.add_place),
}


@blueprint.get("")
@needs(Permission.CLINIC_SETUP)
def index() -> ResponseReturnValue:
    """Show what a new clinic enters, step by step, and which steps are done."""
    return render_template("setup/index.html", standing=clinic_setup.standing())


@blueprint.route("/<what>", methods=["GET", "POST"])
@needs(Permission.CLINIC_SETUP)
def step(what: str) -> ResponseReturnValue:
    """Take one step."""
    taken = STEPS.get(what) or abort(404)
    form = taken.form(obj=clinic_setup.standing().clinic) if what == "letterhead" else taken.form()
    page = {"form": form, "title": taken.title, "button": "Save", "crumbs": [("Set up", url_for(".index"))]}
    if not form.is_submitted():
        return render_template("components/form_page.html", **page)
    if code := attempt(form, None, lambda: taken.deed(this_deed(), **form.told)):
        return render_template("components/form_page.html", **page), code
    flash("Saved.", "success")
    return redirect(url_for(".index"))
