"""A person's desk: what was put aside and why, who covers for whom, lists kept under a name, a calendar's address."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .accounts import User
from .columns import Key, link


class Snooze(Model):
    """An item of the worklist put aside until a day. It ends early when the record asks for another next action.

    `act_by` is the item's day when it was put aside: a nearer one wakes it.
    """

    subject: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    next_action: Mapped[str]
    until: Mapped[date]
    act_by: Mapped[date | None]
    reason: Mapped[str]
    by: Mapped[str]


class Cover(Model):
    """Somebody does another's work from a day to a day, both included; then it is over by itself."""

    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="in_order"),
        CheckConstraint("user_id != by_id", name="by_another"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = link("app_user.id")
    by_id: Mapped[int] = link("app_user.id")
    from_on: Mapped[date]
    to_on: Mapped[date]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    by: Mapped[User] = relationship(foreign_keys=[by_id])


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
