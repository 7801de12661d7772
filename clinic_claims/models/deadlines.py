"""Clocks that run, or ran, on a record."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .appeals import Appeal
from .authorizations import Authorization
from .claims import Claim
from .columns import Key, Words, exactly_one, implies, link
from .denials import Denial

SUBJECTS = ("claim_id", "authorization_id", "denial_id", "appeal_id")


class Deadline(Model):
    """One clock with its reason. `legal` is the last lawful day, `act_by` the business day staff work to.

    Both are empty when the date is not known; `because` then says why.
    """

    __table_args__ = (
        exactly_one("one_subject", *SUBJECTS),
        implies("act_by_in_time", "who = 'clinic' AND legal IS NOT NULL AND act_by IS NOT NULL", "act_by <= legal"),
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
    clock: Mapped[str]
    label: Mapped[str]
    who: Mapped[str] = mapped_column(default="clinic")  # who must act in time: clinic or payer
    rule: Mapped[str]
    legal: Mapped[date | None]
    act_by: Mapped[date | None]
    because: Mapped[Words]
    citation: Mapped[str | None]
    confidence: Mapped[str]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None] = mapped_column()
    claim: Mapped[Claim | None] = relationship()
    authorization: Mapped[Authorization | None] = relationship()
    denial: Mapped[Denial | None] = relationship()
    appeal: Mapped[Appeal | None] = relationship()
