"""What people add to the letters' rules: particulars, wording of their own, and the checks of references."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .columns import Arranged, Data, Key, Words, exactly_one, implies, link
from .documents import Document


class LetterInput(Arranged, Model):
    """What only one letter about one record needs: its address, what has to be explained, why it is urgent, its words.

    `kind` is the kind of letter, or appeal/ and the level for an appeal, whose words stand with the appeal itself.
    """

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
    version_id: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 (SQLAlchemy's own hook)


class TextOverride(Model):
    """The clinic's own wording of an argument or a standard paragraph.

    The newest version counts; an empty text restores the shipped one.
    """

    __table_args__ = (UniqueConstraint("argument", "version"),)

    id: Mapped[Key]
    argument: Mapped[str] = mapped_column(index=True)  # id among the rulebook's arguments, or its paragraphs
    version: Mapped[int]
    text: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class LetterheadVersion(Model):
    """What the letterhead said. The newest version is in force; an earlier one is put back as a new version."""

    id: Mapped[Key]
    version: Mapped[int] = mapped_column(unique=True)
    told: Mapped[Data]  # name, street, city … as printed
    logo_id: Mapped[int | None] = link("document.id")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    logo: Mapped[Document | None] = relationship()


class SignatureImage(Model):
    """A physician's signature as a picture. The newest version counts; one without a picture takes it off again."""

    __table_args__ = (UniqueConstraint("provider_id", "version"),)

    id: Mapped[Key]
    provider_id: Mapped[int] = link("provider.id")
    version: Mapped[int]
    document_id: Mapped[int | None] = link("document.id")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    document: Mapped[Document | None] = relationship()


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
