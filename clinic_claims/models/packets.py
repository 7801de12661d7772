"""What leaves the house with a letter: the pages chosen, the packet as bound, and each delivery with its proof."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .appeals import Letter
from .columns import Key, Words, link
from .documents import Document


class PageChoice(Model):
    """The pages of a long record that go out with a letter, and no others. `pages` counts from 1."""

    __table_args__ = (UniqueConstraint("letter_id", "document_id"),)

    id: Mapped[Key]
    letter_id: Mapped[int] = link("letter.id")
    document_id: Mapped[int] = link("document.id")
    pages: Mapped[list[int]] = mapped_column(JSON)
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str]


class Packet(Model):
    """One file of a packet as bound: the bytes are a document. `build` counts how often it was bound anew."""

    __table_args__ = (
        UniqueConstraint("letter_id", "build", "part"),
        CheckConstraint("part BETWEEN 1 AND parts", name="part_of_the_whole"),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = link("letter.id")
    document_id: Mapped[int] = link("document.id")
    build: Mapped[int]
    part: Mapped[int]
    parts: Mapped[int]
    first_page: Mapped[int]
    last_page: Mapped[int]
    troubles: Mapped[Words]  # what could not be bound, in plain sentences; the same on every part
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    letter: Mapped[Letter] = relationship()
    document: Mapped[Document] = relationship()


class Delivery(Model):
    """A letter sent: how, to whom, when, and the proof. A letter sent again is a second delivery."""

    __table_args__ = (
        CheckConstraint(
            "confirmation IS NOT NULL OR document_id IS NOT NULL OR no_proof_reason IS NOT NULL", name="proof_or_reason"
        ),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = link("letter.id")
    build: Mapped[int | None]  # of the packet that went with it; empty when the letter went alone
    how: Mapped[str]  # fax, certified mail, portal, in person, e-mail
    sent_to: Mapped[str]  # whom, and the number or address
    sent_on: Mapped[date]
    sent_time: Mapped[str | None]  # as the fax report or the receipt prints it
    confirmation: Mapped[str | None]
    no_proof_reason: Mapped[str | None]
    despite: Mapped[str | None]  # why it left although the quality gate was not clean
    document_id: Mapped[int | None] = link("document.id")
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]
    letter: Mapped[Letter] = relationship()
    document: Mapped[Document | None] = relationship()
