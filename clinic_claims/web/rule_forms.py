"""The forms that ask the rulebook. They carry nothing about a patient, so their answers may stand in an address."""

from collections.abc import Iterable
from typing import Any

from flask import request
from wtforms import SelectField, StringField
from wtforms.validators import Regexp

from ..domain.clock_rules import FALLBACK, Rule
from ..domain.lifecycle import words
from ..domain.payer_classes import ladder
from ..domain.reckoning import ANCHORS
from ..rulebook import Rulebook
from ..services.catalogue import spelled
from .forms import DateField, Form, LineField, optional, required

STATE = Regexp(r"^[A-Za-z]{2}$", message="Enter a state's two letters, such as TX.")
NUMBER = Regexp(r"^\d{1,4}$", message="Enter a whole number.")


class AskingForm(Form):
    """Parent of forms that only ask: they are sent in the address and change nothing."""

    class Meta(Form.Meta):
        """A question needs no token."""

        csrf = False  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType]

    @classmethod
    def asked(cls) -> "AskingForm":
        """Return the form as the address fills it."""
        return cls(request.args)

    @property
    def is_asked(self) -> bool:
        """Say whether anything was asked."""
        return bool(request.args) and self.validate()


class DeadlineForm(AskingForm):
    """A payer class, a step of its ladder and the dates of a notice."""

    step = SelectField("Appeal", description="Payer class and level.")
    state = StringField("State", [optional(), STATE], description="Whose insurance law binds the plan.")
    urgency = SelectField("Urgency", default="standard", choices={"standard": "Standard", "expedited": "Expedited"})
    dated = DateField("Notice dated", [optional()])
    received = DateField("Notice received", [optional()], description="Only with proof of the day.")
    printed = DateField("Deadline printed in the notice", [optional()])
    service = DateField("Day of service", [optional()], description="From which some suits run.")


class CodesForm(AskingForm):
    """The codes of one remittance line."""

    group = SelectField("Group", default="")
    carc = LineField("Reason codes (CARC)", [optional()], description="One or more, such as 197.")
    rarc = LineField("Remark codes (RARC)", [optional()], description="One or more, such as N54.")
    approved = SelectField("Approval on file", default="", choices={"": "No", "yes": "Yes"})
    payer_class = SelectField("Payer class", default="", description="Decides which ways are open.")
    network = SelectField("Network", default="", choices={"": "Not known", "in": "In network", "out": "Out of network"})
    stage = SelectField(
        "Service",
        default="",
        choices={"": "Not known", "post_service": "Given already", "pre_service": "Not given yet"},
    )


def deadline_form(book: Rulebook) -> Any:
    """Return the deadline form with every step of every ladder to choose from."""
    form: Any = DeadlineForm.asked()
    form.step.choices = {
        row.name: {
            level.id: f"{level.name}, {spelled(row.id)}" for level in ladder(book.clocks.levels.values(), row.id)
        }
        for row in book.clocks.classes.values()
    }
    return form


def codes_form(book: Rulebook) -> Any:
    """Return the form for codes with the groups and payer classes of the rulebook."""
    form: Any = CodesForm.asked()
    groups = {group.code: f"{group.code}: {group.meaning}" for group in book.denial_codes.groups.values()}
    form.group.choices = {"": "Not known"} | groups
    form.payer_class.choices = {"": "Not known"} | {row.id: row.name for row in book.clocks.classes.values()}
    return form


def dates_form(rule: Rule) -> Any:
    """Return a form for the days that one rule counts from, and a printed deadline."""
    names = FALLBACK.get(rule.starts, (rule.starts,))
    members: dict[str, Any] = {name: DateField(ANCHORS[name][0], [optional()]) for name in reversed(names)}
    if rule.starts == "notice_dated" or "notice_dated" in names:
        members["printed"] = DateField("Deadline printed in the notice", [optional()])
    return type("DatesForm", (AskingForm,), members).asked()


class TermForm(Form):
    """One term of a contract with a payer."""

    clock = SelectField("Clock")
    plan = SelectField("Plan", coerce=int)
    count = StringField("Length", [required("Enter a number such as 60."), NUMBER])
    unit = SelectField("Unit")
    starts = SelectField("Counted from")
    if_closed = SelectField(
        "If the last day is a weekend or holiday",
        choices={"stay": "It stays the last day", "roll_forward": "It moves to the next business day"},
    )
    since = DateField("In force from", [required("Enter the first day in force.")])
    until = DateField("In force until", [optional()])
    words = LineField("Words of the contract", [required("Copy the sentence, word for word.")], longest=1000)
    source = LineField("Contract and section", [required("Say which paper it is and where it stands in it.")])
    page_number = StringField("Page", [optional(), NUMBER])


class EndForm(Form):
    """The last day of a term."""

    until = DateField("Last day in force", [required("Enter the last day in force.")])


def named(names: Iterable[str]) -> dict[str, str]:
    """Return choices for ids of the rulebook, in words."""
    return {name: words(name).capitalize() for name in names}
