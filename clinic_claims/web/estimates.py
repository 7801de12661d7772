"""What a visit will cost the patient: beside the cash price, on a page they get, signed where Medicare may not pay."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import DecimalField, IntegerField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Coverage, Document, Estimate, TreatmentCase
from ..services import documents, estimates, visits
from ..services.deeds import Refused
from ..services.estimates import Priced
from .addresses import page_of
from .asking import ask
from .claim_forms import CHOSEN, coverage_words
from .forms import LineField, MoneyField, optional
from .line_forms import LinesForm, choose, coverages_of, lines_of
from .peer_calls import filed
from .records import RecordForm, seen
from .security import needs, this_deed

blueprint = Blueprint("estimates", __name__, url_prefix="/estimates")
DOLLARS = NumberRange(0, message=MoneyField.MESSAGE)
HOURS = "Enter hours such as 5 or 2.5."


class PricedLine(PlainForm):
    """One code with what the plan allows and what it costs in cash, each for all units."""

    code = LineField("Code", longest=10)
    units = IntegerField("Units", [optional(), NumberRange(1, 9999, "Enter whole units, 1 or more.")], default=1)
    allowed = MoneyField("Plan allows", [optional(), DOLLARS])
    cash = MoneyField("Cash price", [optional(), DOLLARS])

    @property
    def is_blank(self) -> bool:
        """Whether nobody typed a code here."""
        return not (self.code.data or "").strip()


class EstimateForm(LinesForm):
    """The codes of a visit with both prices."""

    coverage = SelectField("Plan", CHOSEN, coerce=int)
    visit = SelectField("Visit", [optional()], coerce=int)
    appeal_hours = DecimalField("Hours an appeal would take", [optional(), NumberRange(0, 200, HOURS)], places=None)
    hourly_cost = MoneyField("Cost of an hour", [optional(), DOLLARS])
    notice_reason = LineField(
        "Why Medicare may not pay",
        [optional()],
        description="Original Medicare only: makes it an advance notice (ABN).",
    )
    lines = lines_of(PricedLine, 1)

    def offers_of(self, case: TreatmentCase) -> None:
        """Fill the choices from what is on file."""
        choose(self.coverage, coverages_of(case), coverage_words)
        ahead = [visit for visit in visits.of_case(case) if visit.state == "scheduled"]
        choose(
            self.visit, ahead, lambda visit: f"{visit.on:%b} {visit.on.day}, {visit.facility.name}", spare="None yet"
        )

    def starts_from(self, case: TreatmentCase) -> None:
        """Take over the codes that a visit of this case would bill."""
        for place, row in enumerate(visits.propose(case, this_deed().book.codes)):
            entry = self.lines[0] if place == 0 else self.lines.append_entry()
            entry.form.code.data, entry.form.units.data = row.code, row.units

    def validate(self, *args: Any, **options: Any) -> bool:
        """Ask for both prices of every code."""
        sound = RecordForm.validate(self, *args, **options)
        for line in self.used():
            for field in (line.allowed, line.cash):
                if field.data is None and not field.errors:
                    field.errors, sound = [MoneyField.MESSAGE], False
        return sound

    def priced(self) -> list[Priced]:
        """Return the lines that hold something."""
        return [
            Priced(
                code=(line.code.data or "").strip().upper(),
                units=line.units.data or 1,
                allowed=line.allowed.data or Decimal(0),
                cash=line.cash.data or Decimal(0),
            )
            for line in self.used()
        ]


class SignForm(RecordForm):
    """The paper that the patient signed."""

    document = SelectField("Signed paper", CHOSEN, coerce=int, description="Add it to the documents first.")


@blueprint.route("/new/<int:case_id>", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def new(case_id: int) -> ResponseReturnValue:
    """Reckon what a visit will cost the patient."""
    case, form, made = seen(TreatmentCase, case_id), EstimateForm(), list[Estimate]()
    form.offers_of(case)
    page: dict[str, Any] = {
        "title": "Estimate the cost",
        "button": "Make the estimate",
        "template": "estimates/new.html",
    }
    page |= {"button": "Make the estimate", "done": "Print the page for the patient."}
    page |= {"crumbs": [(case.patient.name, page_of(case.patient))]}
    if not form.is_submitted():
        form.starts_from(case)
    elif form.asked_for_more():
        return render_template(page["template"], form=form, **page)
    return ask(form, None, lambda: made.append(_make(case, form)), to=lambda: _page(made[0]), **page)


def _make(case: TreatmentCase, form: EstimateForm) -> Estimate:
    coverage = db.get_or_404(Coverage, form.coverage.data)
    visit = next((each for each in visits.of_case(case) if each.id == form.visit.data), None)
    told = {name: form[name].data or None for name in ("appeal_hours", "hourly_cost", "notice_reason")}
    return estimates.make(case, coverage, form.priced(), this_deed(), visit=visit, **told)


def _page(estimate: Estimate) -> str:
    return url_for("estimates.show", estimate_id=estimate.id)


@blueprint.get("/<int:estimate_id>")
@needs(Permission.CLAIM_READ)
def show(estimate_id: int) -> ResponseReturnValue:
    """Show what the patient is told."""
    return render_template("estimates/show.html", estimate=seen(Estimate, estimate_id))


@blueprint.post("/<int:estimate_id>/print")
@needs(Permission.PATIENT_WRITE)
def print_notice(estimate_id: int) -> ResponseReturnValue:
    """Print the page the patient gets before the visit."""
    estimate = db.get_or_404(Estimate, estimate_id)
    return filed(lambda: estimates.print_notice(estimate, this_deed()), estimate, _page(estimate))


@blueprint.route("/<int:estimate_id>/sign", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def sign(estimate_id: int) -> ResponseReturnValue:
    """Note that the patient signed the advance notice."""
    estimate, form = seen(Estimate, estimate_id), SignForm()
    choose(form.document, documents.of_case(estimate.case), lambda paper: paper.title)
    return ask(
        form,
        None,
        lambda: estimates.sign(estimate, db.get_or_404(Document, form.document.data), this_deed()),
        title="The patient signed the notice",
        button="Note the signature",
        crumbs=[("Estimate", _page(estimate))],
        done="Signed: the lines go out with GA.",
    )


@blueprint.post("/<int:estimate_id>/decline")
@needs(Permission.PATIENT_WRITE)
def decline(estimate_id: int) -> ResponseReturnValue:
    """Note that no signature was obtained."""
    estimate = db.get_or_404(Estimate, estimate_id)
    return _answer(lambda: estimates.decline(estimate, this_deed()), _page(estimate))


def _answer(deed: Callable[[], Any], back: str) -> ResponseReturnValue:
    try:
        with transaction():
            deed()
        flash("Not signed: the lines go out with GZ, and the clinic bears the loss.", "info")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(back)
