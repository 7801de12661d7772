"""Take in a payer's file at once, or let a large one be posted in the background: whole or not at all, either way.

The bytes are kept when the file arrives, so that nothing is lost however long it waits.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ..db import db, transaction
from ..models import Event, Job
from . import documents, intake, progress
from .arrivals import Intake
from .deeds import Deed
from .history import anchor, record
from .jobs import Effect, anew, enqueue

KIND = "import"
NOTED = "import_file"  # the line of history that a result page is made from
LATELY = timedelta(days=7)
AT_ONCE = 256 * 2**10  # bytes: a larger file takes more than a second or two, and is posted in the background


def is_large(data: bytes) -> bool:
    """Whether somebody should not have to wait for this file."""
    return len(data) > AT_ONCE


def post_now(name: str, data: bytes, deed: Deed, *, accepted: str = "", **choices: Any) -> int:
    """Post a file and return the number of the line of history that says what became of it. Raises Refused."""
    return note(intake.take_in(name, data, deed, accepted=accepted, **choices), deed)


def note(answer: Intake, deed: Deed) -> int:
    """Write down what became of a file, as its result page shows it."""
    record("import", NOTED, deed, sentence=f"File {answer.status}.", **answer.to_history())
    db.session.flush()
    return anchor()[0]


def note_all(answers: Iterable[Intake], deed: Deed) -> None:
    """Write down what became of files that nobody watches come in, in a transaction of its own."""
    with transaction():
        for answer in answers:
            note(answer, deed)


def refused_lately(deed: Deed) -> list[Event]:
    """Return the lines of history of files that were refused within a week and not posted since, newest first.

    A file of no kind we know is left out for the person who brought it and was told so at once.
    """
    mine = Event.subject == "import", Event.action == NOTED, Event.at >= deed.at - LATELY
    last: dict[str, Event] = {}
    for event in db.session.scalars(select(Event).where(*mine).order_by(Event.id)):
        last[Path(event.data["file"]).name] = event
    found = [each for each in last.values() if each.data["status"] == "refused"]
    told = (each for each in found if each.data["kind"] or each.actor != deed.actor)
    return sorted(told, key=lambda event: -event.id)


def refused(name: str, reasons: Sequence[str]) -> Intake:
    """Answer for a file that could not be posted as a whole."""
    answer = Intake(file=name)
    for reason in reasons:
        answer.refuse(reason)
    return answer


def order(name: str, data: bytes, deed: Deed, *, accepted: str = "", **choices: Any) -> Job:
    """Ask for a file to be posted; the same bytes again, while they wait, are the same job."""
    digest = documents.store().put(data)
    key = anew(f"{KIND}:{digest}")
    asked = {"name": name, "sha256": digest, "size": len(data), "accepted": accepted, "choices": choices}
    return enqueue(KIND, asked, deed, key=key, batch=key)


def post(payload: dict[str, Any], deed: Deed) -> Effect:
    """Read the file back; its effect posts it and answers as a file that was posted at once."""
    data = documents.store().get(payload["sha256"])

    def effect() -> dict[str, Any]:
        progress.expect(0)  # from here on nobody else writes
        accepted, choices = payload.get("accepted", ""), payload.get("choices", {})
        answer = intake.take_in(payload["name"], data, deed, accepted=accepted, **choices)
        return {**answer.to_json(), "event": note(answer, deed)}

    return effect
