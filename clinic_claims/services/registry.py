"""The registry of references: read again, retired, added by the clinic and confirmed by a second person."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from ..clock import day_of
from ..db import db
from ..domain import letters as composing
from ..domain import registry
from ..domain.citations import Citation
from ..domain.lifecycle import AppealState, AuthorizationState
from ..domain.registry import Reading
from ..models import Appeal, Authorization, CitationCheck, Denial, OwnCitation
from ..rulebook import Rulebook
from . import facts, wording
from .deeds import Deed, Refused
from .fact_letters import NECESSITY
from .history import record

OPEN = (AppealState.DRAFTING, AppealState.IN_REVIEW, AppealState.READY)
LOOKED_AT = 100  # open letters of each kind that a page looks through


def in_force(book: Rulebook) -> Rulebook:
    """Return the rulebook with the references and the standard words in force here."""
    book = replace(book, letters=wording.in_force(book.letters))
    retired = {name for name, reading in readings().items() if reading.retired}
    own = [(one, argument) for one, argument in _own() if one.id not in retired]
    return replace(book, letters=registry.in_force(book.letters, retired, own)) if retired or own else book


def _own() -> list[tuple[Citation, str]]:
    """Return the clinic's confirmed references, each with the argument that it supports."""
    return [(citation(row), row.supports) for row in mine() if row.confirmed_on]


def readings() -> dict[str, Reading]:
    """Return the last reading of each reference that somebody here has read again."""
    rows = db.session.scalars(select(CitationCheck).order_by(CitationCheck.id))
    return {
        row.citation: Reading(day_of(row.checked_at), row.checked_by, row.source, row.result == "retired")
        for row in rows
    }


def checks(key: str) -> list[CitationCheck]:
    """Return every reading of a reference here, the newest first."""
    query = select(CitationCheck).where(CitationCheck.citation == key)
    return list(db.session.scalars(query.order_by(CitationCheck.id.desc())))


def standing(one: Citation, read: Reading | None, today: date) -> str:
    """Say where a reference stands; only a verified or stale one of use is printed."""
    if read and read.retired:
        return "retired"
    if one.status != "verified":
        return "to be confirmed" if one.type == "own" else "not verified"
    return "read again" if read and read.is_stale(today) else "verified"


def mine() -> list[OwnCitation]:
    """Return the references that the clinic added, oldest first."""
    return list(db.session.scalars(select(OwnCitation).order_by(OwnCitation.id)))


def citation(row: OwnCitation) -> Citation:
    """Return an own reference as letters know it: verified once a second person has confirmed it."""
    return Citation(
        id=row.key,
        type="own",
        status="verified" if row.confirmed_on else "recalled",
        use="support",
        supports=(row.supports,),
        title=row.title,
        finding=row.finding,
        limits=row.limits,
        authors=row.authors,
        journal=row.journal,
        year=row.year,
        doi=row.doi,
        pmid=row.pmid,
        source_urls=(row.source,),
    )


def every(book: Rulebook) -> dict[str, Citation]:
    """Return every reference, shipped and own."""
    return {**book.letters.citations, **{row.key: citation(row) for row in mine()}}


def read_again(key: str, result: str, source: str, deed: Deed, note: str | None = None) -> None:
    """Note that a reference was read in its source today. Raises Refused for an unknown one, or without a source."""
    if key not in every(deed.book):
        raise Refused(f"{key} is no reference of the registry.")
    if result not in ("stands", "retired") or not source:
        raise Refused("Say where you read it, and whether it stands.")
    db.session.add(
        CitationCheck(citation=key, result=result, source=source, note=note, checked_at=deed.at, checked_by=deed.actor)
    )
    told = "stands as printed" if result == "stands" else "must no longer be cited"
    record("citation", "read_citation", deed, sentence=f"{key} {told} ({source}).", citation=key)


def add(deed: Deed, *, supports: str, source: str, **fields: Any) -> OwnCitation:
    """Add a reference; no letter prints it before a second person has confirmed it. Raises Refused."""
    if supports not in deed.book.letters.arguments:
        raise Refused("Choose the argument that it supports.")
    row = OwnCitation(key="", supports=supports, source=source, added_at=deed.at, added_by=deed.actor, **fields)
    row.key = f"own-{max((one.id for one in mine()), default=0) + 1}"
    db.session.add(row)
    db.session.flush()
    record("citation", "add_citation", deed, sentence=f"Reference added: {row.title}.", citation=row.key)
    return row


def confirm(row: OwnCitation, deed: Deed) -> None:
    """Confirm an own reference after reading its source. Raises Refused for whoever added it."""
    if row.confirmed_on:
        raise Refused(f"{row.confirmed_by} has confirmed it already.")
    if row.added_by == deed.actor:
        raise Refused("You added it: a second person must read the source and confirm it.")
    row.confirmed_on, row.confirmed_by = deed.today, deed.actor
    record("citation", "confirm_citation", deed, sentence=f"Reference confirmed: {row.title}.", citation=row.key)


def warnings(about: Denial | Authorization, kind: str, deed: Deed) -> list[str]:
    """Say what is the matter with the references of an open letter: retired ones, and ones read too long ago."""
    read = readings()
    cited = _cited(about, kind, deed)
    retired = [
        f"{one.title} was retired on {read[one.id].on:%b} {read[one.id].on.day}, {read[one.id].on.year}: "
        "what leans on it was left out."
        for one in cited
        if one.id in read and read[one.id].retired
    ]
    return [*retired, *registry.stale(cited, {k: v for k, v in read.items() if not v.retired}, deed.today)]


def _cited(about: Denial | Authorization, kind: str, deed: Deed) -> tuple[Citation, ...]:
    """Return what a letter would cite if nothing had been retired, the clinic's own references included."""
    known = facts.of_denial(about, deed) if isinstance(about, Denial) else facts.of_authorization(about, deed)
    return composing.compose(known, registry.in_force(deed.book.letters, (), _own()), kind).citations


def open_letters(key: str, deed: Deed) -> list[Appeal | Authorization]:
    """Return the appeals and requests not sent yet whose letter cites a reference, among the newest `LOOKED_AT`."""
    appeals = select(Appeal).where(Appeal.state.in_(OPEN)).order_by(Appeal.id.desc()).limit(LOOKED_AT)
    planned = Authorization.state == AuthorizationState.PLANNED
    requests = select(Authorization).where(planned).order_by(Authorization.id.desc()).limit(LOOKED_AT)
    asked = ((one, one, NECESSITY[one.case.treatment]) for one in db.session.scalars(requests))
    appealed = ((one, one.denial, "appeal") for one in db.session.scalars(appeals))
    return [one for one, about, kind in (*appealed, *asked) if key in {c.id for c in _cited(about, kind, deed)}]
