"""What the clinic's own contracts with payers say about time."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .columns import Key, implies, link
from .documents import Document
from .parties import Payer, Plan


class ContractTerm(Model):
    """One clock of a contract: so long, counted from that day, in force between these days (both included).

    Without a plan it holds for every plan of the payer. `clock` and `starts` are words of the clock rules. A term is
    never rewritten: it ends, and another begins.
    """

    __table_args__ = (
        CheckConstraint("unit IN ('days', 'business_days', 'months', 'years')", name="unit_known"),
        CheckConstraint("if_closed IN ('stay', 'roll_forward')", name="if_closed_known"),
        CheckConstraint("count > 0", name="count_positive"),
        implies("ends_after_start", "until IS NOT NULL", "until >= since"),
        Index("ix_contract_term_payer_clock", "payer_id", "clock"),
    )

    id: Mapped[Key]
    payer_id: Mapped[int] = link("payer.id")
    plan_id: Mapped[int | None] = link("plan.id")
    clock: Mapped[str]
    count: Mapped[int]
    unit: Mapped[str]
    starts: Mapped[str]  # the day zero of the count: notice_dated, service …
    if_closed: Mapped[str] = mapped_column(default="stay")
    since: Mapped[date]
    until: Mapped[date | None]
    words: Mapped[str]  # the contract's own, word for word
    source: Mapped[str]  # which paper, and where in it: "Provider agreement of 2025, section 6.2"
    document_id: Mapped[int | None] = link("document.id")
    page: Mapped[int | None]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    payer: Mapped[Payer] = relationship()
    plan: Mapped[Plan | None] = relationship()
    document: Mapped[Document | None] = relationship()
