"""Note that a letter was sent, with its proof; the first delivery of a signed appeal files it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import AppealState
from ..models import Delivery, Document, Letter
from . import appeals, departures, documents, packets
from .deeds import Deed, Refused
from .history import record

HOW = ("fax", "certified mail", "portal", "in person", "e-mail")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How a letter was sent: `to` names whom and the number or address; `file` is the proof, with its name.

    `despite` says why the letter of an appeal left although something was still to do.
    """

    how: str
    to: str
    on: date
    time: str | None = None
    confirmation: str | None = None
    no_proof_reason: str | None = None
    despite: str | None = None
    file: tuple[bytes, str] | None = None


def deliver(letter: Letter, sent: Sent, deed: Deed) -> Delivery:
    """Note a delivery. The first of an appeal files it, which starts the payer's clock; a later one is a resend.

    Raises Refused without proof or reason, for a day ahead, while the letter is not signed, or while something is
    still to do and nobody says why it leaves all the same.
    """
    _check(letter, sent, deed)
    despite = departures.despite(letter, sent.on, sent.despite, deed)
    proof = _proof(letter, sent, deed)
    bound = packets.newest(letter)
    row = Delivery(
        letter=letter,
        build=bound[0].build if bound else None,
        how=sent.how,
        sent_to=sent.to,
        sent_on=sent.on,
        sent_time=sent.time,
        confirmation=sent.confirmation,
        no_proof_reason=sent.no_proof_reason,
        despite=despite,
        document=proof,
        entered_at=deed.at,
        entered_by=deed.actor,
    )
    db.session.add(row)
    told = sent.confirmation or (proof.title if proof else f"no proof: {sent.no_proof_reason}")
    said = f" It left although something was still to do: {despite}" if despite else ""
    record(letter, "deliver", deed, sentence=f"Sent by {sent.how} to {sent.to} ({told}).{said}", sent_on=sent.on)
    _file(letter, sent, proof, deed)
    return row


def _check(letter: Letter, sent: Sent, deed: Deed) -> None:
    if letter.appeal is not None and letter.signed_at is None:
        raise Refused("The letter is not signed yet: an appeal leaves with the signed one.")
    if sent.how not in HOW:
        raise Refused(f"Choose how it was sent: {', '.join(HOW)}.")
    if sent.on > deed.today:
        raise Refused("“Sent on” lies in the future.")
    if not (sent.confirmation or sent.file or sent.no_proof_reason):
        raise Refused("Enter the confirmation number, attach the proof, or say why there is none.")


def _proof(letter: Letter, sent: Sent, deed: Deed) -> Document | None:
    if sent.file is None:
        return None
    data, name = sent.file
    title = f"Proof of delivery by {sent.how}, {sent.on:%B} {sent.on.day}, {sent.on.year}"
    return documents.add(data, "delivery_proof", title, deed, about=letter.about, file_name=name, dated_on=sent.on)


def _file(letter: Letter, sent: Sent, proof: Document | None, deed: Deed) -> None:
    appeal = letter.appeal
    if appeal is None or appeal.state != AppealState.READY:
        return
    told = sent.confirmation or (proof.title if proof else None)
    reason = None if told else sent.no_proof_reason
    appeals.move(appeal, "file", deed, filed_on=sent.on, filed_by=sent.how, proof=told, no_proof_reason=reason)


def of(letter: Letter) -> list[Delivery]:
    """Return every delivery of a letter, the newest first."""
    query = select(Delivery).where(Delivery.letter_id == letter.id)
    return list(db.session.scalars(query.order_by(Delivery.id.desc())))
