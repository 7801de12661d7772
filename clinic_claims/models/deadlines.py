"""Clocks that run, or ran, on a record."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .appeals import Appeal
from .authorizations import Authorization
from .claims import Claim
from .columns import Data, Key, Words, exactly_one, implies, link
from .denials import Denial
from .treatments import TreatmentCase

SUBJECTS = ("claim_id", "authorization_id", "denial_id", "appeal_id", "treatment_case_id")
DATED = "who = 'clinic' AND legal IS NOT NULL AND act_by IS NOT NULL"


class Deadline(Model):
    """One clock with its reason. `legal` is the last lawful day, `act_by` the business day staff work to.

    Both are empty when the date is not known; `because` then says why. With `not_before`, `legal` is the first lawful
    day instead. `part` tells apart clocks of one name on one record: drug and procedure. `asked` keeps the question
    as it was put to the rulebook, so that every source can be heard again.
    """

    __table_args__ = (
        exactly_one("one_subject", *SUBJECTS),
        implies("act_by_in_time", f"{DATED} AND NOT not_before", "act_by <= legal"),
        implies("act_by_not_early", f"{DATED} AND not_before", "act_by >= legal"),
        # The worklist reads running clocks by act-by day.
        Index(
            "ix_deadline_running",
            "act_by",
            "id",
            sqlite_where=text("stopped_at IS NULL"),
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    claim_id: Mapped[int | None] = link("claim.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
    denial_id: Mapped[int | None] = link("denial.id")
    appeal_id: Mapped[int | None] = link("appeal.id")
    treatment_case_id: Mapped[int | None] = link("treatment_case.id")
    clock: Mapped[str]
    part: Mapped[str] = mapped_column(default="")
    label: Mapped[str]
    who: Mapped[str] = mapped_column(default="clinic")  # who must act in time: clinic or payer
    rule: Mapped[str] = mapped_column(index=True)  # empty where no rule speaks
    authority: Mapped[str] = mapped_column(default="law")  # whose word it is: notice, contract, payer, law, practice
    legal: Mapped[date | None]
    act_by: Mapped[date | None]
    because: Mapped[Words]
    citation: Mapped[str | None]
    confidence: Mapped[str]
    caution: Mapped[str] = mapped_column(default="")  # what must be checked before relying on it
    not_before: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[Data]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None] = mapped_column()
    claim: Mapped[Claim | None] = relationship()
    authorization: Mapped[Authorization | None] = relationship()
    denial: Mapped[Denial | None] = relationship()
    appeal: Mapped[Appeal | None] = relationship()
    treatment_case: Mapped[TreatmentCase | None] = relationship()

    @property
    def subject(self) -> Claim | Authorization | Denial | Appeal | TreatmentCase:
        """The record the clock runs on."""
        found = self.claim or self.authorization or self.denial or self.appeal or self.treatment_case
        assert found is not None  # noqa: S101 (the table's own constraint)
        return found
