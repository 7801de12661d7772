"""What people add to the letters' rules: particulars, wording of their own, and the checks of references."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from .columns import Key, Words, exactly_one, implies, link


class LetterInput(Model):
    """What only one kind of letter about one record needs: its address, what has to be explained, why it is urgent."""

    __table_args__ = (
        exactly_one("one_subject", "denial_id", "authorization_id"),
        UniqueConstraint("denial_id", "authorization_id", "kind"),
    )

    id: Mapped[Key]
    denial_id: Mapped[int | None] = link("denial.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    kind: Mapped[str]
    recipient: Mapped[Words]
    explanation: Mapped[str | None]
    expedited_reason: Mapped[str | None]


class TextOverride(Model):
    """The clinic's own wording of an argument. The newest version counts; an empty text restores the shipped one."""

    __table_args__ = (UniqueConstraint("argument", "version"),)

    id: Mapped[Key]
    argument: Mapped[str] = mapped_column(index=True)  # id of the rulebook's arguments
    version: Mapped[int]
    text: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class OwnCitation(Model):
    """A reference that the clinic added. It is printed only once a second person has confirmed it with the source."""

    __table_args__ = (
        implies(
            "confirmed_by_two", "confirmed_by IS NOT NULL", "confirmed_by != added_by AND confirmed_on IS NOT NULL"
        ),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)  # its id among the rulebook's citations
    supports: Mapped[str]  # id of the argument that cites it
    authors: Mapped[str]
    title: Mapped[str]
    journal: Mapped[str]
    year: Mapped[str]
    pmid: Mapped[str | None]
    doi: Mapped[str | None]
    source: Mapped[str]  # where it was read
    finding: Mapped[str]
    limits: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    confirmed_on: Mapped[date | None]
    confirmed_by: Mapped[str | None]


class CitationCheck(Model):
    """Somebody read a reference in its source again: it stands, or it must no longer be cited."""

    __table_args__ = (CheckConstraint("result IN ('stands', 'retired')", name="result_known"),)

    id: Mapped[Key]
    citation: Mapped[str] = mapped_column(index=True)
    result: Mapped[str]
    source: Mapped[str]
    note: Mapped[str | None]
    checked_at: Mapped[datetime]
    checked_by: Mapped[str]
