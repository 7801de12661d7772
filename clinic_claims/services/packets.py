"""Bind the signed letter of an appeal with its exhibits, and keep the very bytes that go out."""

from collections.abc import Iterator, Sequence
from functools import partial
from types import SimpleNamespace

from sqlalchemy import func, select

from .. import packet, pdf
from ..clock import day_of
from ..db import db
from ..domain.exhibits import Exhibit, lettered
from ..domain.facts import LetterFacts
from ..domain.letters import reference_of
from ..domain.words import day
from ..models import Denial, Document, Letter, Packet, Payer
from ..packet import Bound, Entry, Limits
from ..reading import from_json
from . import documents, letterhead, page_choices, payers
from .deeds import Deed, Refused
from .history import record


def facts_of(letter: Letter) -> LetterFacts:
    """Return the facts that a letter was printed from."""
    return from_json(letter.facts, LetterFacts)


def exhibits(letter: Letter) -> list[tuple[Exhibit, Document]]:
    """Return the enclosures that the letter names, each with its file."""
    named = lettered(facts_of(letter).documents)
    found = [(one, db.session.get(Document, int(one.document.id.removeprefix("doc")))) for one in named]
    return [(one, document) for one, document in found if document is not None]


def build(letter: Letter, deed: Deed) -> list[Packet]:
    """Bind the packet of a letter and keep it. Raises Refused while the letter is not signed."""
    if letter.signed_at is None:
        raise Refused("The letter is not signed yet: the packet is bound around the signed one.")
    bound = bind(letter)
    newest = db.session.scalar(select(func.max(Packet.build)).where(Packet.letter_id == letter.id)) or 0
    rows = [_keep(letter, bound, number, newest + 1, deed) for number in range(1, len(bound.parts) + 1)]
    pages, files = bound.parts[-1].last, len(rows)
    told = f"Packet bound: {pages} pages in {files} file{'s' if files > 1 else ''}."
    record(letter, "bind_packet", deed, sentence=told, troubles=bound.troubles, files=[r.document.sha256 for r in rows])
    return rows


def _keep(letter: Letter, bound: Bound, number: int, build: int, deed: Deed) -> Packet:
    part, parts = bound.parts[number - 1], len(bound.parts)
    which = f", part {number} of {parts}" if parts > 1 else ""
    name = f"packet-{letter.reference.lower()}{f'-part-{number}-of-{parts}' if parts > 1 else ''}.pdf"
    document = documents.add(
        part.data, "packet", f"Packet{which}: {letter.document.title}", deed, about=letter.about, file_name=name
    )
    row = Packet(
        letter=letter,
        document=document,
        build=build,
        part=number,
        parts=parts,
        first_page=part.first,
        last_page=part.last,
        troubles=list(bound.troubles),
        made_at=deed.at,
        made_by=deed.actor,
    )
    db.session.add(row)
    return row


def clinic_copy(letter: Letter) -> bytes:
    """Return the letter's pages with its facts attached, for the clinic's own file and nobody else."""
    return packet.with_facts(documents.read(letter.outgoing), letter.facts, letter.sha256)


def newest(letter: Letter) -> list[Packet]:
    """Return the files of the packet last bound, in order."""
    last = select(func.max(Packet.build)).where(Packet.letter_id == letter.id).scalar_subquery()
    query = select(Packet).where(Packet.letter_id == letter.id, Packet.build == last).order_by(Packet.part)
    return list(db.session.scalars(query))


def bind(letter: Letter) -> Bound:
    """Bind the packet of a letter without keeping it."""
    known, chosen = facts_of(letter), page_choices.choices(letter)
    enclosed = [
        packet.Exhibit(
            letter=one.letter,
            title=one.document.title,
            data=documents.read(document),
            media_type=document.media_type,
            chosen=chosen.get(document.id, ()),
        )
        for one, document in exhibits(letter)
    ]
    payer = payer_of(letter)
    limits = Limits(payer.upload_megabytes, payer.upload_pages)
    title = f"Packet: {letter.document.title}"
    front = partial(_front, letter, known, title)
    bound = packet.bind(title, front, documents.read(letter.outgoing), enclosed, limits)
    return Bound(bound.parts, bound.entries, (*bound.troubles, *_astray(known, bound.entries)))


def as_pages(document: Document) -> bytes:
    """Return a document as a PDF, whatever it is. Raises Unreadable for what cannot be shown as pages."""
    data = documents.read(document)
    return data if document.media_type == "application/pdf" else packet.as_pdf(data, document.media_type)


def ways(letter: Letter) -> list[str]:
    """Say where a letter of this kind may go, the usual way first: fax, address, portal."""
    known, payer = facts_of(letter), payer_of(letter)
    address = ", ".join(known.recipient or known.coverage.appeals_address)
    if known.recipient:
        return [address]
    desk = payers.desk_of(payer, letter.kind)
    number, portal = known.coverage.appeals_fax, desk.get("portal")
    fax = f"{payer.name}, fax {number}" if number else ""
    return [way for way in (fax, address, f"{payer.name}, portal {portal}" if portal else "") if way]


def payer_of(letter: Letter) -> Payer:
    """Return the payer that the letter is about."""
    about = letter.about.subject if isinstance(letter.about, Denial) else letter.about
    return about.coverage.plan.payer


def _front(letter: Letter, known: LetterFacts, title: str, entries: Sequence[Entry], total: int) -> bytes:
    by_document = _by_document(known, entries)
    criteria = [
        (row, entry := by_document.get(row.document or ""), entry.at(row.page) if entry and row.page else None)
        for row in (known.policy.criteria if known.policy else ())
        if row.met
    ]
    return pdf.front(
        title="Appeal packet" if letter.appeal else "Packet",
        letter=SimpleNamespace(
            kind=SimpleNamespace(to="payer", identified=True),
            address=known.recipient or known.coverage.appeals_address,
            logo=letterhead.logo(),
        ),
        letter_title=letter.document.title,
        reference=reference_of(known),
        facts=known,
        entries=entries,
        total=total,
        criteria=criteria,
        signed=_signed(letter),
        shortened=any(entry.pages < entry.whole for entry in entries),
        link=packet.LINK,
        runs=page_choices.runs,
    )


def _signed(letter: Letter) -> str:
    if letter.signed_at is None:
        return "The letter is signed by hand."
    return f"The letter was signed electronically on {day(day_of(letter.signed_at))} (SHA-256 {letter.sha256[:16]}…)."


def _by_document(known: LetterFacts, entries: Sequence[Entry]) -> dict[str, Entry]:
    by_label = {entry.label: entry for entry in entries}
    named = ((one.document.id, by_label.get(f"Exhibit {one.letter}")) for one in lettered(known.documents))
    return {document: entry for document, entry in named if entry}


def _astray(known: LetterFacts, entries: Sequence[Entry]) -> Iterator[str]:
    """Name each page that the letter points at and the packet does not hold."""
    by_document = _by_document(known, entries)
    for document, page in page_choices.pointing(known):
        entry = by_document.get(document)
        if entry and entry.at(page) is None:
            yield f"The letter points at page {page} of {entry.label}, which is not in the packet."
