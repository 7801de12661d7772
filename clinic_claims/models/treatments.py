"""Why this patient needs the treatment: the case, what was tried, what was found, what was injected."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .columns import Key, link
from .parties import Patient, Provider

if TYPE_CHECKING:
    from .visits import InjectionSite


class TreatmentCase(Model):
    """One condition treated one way. `treatment` is toxin or mvd; `side` right, left, both or none."""

    __table_args__ = (
        CheckConstraint("treatment IN ('toxin', 'mvd')", name="treatment_known"),
        CheckConstraint("side IN ('right', 'left', 'both', 'none')", name="side_known"),
        CheckConstraint("treatment != 'toxin' OR product IS NOT NULL", name="toxin_has_product"),
    )

    id: Mapped[Key]
    patient_id: Mapped[int] = link("patient.id")
    provider_id: Mapped[int] = link("provider.id")
    treatment: Mapped[str]
    condition: Mapped[str]  # hemifacial_spasm, blepharospasm …
    diagnosis: Mapped[str]  # ICD-10-CM with its dot: G51.32
    side: Mapped[str]
    product: Mapped[str | None]  # J-code of the toxin
    planned_units: Mapped[int | None]  # toxin units a session
    interval_weeks: Mapped[int | None]
    onset: Mapped[str | None]  # in words: "about March 2021"
    plan_of_care: Mapped[str | None]
    stop_rule: Mapped[str | None]
    without_treatment: Mapped[str | None]  # what happens without it, concretely
    patient: Mapped[Patient] = relationship()
    provider: Mapped[Provider] = relationship()
    prior_treatments: Mapped[list["PriorTreatment"]] = relationship(
        back_populates="case", order_by="PriorTreatment.started_on, PriorTreatment.id"
    )
    findings: Mapped[list["ClinicalFinding"]] = relationship(
        back_populates="case", order_by="ClinicalFinding.on, ClinicalFinding.id"
    )
    criteria: Mapped[list["PolicyCriterion"]] = relationship(back_populates="case", order_by="PolicyCriterion.position")
    injections: Mapped[list["Injection"]] = relationship(back_populates="case", order_by="Injection.on, Injection.id")


class PriorTreatment(Model):
    """A treatment that was tried before, with its result and the reason it stopped."""

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    name: Mapped[str]
    dose: Mapped[str | None]
    started_on: Mapped[date]
    stopped_on: Mapped[date | None]
    result: Mapped[str]
    reason_stopped: Mapped[str | None]
    document_id: Mapped[int | None] = link("document.id")
    page: Mapped[int | None]
    entered_by: Mapped[str]
    case: Mapped[TreatmentCase] = relationship(back_populates="prior_treatments")


class ClinicalFinding(Model):
    """Something seen or measured. `kind` is examination, severity, function, imaging, differential,
    emg, fitness or consent."""

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    kind: Mapped[str]
    on: Mapped[date]
    name: Mapped[str]  # "Jankovic severity", "MRI/MRA brain" …
    value: Mapped[str | None]
    words: Mapped[str]
    document_id: Mapped[int | None] = link("document.id")
    page: Mapped[int | None]
    entered_by: Mapped[str]
    case: Mapped[TreatmentCase] = relationship(back_populates="findings")


class PolicyCriterion(Model):
    """One criterion of the payer's own policy and where the chart meets it; `met` is empty until answered."""

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    policy_number: Mapped[str]
    policy_title: Mapped[str]
    policy_version: Mapped[str]
    position: Mapped[int]
    text: Mapped[str]
    met: Mapped[str | None]
    document_id: Mapped[int | None] = link("document.id")
    page: Mapped[int | None]
    entered_by: Mapped[str]
    case: Mapped[TreatmentCase] = relationship(back_populates="criteria")


class Injection(Model):
    """One toxin session. Units are the product's own (never another's), of all sites together, rounded up.

    The response is recorded at later visits: a scale before and at its best, days to onset, weeks to the peak, weeks
    of benefit, side effects.
    """

    __table_args__ = (
        CheckConstraint("units > 0 AND units_discarded >= 0", name="units_positive"),
        CheckConstraint("onset_days IS NULL OR onset_days >= 0", name="onset_not_negative"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    visit_id: Mapped[int | None] = link("visit.id")
    on: Mapped[date]
    product: Mapped[str]
    units: Mapped[int]
    units_discarded: Mapped[int] = mapped_column(default=0)
    side: Mapped[str | None]
    lot: Mapped[str | None]
    expires_on: Mapped[date | None]
    dilution: Mapped[str | None]  # "100 units in 2 mL"
    guidance: Mapped[str | None]  # EMG or stimulation, and why
    scale: Mapped[str | None]  # "Jankovic Rating Scale"
    scale_before: Mapped[Decimal | None]
    scale_after: Mapped[Decimal | None]
    onset_days: Mapped[int | None]
    peak_weeks: Mapped[Decimal | None]
    response: Mapped[str | None]
    benefit_weeks: Mapped[Decimal | None]
    side_effects: Mapped[str | None]
    document_id: Mapped[int | None] = link("document.id")
    entered_by: Mapped[str]
    case: Mapped[TreatmentCase] = relationship(back_populates="injections")
    sites: Mapped[list["InjectionSite"]] = relationship(
        back_populates="injection", order_by="InjectionSite.id", cascade="all, delete-orphan"
    )
