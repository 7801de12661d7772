"""What is asked about a visit: its day and place, what was injected where, how it worked, what it costs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from wtforms import DecimalField, IntegerField, SelectField, SelectMultipleField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange

from ..clock import today
from ..db import db
from ..domain.predenial import Finding
from ..models import Authorization, Coverage, Facility, Injection, Provider, TreatmentCase, Visit
from ..services import authorizations, vials
from ..services.sessions import Site
from .claim_forms import CHOSEN, approval_words, approvals_of, coverage_words, facility_words
from .forms import DateField, LineField, MoneyField, optional, required
from .line_forms import LinesForm, choose, coverages_of, lines_of
from .patient_forms import DAY, ROWS, SIDES, ToldForm
from .records import RecordForm

SOURCES = {"buy_and_bill": "Bought by the clinic", "specialty_pharmacy": "Sent by a pharmacy", "none": "No drug"}
UNITS = NumberRange(Decimal("0.1"), 1000, "Enter units from 0.1 to 1000.")
SCORE = NumberRange(0, 1000, "Enter the score as a number.")
WEEKS = NumberRange(0, 104, "Enter weeks as a number.")
FURTHEST = timedelta(days=730)


class DayForm(RecordForm):
    """A form that books a day; what the checks found stands in `found`, each with a field for a reason."""

    on = DateField("Day", [required(DateField.MESSAGE)], render_kw=DAY)
    provider = SelectField("Provider", CHOSEN, coerce=int)
    facility = SelectField("Place", CHOSEN, coerce=int)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.found: list[Finding] = []

    def offer_parties(self) -> None:
        """Fill providers and places."""
        choose(self.provider, list(db.session.scalars(select(Provider).order_by(Provider.name))), lambda p: p.name)
        choose(self.facility, list(db.session.scalars(select(Facility).order_by(Facility.name))), facility_words)

    def validate(self, *args: Any, **options: Any) -> bool:
        """Refuse a day that must be a slip of the pen."""
        sound = super().validate(*args, **options)
        if self.on.data and abs(self.on.data - today()) > FURTHEST:
            self.on.errors = ["Enter a day within two years of today."]
            return False
        return sound

    def parties(self) -> dict[str, Any]:
        """Return provider and facility as records."""
        return {
            "provider": db.session.get(Provider, self.provider.data),
            "facility": db.session.get(Facility, self.facility.data),
        }


class VisitForm(DayForm):
    """A visit to be booked on an approval."""

    coverage = SelectField("Bill to", CHOSEN, coerce=int)
    authorization = SelectField("Approval", [optional()], coerce=int)
    drug_authorization = SelectField(
        "Approval of the drug", [optional()], coerce=int, description="Only where the drug has one of its own."
    )
    side = SelectField("Side", [required("Choose the side.")], choices=SIDES)
    dose = IntegerField("Dose, toxin units", [optional(), NumberRange(1, 1000, "Enter whole units.")])
    drug_source = SelectField("The drug is", choices=SOURCES, default="buy_and_bill")

    def offers_of(self, case: TreatmentCase) -> None:
        """Fill the choices from what is on file for the case."""
        self.offer_parties()
        choose(self.coverage, coverages_of(case), coverage_words)
        for field in (self.authorization, self.drug_authorization):
            choose(field, approvals_of(case), approval_words, spare="None")
        if case.treatment != "toxin":
            del self.dose, self.drug_source, self.drug_authorization

    def starts_from(self, case: TreatmentCase) -> None:
        """Take over what the case says, and the live approval that ends first."""
        self.provider.data, self.side.data = case.provider_id, case.side
        if self.dose:
            self.dose.data = case.planned_units
        approval = next(iter(authorizations.live(case, today())), None)
        if approval:
            self.authorization.data, self.coverage.data = approval.id, approval.coverage_id
            self.facility.data, self.provider.data = approval.facility_id or 0, approval.provider_id

    def booked(self) -> dict[str, Any]:
        """Return what the deed wants beside case and day."""
        found: dict[str, Any] = {"side": self.side.data, "coverage": db.session.get(Coverage, self.coverage.data)}
        found["authorization"] = db.session.get(Authorization, self.authorization.data or 0)
        if self.dose:
            found |= {"dose": self.dose.data, "drug_source": self.drug_source.data}
            found["drug_authorization"] = db.session.get(Authorization, self.drug_authorization.data or 0)
        return found | self.parties()


class MoveForm(DayForm):
    """Another day, place or provider for a visit."""

    def starts_from(self, visit: Visit) -> None:
        """Show where the visit stands."""
        self.on.data, self.provider.data, self.facility.data = visit.on, visit.provider_id, visit.facility_id


class CancelForm(RecordForm):
    """Why a visit is called off."""

    reason = LineField("Reason", [required("Give the reason for calling the visit off.")])


class SiteLine(PlainForm):
    """One muscle."""

    muscle = LineField("Muscle", longest=60)
    side = SelectField("Side", choices={"right": "Right", "left": "Left"}, default="right")
    units = DecimalField("Units", [optional(), UNITS], places=None)
    punctures = IntegerField("Punctures", [optional(), NumberRange(1, 50, "Enter 1 to 50.")], default=1)

    @property
    def is_blank(self) -> bool:
        """Whether nobody typed a muscle here."""
        return not (self.muscle.data or "").strip()


class PerformForm(LinesForm):
    """What was injected where, out of which vials."""

    vials = SelectMultipleField("Drawn from", coerce=int)
    scale = LineField("Severity scale", [optional()], description="Such as Jankovic Rating Scale.")
    scale_before = DecimalField("Score before", [optional(), SCORE], places=None)
    dilution = LineField("Dilution", [optional()], description="Such as 100 units in 2 mL.")
    guidance = LineField("Guidance", [optional()], description="EMG or stimulation, and why.")
    lines = lines_of(SiteLine, 3)

    def offers_of(self, visit: Visit) -> None:
        """Offer the vials of this drug that were opened here today and still hold something."""
        opened = [vial for vial in vials.opened_on(today(), visit.facility) if vial.product == visit.product]
        left = zip(opened, vials.balances(opened), strict=True)
        kept = [(vial, each.left) for vial, each in left if each.left > 0]
        self.vials.choices = [(vial.id, f"Lot {vial.lot}, {units:f} of {vial.size} units left") for vial, units in kept]

    def starts_from(self, visit: Visit) -> None:
        """Take over the muscles of the last session on record, and the vial if there is one alone."""
        last = next((row for row in reversed(visit.case.injections) if row.sites), None)
        for place, site in enumerate(last.sites if last else []):
            entry = self.lines[place] if place < len(self.lines) else self.lines.append_entry()
            for name in ("muscle", "side", "units", "punctures"):
                entry.form[name].data = _plain(getattr(site, name))
        for entry in self.lines:
            if entry.form.is_blank and visit.side in ("right", "left"):
                entry.form.side.data = visit.side
        keys = [key for key, *_ in self.vials.choices or ()]
        self.scale.data, self.dilution.data = (last.scale, last.dilution) if last else (None, None)
        self.vials.data = keys if len(keys) == 1 else []

    def validate(self, *args: Any, **options: Any) -> bool:
        """Ask for the units of every muscle and at least one vial."""
        sound = RecordForm.validate(self, *args, **options)
        if not self.vials.data:
            self.vials.errors = ["Choose the vial it was drawn from."]
        for line in self.used():
            if line.units.data is None and not line.units.errors:
                line.units.errors = ["Enter the units."]
                sound = False
        return sound and bool(self.vials.data)

    def sites(self) -> list[Site]:
        """Return the muscles that hold something."""
        return [
            Site(
                muscle=(line.muscle.data or "").strip(),
                side=line.side.data,
                units=line.units.data,
                punctures=line.punctures.data or 1,
            )
            for line in self.used()
        ]


class ResponseForm(ToldForm):
    """How a session worked, as asked at the next visit."""

    scale = LineField("Severity scale", [optional()], description="The same before and after.")
    scale_before = DecimalField("Score before", [optional(), SCORE], places=None)
    scale_after = DecimalField("Score at its best", [optional(), SCORE], places=None)
    onset_days = IntegerField("Days to onset", [optional(), NumberRange(0, 90, "Enter whole days.")])
    peak_weeks = DecimalField("Weeks to the peak", [optional(), WEEKS], places=None)
    benefit_weeks = DecimalField("Weeks of benefit", [optional(), WEEKS], places=None)
    response = LineField("Response", [optional()], description="Such as 80 % relief, drives again.")
    side_effects = TextAreaField("Side effects", [optional()], description="Or: none.", render_kw=ROWS)

    def starts_from(self, injection: Injection) -> None:
        """Show what is on record."""
        for name in self.told:
            self[name].data = _plain(getattr(injection, name))


def _plain(value: Any) -> Any:
    """Drop the zeros that the database adds: 6.00 is shown as 6."""
    return Decimal(f"{value.normalize():f}") if isinstance(value, Decimal) else value


def bill_form(codes: list[str]) -> type[RecordForm]:
    """Make the form that asks for the claim number and the price of one billing unit of each code."""
    number = LineField("Claim number", [required("Enter the number your billing system gave the claim.")], longest=38)
    members: dict[str, Any] = {"number": number}
    for place, code in enumerate(codes):
        checks = [required(MoneyField.MESSAGE), NumberRange(0, message=MoneyField.MESSAGE)]
        members[f"price_{place}"] = MoneyField(f"{code}: charge for one unit", checks)
    return type("BillForm", (RecordForm,), members)
