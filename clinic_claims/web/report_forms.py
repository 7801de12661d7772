"""What a report covers, read from the address; and the form that keeps a report under a name."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import Optional, ValidationError

from ..db import db
from ..domain.facts import CONDITIONS
from ..domain.lifecycle import DenialState
from ..domain.spans import SPANS, days_of
from ..models import Facility, Payer, Plan, Provider, User
from ..rulebook import Rulebook
from ..services.denial_columns import DIMENSIONS, NOBODY, TREATMENTS
from ..services.denial_filters import NO_LEVEL, STANDING
from ..services.ladders import DECISION_LEVEL
from ..services.report_files import group_words
from ..services.reports import Filters
from ..services.saved_reports import RHYTHMS
from .filters import state
from .forms import DateField, Form, LineField, MoneyField, optional, required

ANY = {"": "Any"}
DAY = {"type": "date"}
USUAL = ("payer", "category")
FLAGS = {"yes": True, "no": False}
DATES = {"denial": "Day of denial", "service": "Day of service", "billed": "Day sent", "decision": "Day decided"}
MORE = (
    *("plan_class", "condition", "code", "state", "standing", "level", "approved_before", "missed"),
    *("provider", "facility", "owner", "least", "most"),
)
"""Filters that stand folded away below the usual ones."""


class AddressForm(Form):
    """A form whose answers stand in the address: nothing is changed, so no token is asked for."""

    class Meta(Form.Meta):
        """Read the address."""

        csrf = False  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]


def _choice(label: str, choices: dict[str, str] | None = None) -> SelectField:
    return SelectField(label, [Optional()], choices=ANY | (choices or {}))


class SpanForm(AddressForm):
    """The days of a report: typed, or a range that moves with the calendar. Days that were typed come first."""

    span = SelectField("Range", [Optional()], choices={"": "From and to"} | SPANS)
    since = DateField("From", [optional()], render_kw=DAY)
    until = DateField("To", [optional()], render_kw=DAY)

    def days(self, today: date) -> tuple[date | None, date | None]:
        """Return the first and the last day, both included; None is open on that side."""
        if self.since.data or self.until.data:
            self.span.data = ""
        return days_of(self.span.data, today) if self.span.data else (self.since.data, self.until.data)


class FilterForm(SpanForm):
    """What the denied-claims report covers and how it is grouped."""

    dates = SelectField("Dates", [Optional()], choices=DATES)
    payer = _choice("Payer")
    category = _choice("Reason")
    treatment = _choice("Treatment", TREATMENTS)
    plan_class = _choice("Plan class")
    condition = _choice("Condition")
    code = LineField("Reason or remark code", [optional()], longest=12)
    state = _choice("State", {one.value: state(one.value) for one in DenialState})
    standing = _choice("Standing", STANDING)
    level = _choice("Level of appeal")
    approved_before = _choice("Approval", {"yes": "Approved before", "no": "Not approved before"})
    missed = _choice("Window to appeal", {"yes": "Missed", "no": "Not missed"})
    provider = _choice("Provider")
    facility = _choice("Facility")
    owner = _choice("Owner")
    least = MoneyField("At least", [optional()])
    most = MoneyField("At most", [optional()])
    group_1 = _choice("Group by")
    group_2 = _choice("then by")
    group_3 = _choice("then by")

    def fill(self, book: Rulebook) -> None:
        """Offer what is on record, and the words of the rulebook."""
        offered: dict[str, dict[str, str]] = {
            "payer": _names(Payer.name),
            "provider": _names(Provider.name),
            "facility": _names(Facility.name),
            "category": {one.id: one.name for one in book.denial_codes.categories.values()},
            "plan_class": {name: group_words("plan_class", name, book) for name in _names(Plan.payer_class)},
            "condition": {name: state(name) for name in CONDITIONS},
            "level": {NO_LEVEL: "No appeal"} | {name: f"Level {name}" for name in _levels(book)},
            "owner": {NOBODY: "Nobody"} | _owners(),
        }
        for name, choices in offered.items():
            field: Any = self[name]
            field.choices = ANY | choices
        groups = {"": "–"} | {name: dimension.label for name, dimension in DIMENSIONS.items()}
        for field in (self.group_1, self.group_2, self.group_3):
            field.choices = groups

    def filters(self, today: date) -> Filters:
        """Return what the report covers."""
        told: dict[str, Any] = {field.name: self[field.name].data for field in fields(Filters)}
        told["since"], told["until"] = self.days(today)
        known = {name: value for name, value in told.items() if value not in (None, "")}
        flags = {name: FLAGS.get(told[name]) for name in ("approved_before", "missed")}
        return replace(Filters(**known), **flags)

    @property
    def groups(self) -> tuple[str, ...]:
        """Return what to group by, each thing once."""
        chosen = (self.group_1.data, self.group_2.data, self.group_3.data)
        return tuple(dict.fromkeys(name for name in chosen if name))

    @property
    def uses_more(self) -> bool:
        """Whether a filter of those folded away is set."""
        return any(self[name].data not in (None, "") for name in MORE)


class PeriodForm(SpanForm):
    """The days that a report covers, and the payer of a scorecard."""

    payer = SelectField("Payer", [Optional()])

    def validate_until(self, field: DateField) -> None:
        """Refuse days in the wrong order."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("The last day lies before the first day.")


class SaveForm(Form):
    """Keep a report under a name."""

    name = LineField("Name", [required("Give the report a name.")], longest=80)
    report = HiddenField()
    query = HiddenField()
    every = SelectField("Remind me", choices=RHYTHMS)
    shared = BooleanField("Everybody may open it")


def _names(column: Any) -> dict[str, str]:
    return {name: name for name in db.session.scalars(select(column).distinct().order_by(column))}


def _levels(book: Rulebook) -> list[str]:
    return sorted({level.level for level in book.clocks.levels.values()} - {DECISION_LEVEL})


def _owners() -> dict[str, str]:
    query = select(User.email, User.full_name).order_by(User.full_name)
    return {row.email: row.full_name for row in db.session.execute(query)}
