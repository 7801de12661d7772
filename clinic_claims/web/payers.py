"""Payers and their plans: who they are, how to reach them, and whose rules bind each plan."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.validators import NumberRange

from ..db import db
from ..domain.permissions import Permission
from ..models import Payer
from ..services import answering, contracts, payer_record, payers
from .forms import LineField, optional, required
from .patient_forms import CHOOSE, ToldForm
from .records import attempt, seen
from .security import needs, this_deed

STATES = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS",
    "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC",
    "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
)  # fmt: skip
KINDS = ("HMO", "PPO", "EPO", "POS")

blueprint = Blueprint("payers", __name__, url_prefix="/payers")


class PayerForm(ToldForm):
    """A payer and how to reach its appeals desk."""

    name = LineField("Name", [required("Enter the payer's name as on its letters.")])
    edi_id = LineField("Payer ID in files", [optional()], description="As in its remittances (N1*PR).")
    appeals_address = TextAreaField(
        "Address for appeals", [optional()], render_kw={"rows": 4}, description="One line each, as on the envelope."
    )
    appeals_fax = LineField("Fax for appeals", [optional()])
    appeals_portal = LineField("Portal for appeals", [optional()])
    phone = LineField("Telephone", [optional()])
    upload_megabytes = IntegerField("Most megabytes its portal takes in a file", [optional(), NumberRange(1, 10_000)])
    upload_pages = IntegerField("Most pages its portal takes in a file", [optional(), NumberRange(1, 100_000)])

    @property
    def told(self) -> dict[str, Any]:
        """Give the address as lines."""
        lines = [line.strip() for line in (self.appeals_address.data or "").splitlines() if line.strip()]
        return super().told | {"appeals_address": lines, "aliases": []}


class PlanForm(ToldForm):
    """A plan, and the law that binds it."""

    name = LineField("Name", [required("Enter the plan's name as on the card.")])
    payer_class = SelectField("Kind of plan", [required("Choose the kind of plan.")])
    kind = SelectField("Network", [optional()], choices={"": "Not known"} | {kind: kind for kind in KINDS})
    state = SelectField(
        "State whose insurance law binds it",
        [optional()],
        choices={"": "None: federal programme or self-funded"} | {state: state for state in STATES},
    )
    in_network = BooleanField("The clinic is in this plan's network", default=True)
    wants_approval = BooleanField("The plan asks for prior approval of toxin or surgery", default=True)


@blueprint.get("")
@needs(Permission.CLAIM_READ)
def index() -> ResponseReturnValue:
    """List payers with their plans."""
    return render_template("payers/index.html", payers=payers.everyone(), classes=this_deed().book.clocks.classes)


@blueprint.get("/<int:payer_id>")
@needs(Permission.CLAIM_READ)
def show(payer_id: int) -> ResponseReturnValue:
    """Show how to reach a payer, whose rules bind its plans, and what happened the last times."""
    payer, book = seen(Payer, payer_id), this_deed().book
    return render_template(
        "payers/show.html",
        payer=payer,
        record=payer_record.own_record(payer),
        terms=contracts.of_payer(payer),
        length=contracts.length,
        classes=book.clocks.classes,
        levels=list(book.clocks.levels.values()),
        category=lambda category: answering.category_name(category, book),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def new() -> ResponseReturnValue:
    """Enter a payer."""
    form = PayerForm()
    page = {"title": "Enter a payer", "button": "Enter the payer", "crumbs": [("Payers", url_for("payers.index"))]}
    if not form.is_submitted():
        return render_template("components/form_page.html", form=form, **page)
    if code := attempt(form, None, lambda: payers.add(deed=this_deed(), **form.told)):
        return render_template("components/form_page.html", form=form, **page), code
    flash("The payer is on file. Add its plans next.", "success")
    return redirect(url_for("payers.index"))


@blueprint.route("/<int:payer_id>/plans/new", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def new_plan(payer_id: int) -> ResponseReturnValue:
    """Add a plan to a payer."""
    payer, form, classes = db.get_or_404(Payer, payer_id), PlanForm(), this_deed().book.clocks.classes
    form.payer_class.choices = CHOOSE | {key: row.name for key, row in classes.items()}
    page = {"payer": payer, "classes": classes, "form": form}
    if not form.is_submitted():
        return render_template("payers/plan.html", **page)
    if code := attempt(form, None, lambda: payers.add_plan(payer, deed=this_deed(), **form.told)):
        return render_template("payers/plan.html", **page), code
    flash("The plan is on file.", "success")
    return redirect(url_for("payers.index"))
