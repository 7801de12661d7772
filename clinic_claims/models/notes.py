"""What people write down about a record: notes, telephone calls, and what was promised in them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from .columns import Key, implies, link


class Note(Model):
    """A note or a call about a claim, authorization, denial or patient. Written once; a mistake is mended by another.

    `promised_on` is the day by which something was promised; until `done_at` it is a follow-up on the worklist.
    """

    __table_args__ = (
        Index("ix_note_subject", "subject", "subject_id", "id"),
        implies("done_by_somebody", "done_at IS NOT NULL", "done_by IS NOT NULL"),
    )

    id: Mapped[Key]
    subject: Mapped[str]  # table of the record it is about
    subject_id: Mapped[int]
    patient_id: Mapped[int] = link("patient.id")
    kind: Mapped[str]  # note or call
    text: Mapped[str]
    spoke_to: Mapped[str | None]
    call_reference: Mapped[str | None] = mapped_column(index=True)
    promised_on: Mapped[date | None]
    owner_id: Mapped[int | None] = link("app_user.id")
    author: Mapped[str]
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"NOTE-{self.id:05d}"


class Mention(Model):
    """A person named in a note with an @; `read_at` is when they saw it."""

    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True, index=True)
    read_at: Mapped[datetime | None]
