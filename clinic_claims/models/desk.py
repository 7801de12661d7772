"""A person's desk: what was put aside and why, lists kept under a name, and the address of a calendar."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from .columns import Key, link


class Snooze(Model):
    """An item of the worklist put aside until a day. It ends early when the record asks for another next action."""

    subject: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    next_action: Mapped[str]
    until: Mapped[date]
    reason: Mapped[str]
    by: Mapped[str]


class SavedView(Model):
    """Filters of the worklist that a person keeps under a name; `query` is the end of the list's address."""

    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Key]
    user_id: Mapped[int] = link("app_user.id")
    name: Mapped[str]
    query: Mapped[str]


class CalendarFeed(Model):
    """The secret address of a person's calendar. The key is the SHA-256 of it, so that a stolen copy opens nothing."""

    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), unique=True)
    made_at: Mapped[datetime]
