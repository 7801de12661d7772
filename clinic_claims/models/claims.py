"""A claim and its service lines."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from ..domain.lifecycle import ClaimState
from .authorizations import Authorization
from .columns import Key, Words, implies, link, state_of
from .parties import Coverage, Facility, Provider
from .treatments import TreatmentCase

ANSWERED = "state IN ('submitted', 'accepted', 'pending', 'information_requested')"


class Claim(Model):
    """What the clinic bills for one encounter. `number` is the patient control number of CLM01 and CLP01."""

    __table_args__ = (
        implies("submitted_has_date", ANSWERED, "submitted_on IS NOT NULL"),
        implies(
            "service_has_date",
            "state NOT IN ('planned', 'awaiting_approval', 'ready_to_schedule')",
            "service_from IS NOT NULL",
        ),
        implies("denied_is_unpaid", "state = 'denied'", "paid <= 0"),
        implies(
            "service_in_order", "service_from IS NOT NULL AND service_to IS NOT NULL", "service_to >= service_from"
        ),
        CheckConstraint("charged >= 0", name="charged_not_negative"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = link("treatment_case.id")
    coverage_id: Mapped[int] = link("coverage.id")
    provider_id: Mapped[int] = link("provider.id")
    facility_id: Mapped[int] = link("facility.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    state: Mapped[ClaimState] = state_of(ClaimState)
    payer_control_number: Mapped[str | None] = mapped_column(index=True)
    service_from: Mapped[date | None] = mapped_column(index=True)
    service_to: Mapped[date | None]
    submitted_on: Mapped[date | None]
    charged: Mapped[Decimal] = mapped_column(default=Decimal(0))
    paid: Mapped[Decimal] = mapped_column(default=Decimal(0))
    adjusted: Mapped[Decimal] = mapped_column(default=Decimal(0))  # contractual write-downs (CO) that stand
    patient_owes: Mapped[Decimal] = mapped_column(default=Decimal(0))
    self_pay_agreed: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int | None] = link("app_user.id")
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)
    case: Mapped[TreatmentCase] = relationship()
    coverage: Mapped[Coverage] = relationship()
    provider: Mapped[Provider] = relationship()
    facility: Mapped[Facility] = relationship()
    authorization: Mapped[Authorization | None] = relationship()
    lines: Mapped[list["ServiceLine"]] = relationship(
        back_populates="claim", order_by="ServiceLine.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 (SQLAlchemy's own hook)

    @property
    def reference(self) -> str:
        """The claim number, which every party knows."""
        return self.number


class ServiceLine(Model):
    """One billed line. Units are billing units of the code; `modifiers` in billed order.

    `diagnosis` is the one its first pointer names, `further_diagnoses` the others. `control_number` is our own number
    of the line, which the payer repeats (REF*6R).
    """

    __table_args__ = (
        UniqueConstraint("claim_id", "position"),
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("charged >= 0", name="charged_not_negative"),
    )

    id: Mapped[Key]
    claim_id: Mapped[int] = link("claim.id")
    position: Mapped[int]
    code: Mapped[str]
    modifiers: Mapped[Words]
    diagnosis: Mapped[str]
    further_diagnoses: Mapped[Words]
    control_number: Mapped[str | None]
    units: Mapped[int] = mapped_column(default=1)
    ndc: Mapped[str | None]
    charged: Mapped[Decimal]
    paid: Mapped[Decimal] = mapped_column(default=Decimal(0))
    claim: Mapped[Claim] = relationship(back_populates="lines")
