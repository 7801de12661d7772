"""What is asked about a claim: everything when it is entered, an approval to link, an agreement to pay."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from wtforms import SelectField
from wtforms.validators import NumberRange

from ..db import db
from ..models import Authorization, Claim, Coverage, Facility, Provider, TreatmentCase
from ..services.claims import Line
from .filters import plan_name
from .forms import LineField, optional, required
from .line_forms import NOT_CHOSEN, ChargedLine, LinesForm, choose, coverages_of, lines_of
from .records import RecordForm

CHOSEN = [required(NOT_CHOSEN), NumberRange(1, message=NOT_CHOSEN)]


class ClaimForm(LinesForm):
    """A claim with its parties and lines."""

    number = LineField(
        "Claim number",
        [required("Enter the number your billing system gave the claim.")],
        description="The patient control number that the payer sends back.",
        longest=38,
        render_kw={"autocomplete": "off"},
    )
    coverage = SelectField("Bill to", CHOSEN, coerce=int)
    provider = SelectField("Rendering provider", CHOSEN, coerce=int)
    facility = SelectField("Place", CHOSEN, coerce=int)
    authorization = SelectField("Approval", [optional()], coerce=int)
    lines = lines_of(ChargedLine, 1)

    def offers_of(self, case: TreatmentCase) -> None:
        """Fill the choices from what is on file for the patient."""
        choose(self.coverage, coverages_of(case), coverage_words)
        choose(self.provider, list(db.session.scalars(select(Provider).order_by(Provider.name))), lambda p: p.name)
        choose(self.facility, list(db.session.scalars(select(Facility).order_by(Facility.name))), facility_words)
        choose(self.authorization, approvals_of(case), approval_words, spare="None")

    def starts_from(self, case: TreatmentCase) -> None:
        """Take over provider, place and lines of the newest approval, or else the case's diagnosis."""
        approval = next(iter(approvals_of(case)), None)
        self.provider.data = case.provider_id
        if approval is None:
            self.lines[0].form.diagnosis.data = case.diagnosis
            return
        self.authorization.data, self.coverage.data = approval.id, approval.coverage_id
        self.provider.data, self.facility.data = approval.provider_id, approval.facility_id or 0
        for place, line in enumerate(approval.lines):
            entry = self.lines[0] if place == 0 else self.lines.append_entry()
            entry.form.code.data, entry.form.modifiers.data = line.code, line.modifier
            entry.form.diagnosis.data = line.diagnosis
            entry.form.units.data = line.units_approved or line.units_requested

    def parties(self, case: TreatmentCase) -> dict[str, Any]:
        """Return the records chosen, by the names of the deed."""
        kinds: dict[str, Any] = {"coverage": Coverage, "provider": Provider, "facility": Facility}
        found = {name: db.session.get(kind, self[name].data) for name, kind in kinds.items()}
        return found | {"authorization": db.session.get(Authorization, self.authorization.data or 0)}

    def billed(self) -> Iterator[Line]:
        """Return the lines that hold something."""
        for line in self.used():
            ndc = (line.ndc.data or "").strip() or None
            yield Line(**line.tidy(), modifiers=line.codes, charged=line.charged.data or Decimal(0), ndc=ndc)


class LinkForm(RecordForm):
    """The approval that covers a claim."""

    authorization = SelectField("Approval", CHOSEN, coerce=int)

    def offers_of(self, claim: Claim) -> None:
        """Fill the choices with the patient's authorizations."""
        choose(self.authorization, approvals_of(claim.case), approval_words)


class AgreementForm(RecordForm):
    """The patient's written agreement to pay."""

    document = LineField(
        "Signed paper",
        [required("Say which signed paper holds the agreement.")],
        description="Such as: self-pay agreement signed Nov 3, scanned.",
    )


def approvals_of(case: TreatmentCase) -> list[Authorization]:
    """Return the authorizations of a case, the newest first."""
    query = select(Authorization).where(Authorization.case_id == case.id).order_by(Authorization.id.desc())
    return list(db.session.scalars(query))


def coverage_words(coverage: Coverage) -> str:
    """Name a coverage as its card does."""
    return f"{plan_name(coverage.plan)}, member {coverage.member_id}"


def facility_words(facility: Facility) -> str:
    """Name a place with its code."""
    return f"{facility.name} ({facility.place_of_service})"


def approval_words(approval: Authorization) -> str:
    """Name an authorization with where it stands."""
    return f"{approval.number or approval.reference}, {approval.state.value.replace('_', ' ')}"
