"""Files on record, kept by their SHA-256."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..db import Model
from .columns import Key, link


class Document(Model):
    """A file: an approval letter, a note, a report, a remittance as received, a letter as sent.

    `kind` is an id of the enclosure list (denial_notice, approval_letter, clinic_note …); the bytes lie in
    the document store under `sha256`.
    """

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]  # bytes
    pages: Mapped[int | None]
    dated_on: Mapped[date | None]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    patient_id: Mapped[int | None] = link("patient.id")
    case_id: Mapped[int | None] = link("treatment_case.id")
    claim_id: Mapped[int | None] = link("claim.id")
    authorization_id: Mapped[int | None] = link("authorization.id")
