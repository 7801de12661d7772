"""Appeals, one row a level, and the letters that were printed."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from ..domain.lifecycle import AppealState
from .authorizations import Authorization
from .columns import Arranged, Data, Key, exactly_one, implies, link, state_of
from .denials import Denial
from .documents import Document

OUT = "state IN ('filed', 'overdue', 'overturned', 'partly_overturned', 'upheld', 'dismissed')"


class Appeal(Arranged, Model):
    """One level of appeal against a denial, linked to the level before."""

    __table_args__ = (
        UniqueConstraint("denial_id", "level"),
        implies("filed_has_proof", OUT, "filed_on IS NOT NULL AND (proof IS NOT NULL OR no_proof_reason IS NOT NULL)"),
        implies(
            "decided_has_date",
            "state IN ('overturned', 'partly_overturned', 'upheld', 'dismissed')",
            "decided_on IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    denial_id: Mapped[int] = link("denial.id")
    previous_id: Mapped[int | None] = link("appeal.id")
    level: Mapped[str]  # id of the step on the payer class's ladder
    name: Mapped[str]
    state: Mapped[AppealState] = state_of(AppealState)
    filed_on: Mapped[date | None]
    filed_by: Mapped[str | None]  # fax, certified mail, portal, in person
    proof: Mapped[str | None]
    no_proof_reason: Mapped[str | None]
    payer_received_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    decision_received_on: Mapped[date | None]
    decision_deadline: Mapped[date | None]  # last day to go on, as the decision prints it
    decision_words: Mapped[str | None]
    owner_id: Mapped[int | None] = link("app_user.id")
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)
    denial: Mapped[Denial] = relationship(back_populates="appeals")
    previous: Mapped["Appeal | None"] = relationship(remote_side="Appeal.id")
    letters: Mapped[list["Letter"]] = relationship(back_populates="appeal", order_by="Letter.id")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 (SQLAlchemy's own hook)

    @property
    def reference(self) -> str:
        """Our own name for it, as commands take it."""
        return f"APL-{self.id:05d}"


class Letter(Model):
    """The very pages: the bytes are kept by their SHA-256 and never rendered again. It belongs to one record.

    A signature binds to `sha256`; a change makes a new letter with `version` one higher and no signature. What goes out
    are the same pages with the signature placed in the space left for it: `signed_document`.
    """

    __table_args__ = (
        exactly_one("one_subject", "appeal_id", "authorization_id", "denial_id"),
        implies("signed_has_name", "signed_at IS NOT NULL", "signed_by IS NOT NULL AND signed_sha256 = sha256"),
    )

    id: Mapped[Key]
    appeal_id: Mapped[int | None] = link("appeal.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    denial_id: Mapped[int | None] = link("denial.id")
    document_id: Mapped[int] = link("document.id")
    kind: Mapped[str]
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    facts: Mapped[Data]
    rulebook: Mapped[str]  # digest of the rule files it was composed by
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    signed_sha256: Mapped[str | None]
    signed_document_id: Mapped[int | None] = link("document.id")
    appeal: Mapped[Appeal | None] = relationship(back_populates="letters")
    authorization: Mapped[Authorization | None] = relationship()
    denial: Mapped[Denial | None] = relationship()
    document: Mapped[Document] = relationship(foreign_keys="Letter.document_id")
    signed_document: Mapped[Document | None] = relationship(foreign_keys="Letter.signed_document_id")

    @property
    def outgoing(self) -> Document:
        """The pages that leave the house: with the signature placed, once it is signed."""
        return self.signed_document or self.document

    @property
    def subject(self) -> Appeal | Authorization | Denial:
        """The record it is about."""
        found = self.appeal or self.authorization or self.denial
        assert found is not None  # noqa: S101 (the table's own constraint)
        return found

    @property
    def about(self) -> Authorization | Denial:
        """The denial or request behind it, an appeal's too."""
        return self.subject.denial if isinstance(self.subject, Appeal) else self.subject

    @property
    def reference(self) -> str:
        """Our own name for it."""
        return f"LTR-{self.id:05d}"
