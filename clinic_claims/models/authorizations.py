"""A request for prior authorization and what the payer granted."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from ..domain.lifecycle import AuthorizationState
from .columns import Key, implies, link, state_of
from .parties import Coverage, Facility, Provider
from .treatments import TreatmentCase

APPROVED = "state IN ('approved', 'partly_approved', 'modified')"


class Authorization(Model):
    """One request to one payer. `number` is the payer's, or the UTN of Medicare's outpatient programme."""

    __table_args__ = (
        implies("approved_has_number", APPROVED, "number IS NOT NULL AND decided_on IS NOT NULL"),
        implies("submitted_has_date", "state IN ('submitted', 'pended', 'overdue')", "submitted_on IS NOT NULL"),
        implies("denied_has_date", "state = 'denied'", "decided_on IS NOT NULL"),
        implies("window_in_order", "valid_from IS NOT NULL AND valid_to IS NOT NULL", "valid_to >= valid_from"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    coverage_id: Mapped[int] = link("coverage.id")
    provider_id: Mapped[int] = link("provider.id")
    facility_id: Mapped[int | None] = link("facility.id")
    state: Mapped[AuthorizationState] = state_of(AuthorizationState)
    urgent: Mapped[bool] = mapped_column(default=False)
    urgent_reason: Mapped[str | None]
    number: Mapped[str | None] = mapped_column(index=True)
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str | None]  # fax, portal, telephone, 278
    proof: Mapped[str | None]
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str | None]
    renews_id: Mapped[int | None] = link("authorization.id")  # the approval that this request continues
    retroactive_reason: Mapped[str | None]  # why it is asked for after the service
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    owner_id: Mapped[int | None] = link("app_user.id")
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)
    case: Mapped[TreatmentCase] = relationship()
    coverage: Mapped[Coverage] = relationship()
    provider: Mapped[Provider] = relationship()
    facility: Mapped[Facility | None] = relationship()
    renews: Mapped["Authorization | None"] = relationship(remote_side="Authorization.id")
    lines: Mapped[list["AuthorizationLine"]] = relationship(
        back_populates="authorization", order_by="AuthorizationLine.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 (SQLAlchemy's own hook)

    @property
    def reference(self) -> str:
        """Our own name for it, as commands take it."""
        return f"AUTH-{self.id:05d}"


class AuthorizationLine(Model):
    """One code requested and what was approved. Units are billing units of the code."""

    __table_args__ = (
        CheckConstraint("units_requested > 0", name="requested_positive"),
        CheckConstraint("units_approved IS NULL OR units_approved >= 0", name="approved_not_negative"),
    )

    id: Mapped[Key]
    authorization_id: Mapped[int] = link("authorization.id")
    code: Mapped[str]
    modifier: Mapped[str | None]
    diagnosis: Mapped[str]
    units_requested: Mapped[int]
    units_approved: Mapped[int | None]
    visits_approved: Mapped[int | None]
    authorization: Mapped[Authorization] = relationship(back_populates="lines")
