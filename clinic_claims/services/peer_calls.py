"""Calls between our physician and the payer's: the slot, the one-page brief, and how the call ended."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ..db import db
from ..models import Authorization, Denial, Document, PeerToPeer, Provider
from . import denials, documents, letters
from .deeds import Deed, Refused
from .history import record

OUTCOMES = ("overturned", "partly", "upheld", "not_held")
STEPS = {"overturned": "note_overturned", "partly": "note_partly", "upheld": "note_upheld", "not_held": "resume"}


def arrange(
    about: Authorization | Denial,
    slot: datetime,
    provider: Provider,
    deed: Deed,
    *,
    phone: str | None = None,
    reference: str | None = None,
    payer_physician: str | None = None,
    payer_specialty: str | None = None,
) -> PeerToPeer:
    """Note the slot of a call; a denial that is open moves to peer-to-peer. Raises Refused for a slot that is past."""
    if slot <= deed.at:
        raise Refused("The slot of the call lies in the past.")
    call = PeerToPeer(
        authorization=about if isinstance(about, Authorization) else None,
        denial=about if isinstance(about, Denial) else None,
        slot=slot,
        provider=provider,
        phone=phone,
        reference=reference,
        payer_physician=payer_physician,
        payer_specialty=payer_specialty,
        arranged_by=deed.actor,
        arranged_at=deed.at,
    )
    start = slot.astimezone(ZoneInfo(deed.timezone))
    hour = f"{start:%I:%M %p}".lstrip("0")
    sentence = f"Peer-to-peer call arranged for {provider.name}, {start:%b} {start.day}, {start.year}, {hour}."
    record(call, "arrange_call", deed, sentence=sentence)
    if isinstance(about, Denial) and about.state == "open":
        denials.move(about, "ask_peer_to_peer", deed)
    return call


def brief(call: PeerToPeer, deed: Deed) -> Document:
    """Print the page the physician holds during the call, and file it. What is still missing is marked as a draft."""
    kind = "p2p_brief" if call.denial is not None else None
    about = call.denial or call.authorization
    if about is None:
        raise Refused("This call is about nothing on file.")
    letter = letters.compose(about, deed, kind=kind)
    pages = letters.printed(letter, draft=bool(letter.gaps))
    start = call.slot.astimezone(ZoneInfo(deed.timezone))  # a call in the evening is not one of the next day
    title = f"Brief for the call of {start:%b} {start.day}, {start.year}"
    document = documents.add(pages, "letter", title, deed, about=about, file_name=f"brief-{call.id}.pdf")
    call.brief = document
    db.session.flush()
    return document


def finish(call: PeerToPeer, outcome: str, words: str, deed: Deed) -> None:
    """Note how a call ended, in the payer's words; the denial moves with it. Raises Refused for an unknown outcome,
    missing words or a call that has ended already."""
    if outcome not in OUTCOMES:
        raise Refused(f"Choose how the call ended: {', '.join(OUTCOMES).replace('_', ' ')}.")
    if not words.strip():
        raise Refused("Enter what the payer's physician said, with name and reference.")
    if call.outcome is not None:
        raise Refused("The outcome of this call is on record already.")
    call.outcome, call.outcome_words, call.held_on = outcome, words.strip(), deed.today
    record(call, "finish_call", deed, sentence=f"Peer-to-peer call: {outcome.replace('_', ' ')}. {words.strip()}")
    if call.denial is not None and call.denial.state == "peer_to_peer":
        denials.move(call.denial, STEPS[outcome], deed)


def of(about: Authorization | Denial) -> list[PeerToPeer]:
    """Return the calls about a request or a denial, newest first."""
    own = PeerToPeer.denial_id if isinstance(about, Denial) else PeerToPeer.authorization_id
    return list(db.session.scalars(select(PeerToPeer).where(own == about.id).order_by(PeerToPeer.slot.desc())))
