"""What a payer's remittance said, as posted: every number leads back to file and segment."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .columns import Key, Words, link
from .parties import Payer


class Remittance(Model):
    """One check or transfer (one ST of an 835). A payer's trace number is posted once."""

    __table_args__ = (UniqueConstraint("payer_name", "trace", name="uq_remittance_trace"),)

    id: Mapped[Key]
    payer_id: Mapped[int | None] = link("payer.id")
    payer_name: Mapped[str]
    trace: Mapped[str] = mapped_column(index=True)
    method: Mapped[str | None]
    amount: Mapped[Decimal]
    paid_on: Mapped[date]
    document_id: Mapped[int] = link("document.id")
    posted_at: Mapped[datetime]
    posted_by: Mapped[str]
    payer: Mapped[Payer | None] = relationship()
    payments: Mapped[list["ClaimPayment"]] = relationship(back_populates="remittance", order_by="ClaimPayment.id")


class ClaimPayment(Model):
    """One CLP of a remittance; `claim_id` is empty while it matches no claim of ours."""

    id: Mapped[Key]
    remittance_id: Mapped[int] = link("remittance.id")
    claim_id: Mapped[int | None] = link("claim.id")
    claim_number: Mapped[str] = mapped_column(index=True)
    payer_control_number: Mapped[str | None] = mapped_column(index=True)
    status: Mapped[str]  # CLP02
    patient_name: Mapped[str | None]
    member_id: Mapped[str | None]
    service_from: Mapped[date | None]
    charged: Mapped[Decimal]
    paid: Mapped[Decimal]
    patient_owes: Mapped[Decimal]
    remarks: Mapped[Words]
    segment: Mapped[int]
    remittance: Mapped[Remittance] = relationship(back_populates="payments")
    adjustments: Mapped[list["Adjustment"]] = relationship(back_populates="payment", order_by="Adjustment.id")


class Adjustment(Model):
    """One CAS triple or one PLB entry. Exactly one of payment and remittance is its parent."""

    __table_args__ = (
        CheckConstraint("(payment_id IS NULL) != (remittance_id IS NULL)", name="one_parent"),
        CheckConstraint("segment > 0", name="segment_positive"),
    )

    id: Mapped[Key]
    payment_id: Mapped[int | None] = link("claim_payment.id")
    remittance_id: Mapped[int | None] = link("remittance.id")
    service_line_id: Mapped[int | None] = link("service_line.id")
    group: Mapped[str]  # CO, PR, OA, PI, CR; PLB for provider-level ones
    carc: Mapped[str]  # claim adjustment reason code, or PLB reason
    rarcs: Mapped[Words]
    procedure: Mapped[str | None]
    amount: Mapped[Decimal]
    reference: Mapped[str | None]
    segment: Mapped[int]
    payment: Mapped[ClaimPayment | None] = relationship(back_populates="adjustments")
