"""Compose letters from the record, print them, keep the very bytes, and bind a signature to them."""

import json
import re
from dataclasses import asdict, replace

from sqlalchemy import func, select

from ..db import db
from ..domain.enclosing import without
from ..domain.letters import Letter as Composed
from ..models import Appeal, Authorization, Denial, Letter
from . import documents, drafts, facts, letterhead, particulars, payers, registry, signatures, wording
from .deeds import Deed, Refused
from .drafts import Subject, Typed
from .fact_letters import composed, printed
from .history import record

PREFIXES: dict[str, type[Subject]] = {"DEN": Denial, "APL": Appeal, "AUTH": Authorization}


def find(reference: str) -> Subject:
    """Look up DEN-…, APL-… or AUTH-…. Raises Refused when there is no such record."""
    prefix, _, number = reference.upper().partition("-")
    kind = PREFIXES.get(prefix)
    found = db.session.get(kind, int(number)) if kind and re.fullmatch(r"[0-9]{1,9}", number) else None
    if found is None:
        raise Refused(f"{reference}: no denial, appeal or authorization of that reference (they look like DEN-00012).")
    return found


def compose(subject: Subject, deed: Deed, *, kind: str | None = None, typed: Typed | None = None) -> Composed:
    """Compose the letter for a record, with what staff chose and typed for it, or with `typed` in its place.

    Raises Refused for a kind of letter that does not exist.
    """
    kind = kind or drafts.usual_kind(subject, deed.book)
    record = drafts.record_of(subject)
    known = facts.of_denial(record, deed) if isinstance(record, Denial) else facts.of_authorization(record, deed)
    about = record.subject if isinstance(record, Denial) else record
    known = payers.addressed(known, about.coverage.plan.payer, kind)
    known = particulars.added(known, subject, kind, deed)
    typed = typed or drafts.typed(subject, kind)
    known = without(known, typed.left_out)
    edits = {**wording.edits(known), **typed.edits}
    made = composed(known, registry.in_force(deed.book), kind, typed.chosen, edits, typed.own)
    return replace(made, logo=letterhead.logo())


def finish(appeal: Appeal, deed: Deed) -> Letter:
    """Print the letter of an appeal and keep its bytes as the next version. Raises Refused while gaps remain."""
    letter = compose(appeal, deed)
    pages = printed(letter, draft=False)
    return keep(appeal, letter, pages, deed)


def keep(subject: Subject, letter: Composed, pages: bytes, deed: Deed) -> Letter:
    """Keep printed pages as the next version of a letter."""
    what = f"{subject.name}, letter" if isinstance(subject, Appeal) else letter.kind.title
    title = f"{what} of {deed.today:%b} {deed.today.day}, {deed.today.year}"
    name = f"{subject.reference.lower()}{'' if isinstance(subject, Appeal) else f'-{letter.kind.id}'}.pdf"
    about = subject.denial if isinstance(subject, Appeal) else subject
    document = documents.add(pages, "letter", title, deed, about=about, file_name=name)
    row = Letter(
        **{subject.__tablename__: subject},
        document=document,
        kind=letter.kind.id,
        version=newest_version(subject, letter.kind.id) + 1,
        sha256=document.sha256,
        facts=json.loads(json.dumps(asdict(letter.facts), default=str)),
        rulebook=deed.book.digest,
        made_at=deed.at,
        made_by=deed.actor,
    )
    record(row, "finish_letter", deed, sentence=f"{title}, version {row.version}, printed.", sha256=row.sha256)
    return row


def newest_version(subject: Subject, kind: str) -> int:
    """Return the number of the last version printed; an appeal has one letter, other records one of each kind."""
    mine = getattr(Letter, f"{subject.__tablename__}_id") == subject.id
    query = select(func.max(Letter.version)).where(mine)
    return db.session.scalar(query if isinstance(subject, Appeal) else query.where(Letter.kind == kind)) or 0


def sign(letter: Letter, deed: Deed) -> None:
    """Bind the signer's name to the exact bytes. Raises Refused when a newer version or a signature is there."""
    if letter.version != newest_version(letter.subject, letter.kind):
        raise Refused("A newer version of this letter exists: read and sign that one.")
    if letter.signed_at is not None:
        raise Refused(f"{signatures.person(letter.signed_by or '')} has signed this letter already.")
    documents.read(letter.document)  # the bytes must still be the bytes
    letter.signed_at, letter.signed_by, letter.signed_sha256 = deed.at, deed.actor, letter.sha256
    signatures.place(letter, deed)
    record(letter, "sign_letter", deed, sentence=f"Signed: {letter.sha256[:12]}.", sha256=letter.sha256)
