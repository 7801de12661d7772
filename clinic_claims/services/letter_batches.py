"""Print many letters in one go: ordered in one deed, printed in the background, each kept on its own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import Select, select

from ..db import db
from ..domain.letters import Letter as Composed
from ..domain.lifecycle import AppealState
from ..models import Appeal, Denial, Job, Letter
from . import appeals, correspondence, jobs, letters
from .deeds import Deed
from .jobs import Effect, anew, enqueue
from .readiness import SETTLED

KIND = "letter"
MOST = 200  # letters of one batch

Subject = Appeal | Denial


class Changed(RuntimeError):
    """The record changed while its letter was printed: the job is done again."""


@dataclass(frozen=True)
class Bulk:
    """A kind of letter that is written many times: of which records, and who is offered the choice."""

    title: str
    about: type[Subject]
    hint: str
    waiting: Callable[[], Select[Any]]


def _drafted() -> Select[Any]:
    return select(Appeal).where(Appeal.state == AppealState.DRAFTING)


def _open() -> Select[Any]:
    return select(Denial).where(Denial.state.not_in(SETTLED))


def _unanswered() -> Select[Any]:
    late = select(Appeal.denial_id).where(Appeal.state == AppealState.OVERDUE)
    return select(Denial).where(Denial.id.in_(late))


BULK = {
    "appeal": Bulk("Appeal letters", Appeal, "Appeals whose letter is being written.", _drafted),
    "patient_letter": Bulk("Letters to patients", Denial, "What was denied and what comes next.", _open),
    "file_request": Bulk("Requests for the claim file", Denial, "The file and the criteria the payer used.", _open),
    "status_request": Bulk("Requests for an overdue decision", Denial, "Appeals whose answer is late.", _unanswered),
}


def choices(kind: str, among: Collection[int] | None = None) -> list[Subject]:
    """Return the records such a letter may be written for, the newest first; of those `among` these ids where given."""
    bulk = BULK[kind]
    query = bulk.waiting().order_by(bulk.about.id.desc()).limit(MOST)
    return list(db.session.scalars(query if among is None else query.where(bulk.about.id.in_(among))))


def order(subjects: Sequence[Subject], deed: Deed, *, kind: str = "appeal", review: bool = False) -> str:
    """Ask for the next version of these letters and return the batch, whose progress `jobs.progress` tells.

    With `review` each appeal goes to the physician once its letter is printed. A letter that is ordered already keeps
    its place in the batch of before.
    """
    batch = token_hex(8)
    for subject in subjects:
        version = letters.newest_version(subject, kind) + 1
        payload = {"table": subject.__tablename__, "id": subject.id, "kind": kind, "review": review}
        key = anew(f"{KIND}:{subject.__tablename__}:{subject.id}:{kind}:{version}")
        enqueue(KIND, payload, deed, key=key, batch=batch)
    return batch


def subject_of(payload: dict[str, Any]) -> Subject:
    """Return the record that a job is about."""
    model: type[Any] = {"appeal": Appeal, "denial": Denial}[payload["table"]]
    return db.session.get_one(model, payload["id"])


def print_one(payload: dict[str, Any], deed: Deed) -> Effect:
    """Compose and print one letter; its effect keeps the bytes, unless the record changed meanwhile.

    Raises Refused with every gap that is left.
    """
    composed = _compose(payload, deed)
    pages = letters.printed(composed, draft=False)

    def keep() -> dict[str, Any]:
        if _compose(payload, deed) != composed:
            raise Changed
        subject = subject_of(payload)
        letter = letters.keep(subject, composed, pages, deed)
        if payload["review"] and isinstance(subject, Appeal):
            appeals.move(subject, "send_for_review", deed)
        return {"letter": letter.id, "sha256": letter.sha256}

    return keep


def _compose(payload: dict[str, Any], deed: Deed) -> Composed:
    subject = subject_of(payload)
    if isinstance(subject, Appeal):
        return letters.compose(subject, deed)
    return correspondence.compose(subject, payload["kind"], deed)


@dataclass(frozen=True)
class Printed:
    """One letter of a batch: its job, what it is about, and the letter once it is there."""

    job: Job
    subject: Subject
    letter: Letter | None


def contents(batch: str) -> list[Printed]:
    """Return the letters of a batch as they were asked for; nothing for an unknown one."""
    found = [job for job in jobs.of_batch(batch) if job.kind == KIND]
    made = {job.id: job.result["letter"] for job in found if job.result}
    known = {letter.id: letter for letter in db.session.scalars(select(Letter).where(Letter.id.in_(made.values())))}
    return [Printed(job, subject_of(job.payload), known.get(made.get(job.id, 0))) for job in found]
