"""Reports that people keep under a name, and when each is due again."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .accounts import User
from .columns import Key, implies, link


class SavedReport(Model):
    """A report with its filters. `query` is the part of its address behind the question mark; no patient stands in it.

    `every` is the rhythm; `next_on` the day from which the report is due, until somebody opens it.
    """

    __table_args__ = (
        CheckConstraint("every IN ('never', 'week', 'month', 'quarter')", name="every_known"),
        implies("rhythm_has_day", "every <> 'never'", "next_on IS NOT NULL"),
    )

    id: Mapped[Key]
    name: Mapped[str]
    report: Mapped[str]  # denied, measures, approved_then_denied, scorecard or what_works
    query: Mapped[str]
    owner_id: Mapped[int] = link("app_user.id")
    shared: Mapped[bool] = mapped_column(default=False)
    every: Mapped[str] = mapped_column(default="never")
    next_on: Mapped[date | None] = mapped_column(index=True)
    opened_on: Mapped[date | None]
    created_at: Mapped[datetime]
    owner: Mapped[User] = relationship()

    @property
    def reference(self) -> str:
        """Our own name for it."""
        return f"REP-{self.id:05d}"
