"""Put files on record and read them back."""

import logging
from collections.abc import Collection
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import or_, select

from .. import storage
from ..db import db, once_committed
from ..domain.exhibits import DOCUMENT_KINDS
from ..models import Authorization, Claim, Denial, Document, Patient, TreatmentCase
from .deeds import Deed, Refused
from .history import record

logger = logging.getLogger(__name__)

# What a file may be, told by its first bytes and never by its name.
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)

# What letters enclose, and what only the record keeps.
KINDS = {kind: words[:1].upper() + words[1:] for kind, words in DOCUMENT_KINDS.items()} | {
    "remittance": "Remittance as received",
    "import": "File as imported",
    "letter": "Letter",
    "packet": "Packet",
    "delivery_proof": "Proof of delivery",
    "logo": "Logo of the letterhead",
    "signature": "Signature as a picture",
    "agreement": "Patient's agreement",
    "estimate": "Estimate for the patient",
}


MADE_HERE = ("remittance", "import", "letter", "packet", "logo", "signature")  # come by a way of their own


def store() -> storage.Store:
    """Return the document store of this installation: what is set, else a folder beside the database."""
    return storage.at(current_app.config["DOCUMENTS"] or str(Path(current_app.config["INSTANCE"]) / "documents"))


def media_type(data: bytes) -> str:
    """Recognise a file by its content. Raises Refused for what the clinic's record does not take."""
    for start, kind in SIGNATURES:
        if data.startswith(start):
            return kind
    try:
        data[:4096].decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("This file is no PDF, PNG, JPEG, TIFF or text. Save it as PDF and try again.") from None
    if b"\0" in data[:4096] or not data.strip():
        raise Refused("This file is empty or holds no readable text.")
    return "text/plain"


def add(
    data: bytes,
    kind: str,
    title: str,
    deed: Deed,
    *,
    about: Patient | TreatmentCase | Claim | Authorization | Denial | None = None,
    file_name: str = "",
    pages: int | None = None,
    dated_on: date | None = None,
) -> Document:
    """Store a file and its row. Raises Refused for an unknown kind or content."""
    if kind not in KINDS:
        raise Refused(f"“{kind}” is no kind of document. Choose one of: {', '.join(KINDS)}.")
    content = media_type(data)
    pages = pages or _pages(data, content, kind)
    document = Document(
        sha256=store().put(data),
        kind=kind,
        title=title,
        file_name=Path(file_name).name or f"{kind}.bin",
        media_type=content,
        size=len(data),
        pages=pages,
        dated_on=dated_on,
        added_at=deed.at,
        added_by=deed.actor,
        **_links(about),
    )
    db.session.add(document)
    record(document, "add_document", deed, sentence=f"{KINDS[kind]} added: {title}.", sha256=document.sha256)
    return document


def _pages(data: bytes, content: str, kind: str) -> int | None:
    """Count the pages; a text is set in pages, which takes a moment, only where it may be enclosed with a letter.

    Raises Refused for a file that would unpack to more than it should.
    """
    if content == "text/plain" and kind not in DOCUMENT_KINDS:
        return None
    from ..packet import Unreadable, count_pages, refuse_bombs  # loads slowly, and few commands add documents

    try:
        refuse_bombs(data, content)
        return count_pages(data, content)
    except Unreadable as error:
        raise Refused(f"This file {error}") from None


def _links(about: Any) -> dict[str, int]:
    """Tie a document to the record it is about and to everything above that record."""
    match about:
        case Patient():
            return {"patient_id": about.id}
        case TreatmentCase():
            return {"case_id": about.id, "patient_id": about.patient_id}
        case Claim():
            return {"claim_id": about.id, **_links(about.case)}
        case Authorization():
            return {"authorization_id": about.id, **_links(about.case)}
        case Denial():
            return _links(about.subject)
        case _:
            return {}


def is_there(data: bytes, title: str, about: Any) -> bool:
    """Say whether this very file is on the record under this title already."""
    same = [getattr(Document, name) == value for name, value in _links(about).items()]
    query = select(Document.id).where(Document.sha256 == sha256(data).hexdigest(), Document.title == title, *same)
    return db.session.scalar(query.limit(1)) is not None


def read(document: Document) -> bytes:
    """Return the bytes as stored."""
    return store().get(document.sha256)


def drop_unnamed(digests: Collection[str]) -> None:
    """Once the transaction at hand is committed, remove those of these files that no document names any more."""
    once_committed(partial(_drop_unnamed, frozenset(digests)))


def _drop_unnamed(digests: frozenset[str]) -> None:
    named = set(db.session.scalars(select(Document.sha256)))
    for digest in digests - named:
        try:
            store().remove(digest)
        except OSError as error:  # it lies there to no purpose, and does no harm
            logger.warning("a file that no document names could not be removed: %s", error.strerror)


def of_case(case: TreatmentCase) -> list[Document]:
    """Return what is on file for a case and for its patient at large, oldest first."""
    query = select(Document).where(
        or_(Document.case_id == case.id, (Document.patient_id == case.patient_id) & Document.case_id.is_(None))
    )
    return list(db.session.scalars(query.order_by(Document.id)))
