"""Payers and their plans: who they are, how to reach them, and whose rules bind each plan."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.validators import NumberRange

from ..db import db
from ..domain.permissions import Permission
from ..models import Payer, Plan
from ..services import answering, contracts, history, payer_record, payers, redating
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
REACHED_BY = {"address": "Address", "fax": "Fax", "portal": "Portal", "phone": "Telephone"}
LONGEST_DESK = 400  # characters

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
    aliases = TextAreaField(
        "Its names in files", [optional()], render_kw={"rows": 2}, description="One line each, as its files print them."
    )
    upload_megabytes = IntegerField("Most megabytes", [optional(), NumberRange(1, 10_000)])
    upload_pages = IntegerField("Most pages", [optional(), NumberRange(1, 100_000)])

    @property
    def told(self) -> dict[str, Any]:
        """Give address and names as lines, and the other desks as far as they are filled in."""
        own = {name: value for name, value in super().told.items() if "-" not in name}
        desks = {key: reached for key in payers.DESKS if (reached := self._desk(key))}
        lines = {name: _lines(self[name].data) for name in ("appeals_address", "aliases")}
        return own | lines | {"desks": desks or None}

    def _desk(self, key: str) -> dict[str, Any]:
        told = {name: (request.form.get(f"{key}-{name}") or "").strip()[:LONGEST_DESK] for name in REACHED_BY}
        return {name: _lines(value) if name == "address" else value for name, value in told.items() if value}

    def desk(self, key: str, payer: Payer | None) -> dict[str, Any]:
        """Return what the fields of a desk show: as typed, else as on file."""
        return self._desk(key) if self.is_submitted() else ((payer.desks or {}).get(key, {}) if payer else {})


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class PlanForm(ToldForm):
    """A plan, and the law that binds it."""

    name = LineField("Name", [required("Enter the plan's name as on the card.")])
    payer_class = SelectField("Kind of plan", [required("Choose the kind of plan.")])
    kind = SelectField("Network", [optional()], choices={"": "Not known"} | {kind: kind for kind in KINDS})
    state = SelectField(
        "State whose insurance law binds it",
        [optional()],
        choices={"": "None: federal program or self-funded"} | {state: state for state in STATES},
    )
    internal_levels = SelectField(
        "Appeals that the plan itself hears",
        [optional()],
        choices={"": "Not known: read a decision or the plan document", "one": "One", "two": "Two"},
        description="Of commercial and self-funded plans. After the last one external review is open.",
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
        desks=payers.DESKS,
        told=[event for event in history.of(payer) if event.action not in history.QUIET],
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
    form, code = PayerForm(), 200
    if form.is_submitted():
        code = attempt(form, None, lambda: payers.add(deed=this_deed(), **form.told))
        if not code:
            flash("The payer is on file. Add its plans next.", "success")
            return redirect(url_for(".index"))
    return render_template("payers/edit.html", form=form, payer=None, desks=payers.DESKS), code


@blueprint.route("/<int:payer_id>/edit", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def edit(payer_id: int) -> ResponseReturnValue:
    """Correct how a payer is reached, what its portal takes and what its files call it."""
    payer, form, code = db.get_or_404(Payer, payer_id), PayerForm(), 200
    if form.is_submitted():
        code = attempt(form, None, lambda: payers.correct(payer, deed=this_deed(), **form.told))
        if not code:
            flash("Corrected. Letters printed from now on say it.", "success")
            return redirect(url_for(".show", payer_id=payer_id))
    else:
        form.process(obj=payer)
        for name in ("appeals_address", "aliases"):
            form[name].data = "\n".join(getattr(payer, name))
    return render_template("payers/edit.html", form=form, payer=payer, desks=payers.DESKS), code


@blueprint.route("/<int:payer_id>/plans/new", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def new_plan(payer_id: int) -> ResponseReturnValue:
    """Add a plan to a payer."""
    payer, form, code = db.get_or_404(Payer, payer_id), _plan_form(), 200
    if form.is_submitted():
        code = attempt(form, None, lambda: payers.add_plan(payer, deed=this_deed(), **form.told))
        if not code:
            flash("The plan is on file.", "success")
            return redirect(url_for(".index"))
    return _plan_page(payer, form, "Add a plan"), code


@blueprint.route("/plans/<int:plan_id>/edit", methods=["GET", "POST"])
@needs(Permission.RULES_WRITE)
def edit_plan(plan_id: int) -> ResponseReturnValue:
    """Correct a plan; another kind of plan has other deadlines, which are dated anew where that is wanted."""
    plan, form, code = db.get_or_404(Plan, plan_id), _plan_form(), 200
    if form.is_submitted():
        code = attempt(form, None, lambda: payers.correct_plan(plan, deed=this_deed(), **form.told))
        if not code:
            flash("The plan is corrected.", "success")
            moved = redating.moved(this_deed())
            return redirect(url_for("rules.moved") if moved else url_for(".show", payer_id=plan.payer_id))
    else:
        form.process(obj=plan)
    return _plan_page(plan.payer, form, "Correct a plan"), code


def _plan_form() -> PlanForm:
    form = PlanForm()
    form.payer_class.choices = CHOOSE | {key: row.name for key, row in this_deed().book.clocks.classes.items()}
    return form


def _plan_page(payer: Payer, form: PlanForm, title: str) -> str:
    classes = this_deed().book.clocks.classes
    return render_template("payers/plan.html", payer=payer, form=form, title=title, classes=classes)
