"""Visits for treatment, what was injected where, and the vials it came from."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from ..domain.authorizations import VisitState
from .authorizations import Authorization
from .claims import Claim
from .columns import Key, implies, link, state_of
from .documents import Document
from .parties import Coverage, Facility, Patient, Provider
from .treatments import Injection, TreatmentCase


class Visit(Model):
    """One visit on one day. While it is scheduled its services reserve units; once performed they use them.

    `dose` is in toxin units. `drug_authorization` is the approval of the drug where it is not the procedure's own.
    `early_reason` is the clinical reason for treating before the earliest payable day.
    """

    __table_args__ = (
        CheckConstraint("side IN ('right', 'left', 'both', 'none')", name="side_known"),
        CheckConstraint("drug_source IN ('buy_and_bill', 'specialty_pharmacy', 'none')", name="drug_source_known"),
        CheckConstraint("dose IS NULL OR dose > 0", name="dose_positive"),
        implies("cancelled_has_reason", "state = 'cancelled'", "cancel_reason IS NOT NULL"),
        Index("ix_visit_on_facility", "on", "facility_id"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    coverage_id: Mapped[int] = link("coverage.id")
    provider_id: Mapped[int] = link("provider.id")
    facility_id: Mapped[int] = link("facility.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    drug_authorization_id: Mapped[int | None] = link("authorization.id")
    claim_id: Mapped[int | None] = link("claim.id")
    state: Mapped[VisitState] = state_of(VisitState)
    on: Mapped[date]
    side: Mapped[str]
    product: Mapped[str | None]  # J-code
    dose: Mapped[int | None]
    drug_source: Mapped[str] = mapped_column(default="buy_and_bill")
    early_reason: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)
    case: Mapped[TreatmentCase] = relationship()
    coverage: Mapped[Coverage] = relationship()
    provider: Mapped[Provider] = relationship()
    facility: Mapped[Facility] = relationship()
    authorization: Mapped[Authorization | None] = relationship(foreign_keys=[authorization_id])
    drug_authorization: Mapped[Authorization | None] = relationship(foreign_keys=[drug_authorization_id])
    claim: Mapped[Claim | None] = relationship()
    injection: Mapped[Injection | None] = relationship(uselist=False)
    services: Mapped[list["VisitService"]] = relationship(
        back_populates="visit", order_by="VisitService.id", cascade="all, delete-orphan"
    )
    vial_uses: Mapped[list["VialUse"]] = relationship(back_populates="visit", order_by="VialUse.id")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 (SQLAlchemy's own hook)

    @property
    def patient_id(self) -> int:
        """The patient treated."""
        return self.case.patient_id

    @property
    def reference(self) -> str:
        """Our own name for it."""
        return f"VIS-{self.id:05d}"


class VisitService(Model):
    """One code of a visit in billing units: planned, then used and wasted."""

    __table_args__ = (
        UniqueConstraint("visit_id", "code"),
        CheckConstraint("units_planned > 0", name="planned_positive"),
        CheckConstraint("units_used >= 0 AND units_wasted >= 0", name="units_not_negative"),
    )

    id: Mapped[Key]
    visit_id: Mapped[int] = link("visit.id")
    code: Mapped[str]
    modifier: Mapped[str | None]
    diagnosis: Mapped[str]
    units_planned: Mapped[int]
    units_used: Mapped[int] = mapped_column(default=0)
    units_wasted: Mapped[int] = mapped_column(default=0)
    visit: Mapped[Visit] = relationship(back_populates="services")


class InjectionSite(Model):
    """One muscle of a session with its toxin units, which may be broken (2.5)."""

    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("side IN ('right', 'left')", name="side_known"),
    )

    id: Mapped[Key]
    injection_id: Mapped[int] = link("injection.id")
    muscle: Mapped[str]
    side: Mapped[str]
    units: Mapped[Decimal]
    punctures: Mapped[int] = mapped_column(default=1)
    injection: Mapped[Injection] = relationship(back_populates="sites")


class Vial(Model):
    """A single-dose vial that was opened; `size` is in toxin units. One sent by a pharmacy is kept for its patient."""

    __table_args__ = (
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("expires_on >= opened_on", name="not_expired"),
    )

    id: Mapped[Key]
    product: Mapped[str]
    lot: Mapped[str]
    ndc: Mapped[str | None]
    expires_on: Mapped[date]
    size: Mapped[int]
    opened_on: Mapped[date] = mapped_column(index=True)
    opened_by: Mapped[str]
    facility_id: Mapped[int] = link("facility.id")
    kept_for_id: Mapped[int | None] = link("patient.id")
    facility: Mapped[Facility] = relationship()
    kept_for: Mapped[Patient | None] = relationship()
    uses: Mapped[list["VialUse"]] = relationship(back_populates="vial", order_by="VialUse.id")


class VialUse(Model):
    """What was taken out of a vial for a visit, in toxin units: injected, or thrown away with the reason."""

    __table_args__ = (
        CheckConstraint("injected >= 0 AND wasted >= 0 AND injected + wasted > 0", name="something_taken"),
        implies("waste_has_reason", "wasted > 0", "reason IS NOT NULL"),
    )

    id: Mapped[Key]
    vial_id: Mapped[int] = link("vial.id")
    visit_id: Mapped[int] = link("visit.id")
    injected: Mapped[Decimal] = mapped_column(default=Decimal(0))
    wasted: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reason: Mapped[str | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    vial: Mapped[Vial] = relationship(back_populates="uses")
    visit: Mapped[Visit] = relationship(back_populates="vial_uses")


class Override(Model):
    """An error of the pre-denial check that a person let pass, with the reason. It holds for these very words alone:
    once what was found changes, it must be looked at again. `earliest` is the first payable day that a visit or claim
    may come before; empty for every other rule."""

    id: Mapped[Key]
    visit_id: Mapped[int | None] = link("visit.id")
    claim_id: Mapped[int | None] = link("claim.id")
    rule: Mapped[str]
    says: Mapped[str]
    earliest: Mapped[date | None]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    document_id: Mapped[int | None] = link("document.id")
    visit: Mapped[Visit | None] = relationship()
    claim: Mapped[Claim | None] = relationship()
    document: Mapped[Document | None] = relationship()
