"""What needs a person: one row for each open item, kept true by every deed, and what its place in the list rests on."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from ..domain.counting import spoken
from ..domain.next_actions import asked_on
from .columns import Data, Key, Words

ORDER = ("sort_on", "minus_worth", "id")


class WorkItem(Model):
    """One line of the worklist. `amount` is dollars at risk; `why` explains the act-by day.

    It shows from `from_on`: what lies with a payer becomes work only when the payer is late. `sort_on` is the
    act-by day, or the first day there is while no rule gives one: somebody must find it out. `role` is who does such
    work where nobody owns it. `minus_worth` is what an hour spent on it is expected to bring, in cents, below zero.
    """

    __table_args__ = (
        UniqueConstraint("subject", "subject_id"),
        # A page of the list by day, then what an hour of work is worth, and the figures above it: everybody's, one
        # owner's, one payer's, one kind's, one role's. The last two columns are there so that none needs the table.
        Index("ix_work_item_order", *ORDER, "from_on", "minus_cents"),
        Index("ix_work_item_owner", "owner_id", *ORDER, "from_on", "minus_cents"),
        Index("ix_work_item_payer", "payer", *ORDER, "from_on", "minus_cents"),
        Index("ix_work_item_kind", "kind", *ORDER, "from_on", "minus_cents"),
        Index("ix_work_item_role", "role", *ORDER, "from_on", "minus_cents"),
        # How much is for this week: past what lies with a payer, day by day.
        Index("ix_work_item_day", "sort_on", "from_on", "minus_cents"),
        # What waits for a signature; what lies with a payer without being put aside; when the next becomes work.
        Index("ix_work_item_next_action", "next_action", "from_on", "subject", "subject_id", "minus_cents"),
        Index("ix_work_item_from_on", "from_on"),
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
    due: Mapped[date | None]  # the last lawful day; of a renewal, the last day of the approval
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
    minus_worth: Mapped[int] = mapped_column(default=0, server_default="0")
    role: Mapped[str] = mapped_column(default="biller", server_default="biller")
    line: Mapped["WorkNote | None"] = relationship(
        primaryjoin="and_(foreign(WorkItem.subject) == WorkNote.subject, WorkItem.subject_id == WorkNote.subject_id)",
        viewonly=True,
    )

    def asks_for(self, today: date) -> str:
        """Return what to do next, in the words of that day: an approval that ended is asked for anew."""
        return asked_on(self.next_action, self.due, today)

    def reasons(self, today: date) -> list[str]:
        """Return the reason for the day in sentences, and first what has passed since."""
        if self.asks_for(today) == self.next_action or self.due is None:
            return list(self.because)
        return [f"The approval ended {spoken(self.due)}: a service after that day needs a new one", *self.because]

    def why(self, today: date) -> str:
        """Return the reason for the day, in a line."""
        return " · ".join(self.reasons(today))

    @property
    def unverified(self) -> bool:
        """Whether the date rests on a rule that nobody has read in its source."""
        return bool(self.caution)


class WorkNote(Model):
    """What somebody means to do about an item, in a line beside it; the history keeps the earlier ones."""

    subject: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class ResultTally(Model):
    """Own denials of one kind that were decided and won, as counted on a day: what the order of the list rests on."""

    category: Mapped[str] = mapped_column(primary_key=True)
    treatment: Mapped[str] = mapped_column(primary_key=True)
    payer: Mapped[str] = mapped_column(primary_key=True)
    won: Mapped[int]
    decided: Mapped[int]
    counted_on: Mapped[date]


class TakenStep(Model):
    """What a person's step changed, kept for a while so that it can be taken back.

    `changed` holds the rows before and after, and what else it brought about; `event_id` is the deed's last line of
    history.
    """

    __table_args__ = (Index("ix_taken_step_subject", "subject", "subject_id", "id"),)

    id: Mapped[Key]
    subject: Mapped[str]
    subject_id: Mapped[int]
    action: Mapped[str]
    event_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    changed: Mapped[Data]
    undone_at: Mapped[datetime | None]
