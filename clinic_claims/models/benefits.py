"""What the plan covers, as asked on the telephone or the portal, and what the patient is told it will cost."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .columns import Key, Words, implies, link
from .documents import Document
from .parties import Coverage
from .treatments import TreatmentCase
from .visits import Visit

KINDS = ("full", "recheck")
ROUTES = ("buy_and_bill", "specialty_pharmacy", "pharmacy_benefit", "unknown")


class BenefitsCheck(Model):
    """One call or look-up. A full check asks everything; a re-check asks whether the coverage is active.

    Money is in dollars, `coinsurance` in percent. `covered` and `to_get_covered` answer the two questions that decide:
    is it covered under these benefits, and what is needed to get it covered. None means: not asked or not told.
    """

    __table_args__ = (
        CheckConstraint("kind IN ('full', 'recheck')", name="kind_known"),
        CheckConstraint(
            "route IN ('buy_and_bill', 'specialty_pharmacy', 'pharmacy_benefit', 'unknown')", name="route_known"
        ),
        # Kept in hundredths, like every exact amount.
        CheckConstraint("coinsurance IS NULL OR coinsurance BETWEEN 0 AND 10000", name="coinsurance_percent"),
        implies("full_answers", "kind = 'full'", "covered IS NOT NULL"),
    )

    id: Mapped[Key]
    coverage_id: Mapped[int] = link("coverage.id")
    case_id: Mapped[int | None] = link("treatment_case.id")
    kind: Mapped[str] = mapped_column(default="full")
    on: Mapped[date]
    by: Mapped[str]
    how: Mapped[str] = mapped_column(default="telephone")  # telephone, portal or 271
    number_called: Mapped[str | None]  # the number on the card
    spoke_with: Mapped[str | None]
    reference: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    covered: Mapped[str | None]  # the payer's answer in its words
    to_get_covered: Mapped[str | None]
    in_network: Mapped[bool | None]
    plan_kind: Mapped[str | None]  # HMO, PPO …
    referral_needed: Mapped[bool | None]
    referral_number: Mapped[str | None]
    approval_needed: Mapped[bool | None]
    deductible: Mapped[Decimal | None]
    deductible_left: Mapped[Decimal | None]
    copay: Mapped[Decimal | None]
    coinsurance: Mapped[Decimal | None]
    out_of_pocket_left: Mapped[Decimal | None]
    route: Mapped[str] = mapped_column(default="unknown")
    pays_waste: Mapped[bool | None]
    preferred: Mapped[Words]  # J-codes the plan wants first
    document_id: Mapped[int | None] = link("document.id")
    coverage: Mapped[Coverage] = relationship()
    case: Mapped[TreatmentCase | None] = relationship()
    document: Mapped[Document | None] = relationship()

    @property
    def patient_id(self) -> int:
        """The patient whose coverage was checked."""
        return self.coverage.patient_id

    @property
    def referral_missing(self) -> bool:
        """Whether the plan asks for a referral that is not on file."""
        return bool(self.referral_needed) and not self.referral_number


class Estimate(Model):
    """What the patient was told a visit would cost: with the plan, and in cash. Dollars; frozen once made."""

    __table_args__ = (
        CheckConstraint("patient_share >= 0 AND cash_price >= 0", name="not_negative"),
        CheckConstraint("notice IN ('none', 'abn', 'no_abn')", name="notice_known"),
        implies("abn_signed_has_paper", "signed_on IS NOT NULL", "signed_document_id IS NOT NULL"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    coverage_id: Mapped[int] = link("coverage.id")
    visit_id: Mapped[int | None] = link("visit.id")
    check_id: Mapped[int | None] = link("benefits_check.id")
    on: Mapped[date]
    by: Mapped[str]
    allowed: Mapped[Decimal]
    deductible_part: Mapped[Decimal]
    coinsurance_part: Mapped[Decimal]
    copay_part: Mapped[Decimal]
    patient_share: Mapped[Decimal]
    cash_price: Mapped[Decimal]
    appeal_hours: Mapped[Decimal | None]
    appeal_cost: Mapped[Decimal | None]
    notice: Mapped[str] = mapped_column(default="none")  # for Original Medicare: abn (GA) or no_abn (GZ)
    notice_reason: Mapped[str | None]
    advice: Mapped[Words]
    document_id: Mapped[int | None] = link("document.id")  # the printed notice
    signed_on: Mapped[date | None]
    signed_document_id: Mapped[int | None] = link("document.id")
    made_at: Mapped[datetime]
    case: Mapped[TreatmentCase] = relationship()
    coverage: Mapped[Coverage] = relationship()
    visit: Mapped[Visit | None] = relationship()
    check: Mapped[BenefitsCheck | None] = relationship()
    document: Mapped[Document | None] = relationship(foreign_keys=[document_id])
    signed_document: Mapped[Document | None] = relationship(foreign_keys=[signed_document_id])
    lines: Mapped[list["EstimateLine"]] = relationship(back_populates="estimate", order_by="EstimateLine.id")

    @property
    def patient_id(self) -> int:
        """The patient who is told."""
        return self.case.patient_id


class EstimateLine(Model):
    """One code of an estimate: billing units, the plan's allowed amount and the cash price, both for all units."""

    id: Mapped[Key]
    estimate_id: Mapped[int] = link("estimate.id")
    code: Mapped[str]
    label: Mapped[str]
    units: Mapped[int]
    allowed: Mapped[Decimal]
    cash: Mapped[Decimal]
    estimate: Mapped[Estimate] = relationship(back_populates="lines")
