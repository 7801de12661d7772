"""A denial: of service lines of a claim, or of an authorization. Several may live on one claim."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from ..domain.lifecycle import DenialState
from .authorizations import Authorization
from .claims import Claim, ServiceLine
from .columns import Key, Words, exactly_one, implies, link, state_of

if TYPE_CHECKING:
    from .appeals import Appeal


class Denial(Model):
    """One refusal by a payer, with the notice that carried it. Day-0 facts of every clock stand here.

    `recovered` is the money that came for it and stayed. `settled_otherwise` is what nobody seeks any more under an
    overturned one: written down by the contract, the patient's share, or denied anew; empty while money is awaited.
    """

    __table_args__ = (
        exactly_one("one_subject", "claim_id", "authorization_id"),
        implies(
            "written_off_by_two",
            "state = 'written_off'",
            "write_off_by IS NOT NULL AND signed_off_by IS NOT NULL AND signed_off_by != write_off_by",
        ),
        implies("proposed_has_proposer", "state = 'write_off_proposed'", "write_off_by IS NOT NULL"),
        implies(
            "received_not_before_dated",
            "notice_received_on IS NOT NULL AND notice_dated_on IS NOT NULL",
            "notice_received_on >= notice_dated_on",
        ),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )

    id: Mapped[Key]
    claim_id: Mapped[int | None] = link("claim.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    claim_payment_id: Mapped[int | None] = link("claim_payment.id")
    state: Mapped[DenialState] = state_of(DenialState)
    group: Mapped[str | None]
    carcs: Mapped[Words]
    rarcs: Mapped[Words]
    category: Mapped[str] = mapped_column(index=True)  # id of the rulebook's denial categories
    remedy: Mapped[str | None]
    approved_before: Mapped[bool] = mapped_column(default=False)
    reason_quoted: Mapped[str | None]  # the payer's words, word for word
    policy_named: Mapped[str | None]
    notice_dated_on: Mapped[date | None]
    notice_sent_on: Mapped[date | None]
    notice_received_on: Mapped[date | None]  # actual receipt, with proof
    received_how: Mapped[str | None]  # portal, fax, mail, 835
    printed_deadline: Mapped[date | None]
    amount: Mapped[Decimal]  # dollars refused
    recovered: Mapped[Decimal] = mapped_column(default=Decimal(0))
    settled_otherwise: Mapped[Decimal | None]
    denied_on: Mapped[date]
    month: Mapped[int] = mapped_column(index=True)  # 202611: the report's key
    settled_on: Mapped[date | None]
    write_off_by: Mapped[str | None]
    signed_off_by: Mapped[str | None]
    write_off_reason: Mapped[str | None]
    owner_id: Mapped[int | None] = link("app_user.id")
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)
    claim: Mapped[Claim | None] = relationship()
    authorization: Mapped[Authorization | None] = relationship()
    lines: Mapped[list["DenialLine"]] = relationship(
        back_populates="denial", order_by="DenialLine.id", cascade="all, delete-orphan"
    )
    appeals: Mapped[list["Appeal"]] = relationship(back_populates="denial", order_by="Appeal.id")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 (SQLAlchemy's own hook)

    @property
    def reference(self) -> str:
        """Our own name for it, as commands take it."""
        return f"DEN-{self.id:05d}"

    @property
    def subject(self) -> Claim | Authorization:
        """What was denied."""
        found = self.claim or self.authorization
        assert found is not None  # noqa: S101 (the table's own constraint)
        return found

    @property
    def still_open(self) -> Decimal:
        """Dollars still sought under it: none once it is written off or the patient's."""
        if self.state in (DenialState.WRITTEN_OFF, DenialState.PATIENT_BALANCE):
            return Decimal(0)
        return max(self.amount - self.recovered - (self.settled_otherwise or Decimal(0)), Decimal(0))

    @property
    def codes(self) -> str:
        """Codes as billers write them: "CO-197 · N54"."""
        return " · ".join([*(f"{self.group}-{carc}" if self.group else carc for carc in self.carcs), *self.rarcs])


class DenialLine(Model):
    """A service line that the denial refuses, with the dollars refused."""

    id: Mapped[Key]
    denial_id: Mapped[int] = link("denial.id")
    service_line_id: Mapped[int] = link("service_line.id")
    amount: Mapped[Decimal]
    denial: Mapped[Denial] = relationship(back_populates="lines")
    line: Mapped[ServiceLine] = relationship()
