"""What the plan covers: the call with its two questions, and the look-up in the week and on the day."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import SelectField, TextAreaField
from wtforms.validators import NumberRange

from ..domain.permissions import Permission
from ..models import Coverage
from ..services import benefits
from .addresses import page_of
from .asking import ask
from .filters import plan_name
from .forms import DateField, LineField, MoneyField, optional
from .patient_forms import DAY, ToldForm
from .records import seen
from .security import needs, this_deed

blueprint = Blueprint("benefits", __name__, url_prefix="/benefits")
ANSWERS = {"": "Not told", "yes": "Yes", "no": "No"}
HOW = {"telephone": "Telephone", "portal": "Portal", "271": "Electronic (271)"}
ROUTES = {
    "unknown": "Not told",
    "buy_and_bill": "Buy and bill",
    "specialty_pharmacy": "Specialty pharmacy",
    "pharmacy_benefit": "Pharmacy benefit",
}
PERCENT = NumberRange(0, 100, "Enter a percentage from 0 to 100.")
DOLLARS = NumberRange(0, message=MoneyField.MESSAGE)


class PercentField(MoneyField):
    """A share in percent, written without its sign."""

    MESSAGE = "Enter a percentage, such as 20."


class AnswersForm(ToldForm):
    """Answers of a plan: yes, no and not told are three things."""

    @property
    def told(self) -> dict[str, Any]:
        """Return what was entered, with yes and no as such."""
        found = super().told
        asked = [
            field.name
            for field in self
            if isinstance(field, SelectField) and "yes" in (getattr(field, "choices", None) or ())
        ]
        return found | {name: {"yes": True, "no": False}.get(found[name] or "") for name in asked}


class CheckForm(AnswersForm):
    """A full check: who was asked, the two questions that decide, and the money."""

    on = DateField("Asked on", [optional()], description="Today unless entered.", render_kw=DAY)
    how = SelectField("How", choices=HOW, default="telephone")
    number_called = LineField("Number called", [optional()], description="From the card.")
    spoke_with = LineField("Who answered", [optional()])
    reference = LineField("Reference number of the call", [optional()])
    covered = TextAreaField("Is it covered under these benefits?", [optional()], render_kw={"rows": 2})
    to_get_covered = TextAreaField("What is needed to get it covered?", [optional()], render_kw={"rows": 2})
    in_network = SelectField("We are in the network", choices=ANSWERS, default="")
    plan_kind = LineField("Kind of plan", [optional()], description="HMO, PPO, EPO, POS.")
    referral_needed = SelectField("Referral by the PCP needed", choices=ANSWERS, default="")
    referral_number = LineField("Referral number", [optional()])
    approval_needed = SelectField("Prior authorization needed", choices=ANSWERS, default="")
    deductible = MoneyField("Deductible", [optional(), DOLLARS])
    deductible_left = MoneyField("Deductible left", [optional(), DOLLARS])
    copay = MoneyField("Copay", [optional(), DOLLARS])
    coinsurance = PercentField("Coinsurance, percent", [optional(), PERCENT])
    out_of_pocket_left = MoneyField("Out of pocket left", [optional(), DOLLARS])
    route = SelectField("The drug comes by", choices=ROUTES, default="unknown")
    pays_waste = SelectField("Discarded drug is paid", choices=ANSWERS, default="")


class RecheckForm(AnswersForm):
    """Whether the coverage is active."""

    active = SelectField("The coverage is active", choices={"yes": "Yes", "no": "No"}, default="yes")
    how = SelectField("How", choices=HOW, default="portal")
    reference = LineField("Reference number", [optional()])


@blueprint.route("/<int:coverage_id>/check", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def check(coverage_id: int) -> ResponseReturnValue:
    """Note a full benefits check."""
    coverage, form = seen(Coverage, coverage_id), CheckForm()
    return ask(
        form,
        None,
        lambda: benefits.check(coverage, this_deed(), **form.told),
        title="Check benefits",
        sub=f"{plan_name(coverage.plan)}, member {coverage.member_id}",
        button="Save the answers",
        crumbs=[(coverage.patient.name, page_of(coverage.patient))],
        done="The benefits check is on record. Look again in the week of the visit and on its day.",
    )


@blueprint.route("/<int:coverage_id>/recheck", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def recheck(coverage_id: int) -> ResponseReturnValue:
    """Note that eligibility was looked up again."""
    coverage, form = seen(Coverage, coverage_id), RecheckForm()
    return ask(
        form,
        None,
        lambda: benefits.recheck(coverage, this_deed(), **form.told),
        title="Check eligibility again",
        sub=f"{plan_name(coverage.plan)}, member {coverage.member_id}",
        button="Save the answer",
        crumbs=[(coverage.patient.name, page_of(coverage.patient))],
        done="The answer is on record.",
    )
