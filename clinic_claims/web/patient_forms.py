"""What is asked about a patient and a treatment case. Each form gives the deed's own names by `told`."""

from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import DecimalField, IntegerField, SelectField, TextAreaField
from wtforms.validators import NumberRange

from ..db import db
from ..models import Patient, Plan, Provider
from ..rulebook import Rulebook
from .filters import plan_name
from .forms import DateField, LineField, optional, required
from .line_forms import NOT_CHOSEN, choose
from .records import RecordForm

DAY = {"type": "date"}
ROWS = {"rows": 3}
CHOOSE = {"": "Choose…"}
CHOSEN = [required(NOT_CHOSEN), NumberRange(1, message=NOT_CHOSEN)]
RELATIONS = {name: name.capitalize() for name in ("self", "spouse", "child", "other")}
TREATMENTS = CHOOSE | {"toxin": "Botulinum toxin", "mvd": "Microvascular decompression"}
SIDES = CHOOSE | {side: side.capitalize() for side in ("right", "left", "both", "none")}
CONDITIONS = (
    *("hemifacial_spasm", "blepharospasm", "cervical_dystonia", "spasmodic_dysphonia", "synkinesis"),
    *("chronic_migraine", "trigeminal_neuralgia", "glossopharyngeal_neuralgia"),
)
FINDINGS = (
    *("examination", "severity", "function", "imaging", "differential"),
    *("emg", "fitness", "consent"),
)


class ToldForm(RecordForm):
    """A form whose fields are the deed's own names; empty answers are None."""

    @property
    def told(self) -> dict[str, Any]:
        """Return what was entered, without the form's own fields."""
        kept = {f.name: f.data for f in self if f.type not in ("CSRFTokenField", "HiddenField")}
        return {name: None if value == "" else value for name, value in kept.items()}

    def fill(self, record: Any) -> None:
        """Fill the choices that depend on what is on file."""


class PatientForm(ToldForm):
    """A new patient, as the card says it."""

    last_name = LineField("Last name", [required("Enter the last name.")], render_kw={"autocomplete": "off"})
    first_name = LineField("First name", [required("Enter the first name.")], render_kw={"autocomplete": "off"})
    born_on = DateField("Date of birth", [required(DateField.MESSAGE)], render_kw=DAY)
    sex = SelectField("Sex", [optional()], choices=CHOOSE | {"female": "Female", "male": "Male"})
    mrn = LineField("Record number (MRN)", [required("Enter the clinic's record number.")])
    phone = LineField("Telephone", [optional()])
    address = LineField("Address", [optional()])


class CoverageForm(ToldForm):
    """A plan the patient is a member of."""

    plan = SelectField("Plan", CHOSEN, coerce=int)
    member_id = LineField("Member ID", [required("Enter the member ID as on the card.")])
    group_number = LineField("Group number", [optional()])
    rank = SelectField("Order", coerce=int, choices={"1": "Primary", "2": "Secondary", "3": "Tertiary"}, default=1)
    relationship_to_subscriber = SelectField("Patient is the subscriber's", choices=RELATIONS)
    starts_on = DateField("From", [optional()], render_kw=DAY)
    ends_on = DateField("To", [optional()], render_kw=DAY)

    def fill(self, record: Patient) -> None:
        """Offer every plan on file."""
        query = select(Plan).options(joinedload(Plan.payer)).join(Plan.payer).order_by(Plan.name)
        plans = sorted(db.session.scalars(query), key=lambda plan: (plan.payer.name, plan.name))
        choose(self.plan, plans, plan_name)
        self.plan.description = "" if plans else "No plan is on file yet: enter it first, under Payers."


class CaseForm(ToldForm):
    """Why the patient is treated, and how."""

    treatment = SelectField("Treatment", [required("Choose the treatment.")], choices=TREATMENTS)
    condition = SelectField("Condition", [required("Choose the condition.")])
    diagnosis = LineField(
        "Diagnosis (ICD-10-CM)", [required("Enter the code, such as G51.31.")], description="With its dot: G51.31."
    )
    side = SelectField("Side", [required("Choose the side.")], choices=SIDES)
    provider = SelectField("Treating provider", CHOSEN, coerce=int)
    product = SelectField("Toxin", [optional()], description="Only for botulinum toxin.")
    planned_units = IntegerField("Units a session", [optional(), NumberRange(1, 1000, "Enter whole units.")])
    interval_weeks = IntegerField("Weeks between sessions", [optional(), NumberRange(1, 104, "Enter whole weeks.")])
    onset = LineField("Since when", [optional()], description="In words: about March 2021.")
    plan_of_care = TextAreaField("Plan of care", [optional()], render_kw=ROWS)
    stop_rule = TextAreaField("When treatment would stop", [optional()], render_kw=ROWS)
    without_treatment = TextAreaField("Without treatment", [optional()], render_kw=ROWS)

    def fill(self, record: Patient) -> None:
        """Offer the providers, and the products of the rulebook."""
        clinicians = list(db.session.scalars(select(Provider).order_by(Provider.name)))
        choose(self.provider, clinicians, lambda provider: provider.name)
        self.provider.description = "" if clinicians else "No clinician is on file yet: add one first, under Set up."
        self.condition.choices = CHOOSE | {name: name.replace("_", " ").capitalize() for name in CONDITIONS}
        self.product.choices = products("None")

    def validate(self, *args: Any, **options: Any) -> bool:
        """Ask for the toxin where one is given."""
        sound = super().validate(*args, **options)
        if self.treatment.data == "toxin" and not self.product.data:
            self.product.errors = ["Choose the toxin."]
            return False
        return sound


class TriedForm(ToldForm):
    """A treatment that was tried before."""

    name = LineField("Treatment", [required("Enter what was tried, such as carbamazepine.")])
    dose = LineField("Dose", [optional()], description="Such as 200 mg twice a day.")
    started_on = DateField("Started", [required(DateField.MESSAGE)], render_kw=DAY)
    stopped_on = DateField("Stopped", [optional()], render_kw=DAY)
    result = LineField("Result", [required("Say what it did, such as: no benefit.")])
    reason_stopped = LineField("Why it stopped", [optional()])


class FindingForm(ToldForm):
    """Something seen or measured."""

    kind = SelectField(
        "Kind", choices={kind: kind.upper() if kind == "emg" else kind.capitalize() for kind in FINDINGS}
    )
    on = DateField("Date", [required(DateField.MESSAGE)], render_kw=DAY)
    name = LineField("What", [required("Enter what was measured, such as Jankovic severity.")])
    value = LineField("Value", [optional()], description="Such as 3 of 4.")
    words = TextAreaField("In words", [required("Say what was found.")], render_kw=ROWS)


class InjectionForm(ToldForm):
    """One toxin session."""

    on = DateField("Date", [required(DateField.MESSAGE)], render_kw=DAY)
    product = SelectField("Toxin", [required("Choose the toxin.")])
    units = IntegerField("Units given", [required("Enter the units."), NumberRange(1, 1000, "Enter whole units.")])
    units_discarded = IntegerField("Units discarded", [NumberRange(0, 1000, "Enter whole units.")], default=0)
    lot = LineField("Lot", [optional()])
    response = LineField("Response", [optional()], description="Such as 80 % relief.")
    benefit_weeks = DecimalField("Weeks of benefit", [optional()], places=1)
    side_effects = LineField("Side effects", [optional()])

    def fill(self, record: Any) -> None:
        """Offer the products of the rulebook, the case's own first chosen."""
        self.product.choices = products("Choose…")
        if not self.is_submitted():
            self.product.data = record.product or ""


class CriterionForm(ToldForm):
    """One criterion of the payer's own policy and how the chart meets it."""

    policy_number = LineField("Policy number", [required("Enter the policy's number.")])
    policy_title = LineField("Policy title", [required("Enter the policy's title.")])
    policy_version = LineField("Version or effective date", [required("Enter the version you read.")])
    text = TextAreaField("Criterion, word for word", [required("Copy the criterion.")], render_kw=ROWS)
    met = TextAreaField(
        "How the chart meets it",
        [optional()],
        render_kw=ROWS,
        description="Leave it empty while nobody has answered it.",
    )
    page = IntegerField("Page of the chart", [optional(), NumberRange(1, 9999, "Enter a page number.")])


def products(spare: str) -> dict[str, str]:
    """Return the toxins of the rulebook as choices."""
    book: Rulebook = current_app.extensions["rulebook"]
    return {"": spare} | {code: f"{row.brand} ({code})" for code, row in book.codes.products.items()}
