"""The clinic's letterhead: what it says and its logo, seen on a made-up letter before it is saved, in versions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from .. import packet
from ..db import db
from ..domain import letters as composing
from ..domain.facts import LetterFacts
from ..domain.letters import Letter
from ..examples import facts_example
from ..models import Clinic, Document, LetterheadVersion
from ..packet import pictures
from ..reading import from_json
from . import documents
from .deeds import Deed, Refused
from .history import record

FIELDS = ("name", "street", "city", "state", "zip", "phone", "fax", "email")
EXAMPLE = "appeal_toxin_approved"


def clinic() -> Clinic:
    """Return the clinic. Raises Refused when none is on file."""
    found = db.session.scalar(select(Clinic).limit(1))
    if found is None:
        raise Refused("No clinic is on file yet.")
    return found


def versions() -> list[LetterheadVersion]:
    """Return every letterhead, the newest first."""
    return list(db.session.scalars(select(LetterheadVersion).order_by(LetterheadVersion.version.desc())))


def logo() -> str:
    """Return the logo in force as letters carry it; empty without one."""
    found = db.session.scalar(select(Document).join(Clinic, Clinic.logo_id == Document.id).limit(1))
    return pictures.carried(documents.read(found)) if found else ""


def taken_in(picture: bytes) -> bytes:
    """Return the dots of a logo and nothing else of the file. Raises Refused with what to do."""
    try:
        return pictures.logo(picture)
    except packet.Unreadable as error:
        raise Refused(str(error)) from None


def save(deed: Deed, told: Mapping[str, Any], picture: bytes | None) -> None:
    """Put a letterhead in force as the next version; letters already printed keep theirs. `picture` is the logo.

    Raises Refused for a logo that is no picture.
    """
    document = None
    if picture is not None:
        png = taken_in(picture)
        document = _on_file(png) or documents.add(png, "logo", "Logo of the letterhead", deed, file_name="logo.png")
        db.session.flush()
    _put(deed, told, document.id if document else None)


def restore(version: int, deed: Deed) -> None:
    """Put an earlier letterhead in force again, as a new version. Raises Refused when there is no such version."""
    row = next((row for row in versions() if row.version == version), None)
    if row is None:
        raise Refused(f"There is no version {version}.")
    _put(deed, row.told, row.logo_id)


def note(ours: Clinic, deed: Deed) -> None:
    """Keep what the letterhead says now as a version, unless the newest says the same."""
    told = {name: getattr(ours, name) for name in FIELDS}
    newest = next(iter(versions()), None)
    if newest and (newest.told, newest.logo_id) == (told, ours.logo_id):
        return
    last = db.session.scalar(select(func.max(LetterheadVersion.version))) or 0
    row = LetterheadVersion(version=last + 1, told=told, logo_id=ours.logo_id, made_at=deed.at, made_by=deed.actor)
    db.session.add(row)


def _on_file(png: bytes) -> Document | None:
    """Find the logo in force when it is this very picture."""
    ours = clinic()
    return ours.logo if ours.logo and documents.read(ours.logo) == png else None


def _put(deed: Deed, told: Mapping[str, Any], logo_id: int | None) -> None:
    ours = clinic()
    if not versions():
        note(ours, deed)  # what was there before the first change can be put back too
        db.session.flush()
    wanted = {name: told[name] for name in FIELDS} | {"logo_id": logo_id}
    changed: dict[str, Any] = {name: value for name, value in wanted.items() if getattr(ours, name) != value}
    for name, value in changed.items():
        setattr(ours, name, value)
    if not changed:
        return
    note(ours, deed)
    names = ", ".join("logo" if name == "logo_id" else name.replace("_", " ") for name in changed)
    record(ours, "change_letterhead", deed, sentence=f"Letterhead changed: {names}.", **changed)


def preview(deed: Deed, told: Mapping[str, Any], picture: bytes | None) -> Letter:
    """Compose a made-up case under a letterhead that is not saved."""
    facts = from_json(facts_example(EXAMPLE), LetterFacts)
    address = (told["street"] or "", f"{told['city'] or ''}, {told['state'] or ''} {told['zip'] or ''}")
    shown = {name: told[name] or "" for name in ("name", "phone", "fax", "email")}
    ours = clinic()
    head = replace(facts.clinic, **shown, address=address, npi=ours.npi, tin=ours.tin, taxonomy=ours.taxonomy)
    letter = composing.compose(replace(facts, clinic=head), deed.book.letters, "appeal")
    return replace(letter, logo=pictures.carried(picture) if picture else "")
