"""Batches of claims that an acknowledgement turned away whole: found in the file we sent, told of, and mended."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import ClaimState
from ..edi.envelope import SentSet, sent_sets
from ..edi.findings import NotRecognised
from ..models import Claim, Document, ImportedRow, ImportRun, RejectedBatch, User
from ..storage import Damaged
from . import documents, steps
from .arrivals import Posting
from .deeds import Deed, Refused
from .history import record

ANSWERED_WITHIN = timedelta(days=30)  # control numbers come again: an older file is not the one meant
MOST_FILES = 30
WAITING = (ClaimState.REJECTED, ClaimState.READY_TO_BILL)  # of a claim that was not sent again yet

Wanted = Callable[[SentSet], bool]


@dataclass(frozen=True)
class Told:
    """What an acknowledgement says of a batch: `name` for people, and the segments at fault, counted from its ST."""

    name: str
    segment: int
    why: Sequence[str] = ()
    positions: Sequence[int] = field(default=())


def note(told: Told, wanted: Wanted, posting: Posting) -> str:
    """Put a rejected batch on record for whoever sent it, and reject its claims with it. Returns a remark for staff."""
    deed, sent = posting.arrival.deed, _sent(wanted, posting.arrival.deed)
    posting.answer.rejected += 1
    run, sets = sent or (None, [])
    claims = list(_reject(run, sets, told, posting)) if run else []
    batch = RejectedBatch(
        document_id=posting.document.id,
        sent=run,
        name=f"{told.name} of {run.file_name}" if run else told.name,
        why=list(told.why),
        places=[sets[0].first + position - 1 for position in told.positions] if sets else [],
        claims=claims,
        owner_id=_person(run.taken_by) if run else None,
        rejected_at=deed.at,
    )
    record(batch, "reject_batch", deed, sentence=f"{batch.name} was rejected whole.", claims=len(claims))
    return f"{batch.name} has to be mended and sent again: {batch.reference} stands on Today{_counted(claims)}."


def _counted(claims: Sequence[int]) -> str:
    if not claims:
        return ""
    return f", and {len(claims)} claim{' is' if len(claims) == 1 else 's are'} rejected with it"


def _sent(wanted: Wanted, deed: Deed) -> tuple[ImportRun, list[SentSet]] | None:
    """Find the newest file we sent that holds such a set."""
    query = select(ImportRun).where(ImportRun.kind.in_(("837P", "837I")), ImportRun.standing.is_not(None))
    query = query.where(ImportRun.taken_at >= deed.at - ANSWERED_WITHIN).order_by(ImportRun.id.desc())
    for run in db.session.scalars(query.limit(MOST_FILES)):
        if found := [each for each in _sets(run) if wanted(each)]:
            return run, found
    return None


def _sets(run: ImportRun) -> list[SentSet]:
    document = db.session.get_one(Document, run.document_id)
    try:
        return sent_sets(documents.read(document))
    except (FileNotFoundError, Damaged, NotRecognised):
        return []


def _reject(run: ImportRun, sets: Sequence[SentSet], told: Told, posting: Posting) -> Iterator[int]:
    """Reject the claims of these sets that still wait for the payer; returns their keys."""
    rows = select(ImportedRow.place, Claim).join(Claim, Claim.id == ImportedRow.subject_id)
    rows = rows.where(ImportedRow.run_id == run.id, ImportedRow.subject == "claim", Claim.state == ClaimState.SUBMITTED)
    for place, claim in db.session.execute(rows.order_by(ImportedRow.place)).all():
        if any(each.first <= place <= each.last for each in sets):
            posting.tracker.changed(told.segment, claim)
            reason = f"{told.name} of {run.file_name} was rejected whole."
            steps.take(claim, "note_rejected", posting.arrival.deed, reason=reason)
            yield claim.id


def _person(actor: str) -> int | None:
    query = select(User.id).where(User.active, (User.email == actor) | (User.full_name == actor))
    return db.session.scalar(query.order_by(User.id).limit(1))


def mend(batch: RejectedBatch, how: str, deed: Deed) -> None:
    """Note that a batch was mended and sent again. Raises Refused when it was noted before."""
    if batch.mended_at is not None:
        raise Refused(f"It was noted as mended on {batch.mended_at:%Y-%m-%d} by {batch.mended_by}.")
    batch.mended_at, batch.mended_by, batch.mended_how = deed.at, deed.actor, how.strip() or None
    record(batch, "mend_batch", deed, sentence=f"Mended and sent again. {how.strip()}".strip())


def follow_sent(posting: Posting) -> None:
    """A file that sends the last claim of a rejected batch again is its mending."""
    open_still = select(RejectedBatch).where(RejectedBatch.mended_at.is_(None), RejectedBatch.sent_id.is_not(None))
    for batch in db.session.scalars(open_still.order_by(RejectedBatch.id)):
        left = select(Claim.id).where(Claim.id.in_(batch.claims), Claim.state.in_(WAITING)).limit(1)
        if batch.claims and db.session.scalar(left) is None:
            mend(batch, f"Its claims came again in {posting.document.file_name}.", posting.arrival.deed)


def of_document(document_id: int) -> list[RejectedBatch]:
    """Return what an acknowledgement rejected, in the order of the file."""
    query = select(RejectedBatch).where(RejectedBatch.document_id == document_id).order_by(RejectedBatch.id)
    return list(db.session.scalars(query))


def claims_of(batch: RejectedBatch) -> list[Claim]:
    """Return the claims that were rejected with a batch."""
    return list(db.session.scalars(select(Claim).where(Claim.id.in_(batch.claims)).order_by(Claim.number)))
