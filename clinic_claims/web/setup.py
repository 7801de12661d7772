"""Setting a real clinic up, step by step: each may be left for later, and says what waits until it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..db import transaction
from ..domain.permissions import Permission
from ..services import clinic_setup
from ..services.clinic_setup import Standing
from ..services.deeds import Refused
from ..services.demo import removal
from .patient_forms import ToldForm
from .records import attempt
from .security import needs, this_deed
from .setup_forms import ClinicianForm, LetterheadForm, PlaceForm

blueprint = Blueprint("setup", __name__, url_prefix="/setup")
blueprint.add_app_template_global(clinic_setup.nobody_yet)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the way: why it is there, what waits while it is left, and where it is done."""

    title: str
    why: str
    left_out: str
    label: str
    endpoint: str
    permission: Permission
    done: Callable[[Standing], str]
    more: str = ""  # the button once the step was done


WAY = (
    Stage(
        title="Letterhead", label="Enter the letterhead", more="Correct",
        why="Name, address and numbers, as letters and claims carry them.",
        left_out="Letters stay drafts.",
        endpoint="letterhead", permission=Permission.CLINIC_SETUP,
        done=lambda held: held.clinic.name if held.clinic else "",
    ),
    Stage(
        title="Clinicians", label="Add a clinician", more="Add another",
        why="Who treats and signs. The NPI is checked as you enter it.",
        left_out="No treatment case can be opened, so no claim.",
        endpoint="clinician", permission=Permission.CLINIC_SETUP,
        done=lambda held: "; ".join(row.name for row in held.providers),
    ),
    Stage(
        title="Places", label="Add a place", more="Add another",
        why="Where services are given: the place of service decides what a payer asks for.",
        left_out="No visit can be booked.",
        endpoint="place", permission=Permission.CLINIC_SETUP,
        done=lambda held: "; ".join(row.name for row in held.places),
    ),
    Stage(
        title="Payers and their plans", label="Choose from the list", more="Choose more",
        why="The kind of each plan decides every deadline: begin with Medicare and the few payers you bill most.",
        left_out="Files of payers can be read, but no clock can be counted.",
        endpoint="payers", permission=Permission.PATIENT_WRITE,
        done=lambda held: f"{held.payers} payers, {held.plans} plans" if held.plans else "",
    ),
    Stage(
        title="People", label="Add a person", more="Add another",
        why="One account a person; the role decides what opens.",
        left_out="You work alone: nobody signs letters but a physician, nobody signs a write-off but a second person.",
        endpoint="admin.new", permission=Permission.USER_ADMIN,
        done=lambda held: f"{held.people} accounts" if held.people > 1 else "",
    ),
    Stage(
        title="The first claims", label="Import a file", more="Import more",
        why="A spreadsheet of open claims, or a payer's file: you see what it would do before it is taken in.",
        left_out="Today stays empty; patients and claims can be entered by hand.",
        endpoint="imports.index", permission=Permission.REMITTANCE_POST,
        done=lambda held: "Claims are on file." if held.has_claims else "",
    ),
)  # fmt: skip


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
    held = clinic_setup.standing()
    way = [(stage, stage.done(held), address_of(stage.endpoint)) for stage in WAY]
    following = next((stage for stage, done, _ in way if not done), None)
    return render_template("setup/index.html", way=way, following=following, demo=removal.holdings())


def address_of(endpoint: str) -> str:
    """Return where a step is done: a page of its own, or one of the forms here."""
    if endpoint in STEPS:
        return url_for(".step", what=endpoint)
    return url_for(endpoint if "." in endpoint else f".{endpoint}")


@blueprint.get("/payers")
@needs(Permission.PATIENT_WRITE)
def payers() -> ResponseReturnValue:
    """Show the payers that many clinics bill, with the kinds of plan each may have."""
    return _payers()


@blueprint.post("/payers")
@needs(Permission.PATIENT_WRITE)
def choose_payers() -> ResponseReturnValue:
    """Put the chosen ones on file."""
    try:
        with transaction():
            count = clinic_setup.add_common_payers(request.form.getlist("plans"), this_deed())
    except Refused as refused:
        return _payers(refused.reasons, 422)
    flash(f"{count} plans are on file. Enter address, fax and payer ID from your own papers.", "success")
    return redirect(url_for("payers.index"))


def _payers(reasons: list[str] | None = None, code: int = 200) -> ResponseReturnValue:
    groups, classes = clinic_setup.common_payers(this_deed().book), this_deed().book.clocks.classes
    return render_template("setup/payers.html", groups=groups, classes=classes, reasons=reasons), code


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
