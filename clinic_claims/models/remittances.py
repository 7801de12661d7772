"""What a payer's remittance said, as posted: every number leads back to file and segment.

`segment` counts from 1 at the file's ISA header; of a paper EOB that was typed in it is the row of the form.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .columns import Key, Words, link
from .parties import Payer


class Remittance(Model):
    """One check or transfer (one ST of an 835, or a paper EOB). A payer's trace number is posted once.

    `unbalanced_reason` says why staff posted it although its sums do not add up; `posted_by` is who said so.
    """

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
    segment: Mapped[int] = mapped_column(default=1)  # its ST
    typed: Mapped[bool] = mapped_column(default=False)  # from paper, by `posted_by`
    unbalanced_reason: Mapped[str | None]
    payer: Mapped[Payer | None] = relationship()
    payments: Mapped[list["ClaimPayment"]] = relationship(
        back_populates="remittance", order_by="ClaimPayment.segment, ClaimPayment.id"
    )


class ClaimPayment(Model):
    """One CLP of a remittance; `claim_id` is empty while it matches no claim of ours.

    `set_aside` says why staff look for no claim of it any more.

    A reversal names the payment it takes back in `reverses_id`; the payment that comes in its place names the same
    one in `corrects_id`.
    """

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
    crossover_payer: Mapped[str | None]  # to whom the payer forwarded the claim
    set_aside: Mapped[str | None]
    reverses_id: Mapped[int | None] = link("claim_payment.id")
    corrects_id: Mapped[int | None] = link("claim_payment.id")
    segment: Mapped[int]
    remittance: Mapped[Remittance] = relationship(back_populates="payments")
    reverses: Mapped["ClaimPayment | None"] = relationship(foreign_keys=[reverses_id], remote_side="ClaimPayment.id")
    corrects: Mapped["ClaimPayment | None"] = relationship(foreign_keys=[corrects_id], remote_side="ClaimPayment.id")
    lines: Mapped[list["LinePayment"]] = relationship(back_populates="payment", order_by="LinePayment.id")
    adjustments: Mapped[list["Adjustment"]] = relationship(back_populates="payment", order_by="Adjustment.id")


class LinePayment(Model):
    """One SVC of a claim payment. `bundled_from` is the code billed where the payer paid on another."""

    id: Mapped[Key]
    payment_id: Mapped[int] = link("claim_payment.id")
    service_line_id: Mapped[int | None] = link("service_line.id")
    procedure: Mapped[str]
    modifiers: Mapped[Words]
    bundled_from: Mapped[str | None]
    control_number: Mapped[str | None]
    service_from: Mapped[date | None]
    charged: Mapped[Decimal]
    paid: Mapped[Decimal]
    remarks: Mapped[Words]
    segment: Mapped[int]
    payment: Mapped[ClaimPayment] = relationship(back_populates="lines")


class Adjustment(Model):
    """One CAS triple or one PLB entry. Exactly one of payment and remittance is its parent.

    `claim_id` is the claim that the reference of a PLB entry names: a recoupment or interest that belongs to it.
    """

    __table_args__ = (
        CheckConstraint("(payment_id IS NULL) != (remittance_id IS NULL)", name="one_parent"),
        CheckConstraint("segment > 0", name="segment_positive"),
    )

    id: Mapped[Key]
    payment_id: Mapped[int | None] = link("claim_payment.id")
    remittance_id: Mapped[int | None] = link("remittance.id")
    line_payment_id: Mapped[int | None] = link("line_payment.id")
    service_line_id: Mapped[int | None] = link("service_line.id")
    claim_id: Mapped[int | None] = link("claim.id")
    group: Mapped[str]  # CO, PR, OA, PI, CR; PLB for provider-level ones
    carc: Mapped[str]  # claim adjustment reason code, or PLB reason
    rarcs: Mapped[Words]
    procedure: Mapped[str | None]
    amount: Mapped[Decimal]
    reference: Mapped[str | None]
    segment: Mapped[int]
    payment: Mapped[ClaimPayment | None] = relationship(back_populates="adjustments")
