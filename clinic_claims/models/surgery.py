"""One operation with everybody who bills for it, each with an authorization and a claim of their own."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .authorizations import Authorization
from .claims import Claim
from .columns import Key, link
from .parties import Facility, Provider
from .treatments import TreatmentCase

ROLES = ("surgeon", "assistant", "facility", "anesthesia", "monitoring", "inpatient")


class SurgicalCase(Model):
    """A planned or performed operation. `code_performed` is entered once the operating room has told what was done."""

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    facility_id: Mapped[int] = link("facility.id")
    planned_on: Mapped[date | None]
    operated_on: Mapped[date | None]
    code_planned: Mapped[str]
    code_performed: Mapped[str | None]
    accreditation: Mapped[str | None]  # who accredits the facility, until when
    network_note: Mapped[str | None]  # who confirmed the facility's network status, when
    created_at: Mapped[datetime]
    case: Mapped[TreatmentCase] = relationship()
    facility: Mapped[Facility] = relationship()
    parts: Mapped[list["SurgicalPart"]] = relationship(back_populates="surgery", order_by="SurgicalPart.id")

    @property
    def patient_id(self) -> int:
        """The patient operated on."""
        return self.case.patient_id


class SurgicalPart(Model):
    """What one party does and bills. `days` are inpatient days; a part may be billed by somebody else than us."""

    __table_args__ = (
        CheckConstraint(
            "role IN ('surgeon', 'assistant', 'facility', 'anesthesia', 'monitoring', 'inpatient')", name="role_known"
        ),
        CheckConstraint("days IS NULL OR days > 0", name="days_positive"),
    )

    id: Mapped[Key]
    surgery_id: Mapped[int] = link("surgical_case.id")
    role: Mapped[str]
    who: Mapped[str]
    npi: Mapped[str | None]
    code: Mapped[str | None]
    days: Mapped[int | None]
    in_network: Mapped[bool | None]
    ours: Mapped[bool] = mapped_column(default=True)
    provider_id: Mapped[int | None] = link("provider.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    outside_authorization: Mapped[str | None]  # the number of an approval that another party holds
    claim_id: Mapped[int | None] = link("claim.id")
    surgery: Mapped[SurgicalCase] = relationship(back_populates="parts")
    provider: Mapped[Provider | None] = relationship()
    authorization: Mapped[Authorization | None] = relationship()
    claim: Mapped[Claim | None] = relationship()
