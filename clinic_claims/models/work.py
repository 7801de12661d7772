"""What needs a person: one row for each open item, kept true by every deed."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from .columns import Key, Words


class WorkItem(Model):
    """One line of the worklist. `amount` is dollars at risk; `why` explains the act-by day.

    It shows from `from_on`: what lies with a payer becomes work only when the payer is late. `sort_on` is the
    act-by day, or the first day there is while that is not known: somebody must find it out.
    """

    __table_args__ = (
        UniqueConstraint("subject", "subject_id"),
        # A page of the list by day, then the larger amount first, and the figures above it: everybody's, one owner's,
        # one payer's, one kind's. `from_on` comes last so that neither needs the table.
        Index("ix_work_item_order", "sort_on", "minus_cents", "id", "from_on"),
        Index("ix_work_item_owner", "owner_id", "sort_on", "minus_cents", "id", "from_on"),
        Index("ix_work_item_payer", "payer", "sort_on", "minus_cents", "id", "from_on"),
        Index("ix_work_item_kind", "kind", "sort_on", "minus_cents", "id", "from_on"),
        # What waits for a signature; what lies with a payer, and when the next of it becomes work.
        Index("ix_work_item_next_action", "next_action", "from_on"),
        Index("ix_work_item_from_on", "from_on", "subject", "subject_id", "minus_cents"),
    )

    id: Mapped[Key]
    subject: Mapped[str]  # claim, authorization, denial, appeal or claim_payment
    subject_id: Mapped[int]
    item: Mapped[str]  # the record's own reference
    kind: Mapped[str]
    claim: Mapped[str | None]
    patient: Mapped[str]
    patient_id: Mapped[int | None] = mapped_column(index=True)
    payer: Mapped[str]
    codes: Mapped[str]
    due: Mapped[date | None]  # the last lawful day
    act_by: Mapped[date | None]
    because: Mapped[Words]
    caution: Mapped[str]  # what must be checked before relying on the date
    amount: Mapped[Decimal]
    next_action: Mapped[str]
    owner_id: Mapped[int | None]
    stage: Mapped[int]  # 0 pre-approval, 1 billing, 2 denial, 3 appeal
    from_on: Mapped[date]
    sort_on: Mapped[date]
    minus_cents: Mapped[int]

    @property
    def why(self) -> str:
        """The reason for the day, in a line."""
        return " · ".join(self.because)

    @property
    def unverified(self) -> bool:
        """Whether the date rests on a rule that nobody has read in its source."""
        return bool(self.caution)
