"""What one kind of letter needs beside the chart: its address, what was filed, duties missed, money asked back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from ..db import db
from ..domain import letter_parts as parts
from ..domain.facts import LetterFacts
from ..models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    Deadline,
    Denial,
    Letter,
    LetterInput,
    Packet,
    Patient,
    Remittance,
)
from . import denial_facts, drafts
from .deeds import Deed, Refused
from .drafts import Record
from .history import record

TAKEBACK, FAX = "review_or_recoupment", "fax_cover"
DECISION = ("appeal_decision", "authorization_decision")
MOST_LINES = 6


def note(
    subject: drafts.Subject,
    kind: str,
    deed: Deed,
    *,
    recipient: list[str],
    explanation: str | None = None,
    expedited_reason: str | None = None,
) -> None:
    """Keep what only this kind of letter needs. Raises Refused for an address of too many lines."""
    if len(recipient) > MOST_LINES:
        raise Refused(f"An address has at most {MOST_LINES} lines.")
    about = drafts.record_of(subject)
    new = LetterInput(**{f"{about.__tablename__}_id": about.id}, kind=drafts.key_of(subject, kind))
    row = drafts.particulars(subject, kind) or new
    row.recipient, row.explanation, row.expedited_reason = recipient, explanation, expedited_reason
    db.session.add(row)
    told: dict[str, Any] = {
        "recipient": recipient,
        "explanation": explanation,
        "expedited_reason": expedited_reason,
    }
    record(subject, "note_particulars", deed, sentence=f"Particulars noted for a letter ({kind}).", **told)


def added(known: LetterFacts, about: drafts.Subject, kind: str, deed: Deed) -> LetterFacts:
    """Return the facts with what this kind of letter needs beside the chart."""
    form, typed, subject = deed.book.letters.kinds.get(kind), drafts.particulars(about, kind), drafts.record_of(about)
    recipient = tuple(typed.recipient) if typed else ()
    if form and form.to == "patient" and not recipient:
        recipient = _home(_about(subject).case.patient)
    if kind == drafts.DISPUTE and isinstance(subject, Denial):
        known = denial_facts.disputed(known, subject, deed.book)
    return replace(
        known,
        denial=_told(known.denial, subject, typed) if known.denial else None,
        recipient=recipient,
        filing=_filing(subject),
        missed=tuple(sorted(_missed(subject, deed.today), key=lambda duty: duty.on)),
        recoupment=_recoupment(subject) if isinstance(subject, Denial) else None,
        following=_following(subject) if kind == FAX else None,
    )


def _following(subject: Record) -> int | None:
    """Count the pages of the packet last bound about a record, which a fax cover goes before; None without one."""
    mine = [getattr(Letter, f"{subject.__tablename__}_id") == subject.id]
    if isinstance(subject, Denial):
        mine.append(Letter.appeal_id.in_([appeal.id for appeal in subject.appeals]))
    newest = select(Packet.last_page).join(Letter).where(or_(*mine)).order_by(Packet.id.desc()).limit(1)
    return db.session.scalar(newest)


def _about(subject: Record) -> Claim | Authorization:
    return subject.subject if isinstance(subject, Denial) else subject


def _home(patient: Patient) -> tuple[str, ...]:
    """Write the patient's address as on an envelope; without one there is none."""
    if not patient.address:
        return ()
    street, _, rest = patient.address.partition(",")
    return tuple(filter(None, (patient.full_name, street.strip(), rest.strip())))


def _told(denial: parts.DenialFacts, subject: Record, typed: LetterInput | None) -> parts.DenialFacts:
    request = subject.authorization if isinstance(subject, Denial) else None
    urgent = request.urgent_reason if request and request.urgent else None
    late = request.retroactive_reason if request else None
    return replace(
        denial,
        explanation=(typed and typed.explanation) or late,
        expedited_reason=(typed and typed.expedited_reason) or urgent,
    )


def _filing(subject: Record) -> parts.FilingFacts | None:
    """Return what was sent last and still waits for its answer."""
    if isinstance(subject, Authorization):
        if not subject.submitted_on or subject.decided_on:
            return None
        sent = (subject.submitted_on, subject.submitted_by, subject.proof)
        return _filed(*sent, _clock(Deadline.authorization_id == subject.id))
    appeal = next((one for one in reversed(subject.appeals) if one.filed_on), None)
    if appeal is None or appeal.decided_on or appeal.filed_on is None:
        return None
    return _filed(appeal.filed_on, appeal.filed_by, appeal.proof, _clock(Deadline.appeal_id == appeal.id))


def _filed(on: date, by: str | None, proof: str | None, clock: Deadline | None) -> parts.FilingFacts | None:
    if clock is None or clock.legal is None:
        return None
    told = proof or "proof on file with us"
    return parts.FilingFacts(filed_on=on, method=by or "mail", proof=told, due_on=clock.legal, rule=clock.citation)


def _clock(mine: object) -> Deadline | None:
    query = select(Deadline).where(mine, Deadline.clock.in_(DECISION)).order_by(Deadline.id.desc())  # pyright: ignore
    return db.session.scalar(query.limit(1))


def _missed(subject: Record, today: date) -> Iterator[parts.MissedDuty]:
    """Name each of the payer's clocks that ran out: unanswered to this day, or decided after its last lawful day."""
    appeals: list[Appeal] = subject.appeals if isinstance(subject, Denial) else []
    requests = [subject.authorization] if isinstance(subject, Denial) else [subject]
    decided: dict[tuple[str, int | None], date | None] = {("appeal_id", one.id): one.decided_on for one in appeals}
    decided |= {("authorization_id", one.id): one.decided_on for one in requests if one}
    wanted = [getattr(Deadline, column) == key for column, key in decided]
    if isinstance(subject, Denial):
        wanted.append(Deadline.denial_id == subject.id)
    query = select(Deadline).where(or_(*wanted), Deadline.who == "payer", Deadline.legal < today)
    for clock in db.session.scalars(query.order_by(Deadline.legal, Deadline.id)):
        key = ("appeal_id", clock.appeal_id) if clock.appeal_id else ("authorization_id", clock.authorization_id)
        answered = decided.get(key)
        late = answered > clock.legal if answered and clock.legal else clock.stopped_at is None
        if late and clock.legal:
            yield parts.MissedDuty(on=clock.legal, what=clock.label, rule=clock.citation)


def _recoupment(denial: Denial) -> parts.RecoupmentFacts | None:
    """Return what was paid and is asked back; the demand is the denial itself."""
    if denial.category != TAKEBACK or denial.claim_id is None or not denial.amount:
        return None
    query = select(Remittance.paid_on).join(ClaimPayment).where(ClaimPayment.claim_id == denial.claim_id)
    paid = db.session.scalar(query.where(ClaimPayment.paid > 0).order_by(Remittance.paid_on).limit(1))
    if paid is None:
        return None
    demanded = denial.notice_dated_on or denial.denied_on
    return parts.RecoupmentFacts(paid_on=paid, demanded_on=demanded, amount=denial.amount)
