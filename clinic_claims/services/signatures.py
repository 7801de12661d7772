"""Physicians' signatures as pictures, in versions, and the signed pages of a letter."""

from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from .. import packet
from ..db import db
from ..domain.words import day
from ..models import Denial, Letter, Provider, SignatureImage, User
from ..packet import pictures
from . import documents
from .deeds import Deed, Refused
from .history import record


def versions(provider: Provider) -> list[SignatureImage]:
    """Return every picture of a physician's signature, the newest first."""
    query = select(SignatureImage).where(SignatureImage.provider_id == provider.id)
    return list(db.session.scalars(query.order_by(SignatureImage.version.desc())))


def current(provider: Provider) -> bytes | None:
    """Return the picture in force; None without one."""
    newest = next(iter(versions(provider)), None)
    return documents.read(newest.document) if newest and newest.document else None


def save(provider: Provider, picture: bytes, deed: Deed) -> SignatureImage:
    """Put a picture in force; of the file nothing but its dots is kept. Raises Refused for what is no picture."""
    try:
        png = pictures.signature(picture)
    except packet.Unreadable as error:
        raise Refused(str(error)) from None
    document = documents.add(png, "signature", f"Signature of {provider.name}", deed, file_name="signature.png")
    db.session.flush()
    return _next(provider, document.id, deed, "Signature put on file")


def restore(provider: Provider, version: int, deed: Deed) -> SignatureImage:
    """Put an earlier picture in force again; version 0 is none. Raises Refused when there is no such version."""
    kept = {row.version: row.document_id for row in versions(provider)} | {0: None}
    if version not in kept:
        raise Refused(f"There is no version {version}.")
    return _next(provider, kept[version], deed, f"Signature version {version} put back" if version else "Signature off")


def _next(provider: Provider, document_id: int | None, deed: Deed, told: str) -> SignatureImage:
    last = db.session.scalar(select(func.max(SignatureImage.version)).where(SignatureImage.provider_id == provider.id))
    row = SignatureImage(
        provider_id=provider.id,
        version=(last or 0) + 1,
        document_id=document_id,
        made_at=deed.at,
        made_by=deed.actor,
    )
    db.session.add(row)
    record(provider, "set_signature", deed, sentence=f"{told}: {provider.name}.", version=row.version)
    return row


def place(letter: Letter, deed: Deed) -> None:
    """Keep the pages of a letter just signed with the signature in the space left for it: these go out.

    The picture is the physician's own and stands only where the physician's own account signed.
    """
    subject = letter.about.subject if isinstance(letter.about, Denial) else letter.about
    provider = subject.case.provider
    who = _name(provider, deed)
    picture = current(provider) if who == provider.name else None
    at = deed.at.astimezone(ZoneInfo(deed.timezone))
    told = (f"Electronically signed by {who}", f"on {day(at.date())} at {at:%-I:%M %p %Z}")
    pages = packet.place_signature(documents.read(letter.document), who, told, picture)
    letter.signed_document = documents.add(
        pages,
        "letter",
        f"{letter.document.title}, signed",
        deed,
        about=letter.about,
        file_name=letter.document.file_name,
    )


def _name(provider: Provider, deed: Deed) -> str:
    """Say who signs: the physician, where the account is linked to one; else the account's own name."""
    if deed.user_id is not None and provider.user_id == deed.user_id:
        return provider.name
    return person(deed.actor)


def person(actor: str) -> str:
    """Return the name of whoever an e-mail address belongs to; any other actor stays as it is."""
    return db.session.scalar(select(User.full_name).where(User.email == actor)) or actor
