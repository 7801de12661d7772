"""What a file must hold for the payer, what it lacks, and who gets it until when; calls with the payer's physician."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .accounts import User
from .authorizations import Authorization
from .columns import Key, exactly_one, implies, link
from .denials import Denial
from .documents import Document
from .parties import Provider
from .treatments import TreatmentCase


class ChecklistAnswer(Model):
    """A criterion of a case and how the file answers it: met on a page of a document, not met, or waived with reason.

    `item` is "evidence:ID" or "policy:ID:NUMBER" of the rulebook; `version` the edition of the policy that was asked.
    """

    __table_args__ = (
        UniqueConstraint("case_id", "item"),
        CheckConstraint("answer IN ('met', 'not_met', 'waived')", name="answer_known"),
        implies("waived_has_reason", "answer = 'waived'", "reason IS NOT NULL"),
        implies("met_is_on_paper", "answer = 'met'", "document_id IS NOT NULL OR reason IS NOT NULL"),
    )

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    item: Mapped[str]
    text: Mapped[str]
    version: Mapped[str | None]
    answer: Mapped[str]
    reason: Mapped[str | None]
    document_id: Mapped[int | None] = link("document.id")
    page: Mapped[int | None]
    answered_by: Mapped[str]
    answered_at: Mapped[datetime]
    case: Mapped[TreatmentCase] = relationship()
    document: Mapped[Document | None] = relationship()

    @property
    def patient_id(self) -> int:
        """The patient of the case."""
        return self.case.patient_id


class Task(Model):
    """Something a person must do by a day. `item` names the checklist line it closes, if it came from one."""

    __table_args__ = (implies("done_by_somebody", "done_on IS NOT NULL", "done_by IS NOT NULL"),)

    id: Mapped[Key]
    case_id: Mapped[int] = link("treatment_case.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    item: Mapped[str | None] = mapped_column(index=True)
    what: Mapped[str]
    owner_id: Mapped[int | None] = link("app_user.id")
    due: Mapped[date] = mapped_column(index=True)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    done_on: Mapped[date | None]
    done_by: Mapped[str | None]
    case: Mapped[TreatmentCase] = relationship()
    authorization: Mapped[Authorization | None] = relationship()
    owner: Mapped[User | None] = relationship()

    @property
    def patient_id(self) -> int:
        """The patient of the case."""
        return self.case.patient_id


class PeerToPeer(Model):
    """A call between our physician and the payer's: its slot, who speaks, and how it ended."""

    __table_args__ = (
        exactly_one("one_subject", "authorization_id", "denial_id"),
        CheckConstraint(
            "outcome IS NULL OR outcome IN ('overturned', 'partly', 'upheld', 'not_held')", name="outcome_known"
        ),
        implies("outcome_has_words", "outcome IS NOT NULL", "outcome_words IS NOT NULL AND held_on IS NOT NULL"),
    )

    id: Mapped[Key]
    authorization_id: Mapped[int | None] = link("authorization.id")
    denial_id: Mapped[int | None] = link("denial.id")
    slot: Mapped[datetime]
    phone: Mapped[str | None]
    reference: Mapped[str | None]
    provider_id: Mapped[int] = link("provider.id")
    payer_physician: Mapped[str | None]
    payer_specialty: Mapped[str | None]
    brief_id: Mapped[int | None] = link("document.id")
    held_on: Mapped[date | None]
    outcome: Mapped[str | None]
    outcome_words: Mapped[str | None]
    arranged_by: Mapped[str]
    arranged_at: Mapped[datetime]
    authorization: Mapped[Authorization | None] = relationship()
    denial: Mapped[Denial | None] = relationship()
    provider: Mapped[Provider] = relationship()
    brief: Mapped[Document | None] = relationship()

    @property
    def patient_id(self) -> int:
        """The patient spoken about."""
        about = self.authorization or (self.denial and self.denial.subject)
        assert about is not None  # noqa: S101 (the table's own constraint)
        return about.case.patient_id
