"""Files taken in: what each one made, and how the columns of a spreadsheet are read."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .columns import Data, Key, Numbers, Words, link


class ImportRun(Model):
    """One file that was posted. `standing` is its SHA-256, empty once it was undone: the same bytes stand only once."""

    id: Mapped[Key]
    kind: Mapped[str]  # 835, 837P, 837I, 277CA, 277, 278, 999, csv, xlsx or paper
    file_name: Mapped[str]
    document_id: Mapped[int] = link("document.id")
    standing: Mapped[str | None] = mapped_column(unique=True)
    taken_at: Mapped[datetime]
    taken_by: Mapped[str]
    claims: Mapped[int] = mapped_column(default=0)
    matched: Mapped[int] = mapped_column(default=0)
    denials: Mapped[int] = mapped_column(default=0)
    charged: Mapped[Decimal] = mapped_column(default=Decimal(0))
    paid: Mapped[Decimal] = mapped_column(default=Decimal(0))
    notes: Mapped[Words]  # sentences: what was left out and why
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    rows: Mapped[list["ImportedRow"]] = relationship(back_populates="run", order_by="ImportedRow.id")


class ImportedRow(Model):
    """A record that a file made (`made`) or changed. `place` is the segment, or the row of a spreadsheet."""

    __table_args__ = (
        UniqueConstraint("run_id", "subject", "subject_id"),
        Index("ix_imported_row_subject", "subject", "subject_id"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = link("import_run.id")
    place: Mapped[int]
    subject: Mapped[str]  # the table
    subject_id: Mapped[int]
    made: Mapped[bool]
    run: Mapped[ImportRun] = relationship(back_populates="rows")


class RejectedBatch(Model):
    """A batch of claims that we sent and that an acknowledgement (`document_id`: a 999 or 277CA) turned away whole.

    `sent_id` is the import of the file it was sent in, `claims` the keys of the claims that were rejected with it, both
    empty where that file was never imported; `places` are the segments of that file that are at fault.
    """

    id: Mapped[Key]
    document_id: Mapped[int] = link("document.id")
    sent_id: Mapped[int | None] = link("import_run.id")
    name: Mapped[str]
    why: Mapped[Words]
    places: Mapped[Numbers]
    claims: Mapped[Numbers]
    owner_id: Mapped[int | None] = link("app_user.id")
    rejected_at: Mapped[datetime]
    mended_at: Mapped[datetime | None]
    mended_by: Mapped[str | None]
    mended_how: Mapped[str | None]
    sent: Mapped[ImportRun | None] = relationship()

    @property
    def reference(self) -> str:
        """Our own name for it."""
        return f"REJ-{self.id:05d}"


class ImportMapping(Model):
    """How somebody settled the columns of a source: `fields` says for each column what it holds."""

    id: Mapped[Key]
    header: Mapped[str] = mapped_column(unique=True)  # SHA-256 of the column names
    name: Mapped[str]
    fields: Mapped[Data]
    settled_at: Mapped[datetime]
    settled_by: Mapped[str]
