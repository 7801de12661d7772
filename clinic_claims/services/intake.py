"""Take in a file: recognise it, check it, post it whole or not at all, never twice."""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import DataError

from ..db import db, transaction
from ..edi.envelope import recognise
from ..edi.findings import NotRecognised
from ..models import Document, ImportedRow, ImportRun
from ..models.history import hold_chain
from . import acknowledgements, documents, import_runs, posters, progress, spreadsheets
from .arrivals import KINDS, Arrival, Intake, Posting
from .deeds import Deed
from .history import record
from .posters import Faulty

LARGEST = 100 * 2**20  # bytes
WORKBOOK = b"PK\x03\x04"
MEDIA = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MOST_NOTES = 500


def run(path: Path, deed: Deed, *, dry_run: bool = False, accepted: str = "") -> Intake:
    """Take in one file in its own transaction; a dry run is rolled back."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Intake(file=str(path)).refuse(f"The file cannot be read: {error.strerror}.")
    if len(data) > LARGEST:
        return Intake(file=str(path)).refuse(f"The file is larger than {LARGEST // 2**20} MB.")
    answer = Intake(file=str(path))
    with suppress(_DryRun), transaction():
        answer = take_in(str(path), data, deed, accepted=accepted)
        if dry_run:
            raise _DryRun
    return answer


class _DryRun(Exception):
    """Undo everything: nothing was to be kept."""


def take_in(name: str, data: bytes, deed: Deed, *, accepted: str = "", **choices: Any) -> Intake:
    """Post one file inside the caller's transaction; a refused file has changed nothing but its line of history.

    `accepted` is why staff post an 835 whose sums do not add up; `choices` are those of a spreadsheet's preview.
    """
    arrival, answer = Arrival(name, data, deed, accepted.strip(), choices), Intake(file=name)
    try:
        answer.kind = kind_of(data)
    except NotRecognised as error:
        return _refused(answer.refuse(str(error)), deed)
    hold_chain(db.session())  # of two who bring the same file at once, the second finds it posted
    if before := import_runs.standing(sha256(data).hexdigest()):
        answer.status, answer.run_id = "already_posted", before.id
        return answer.refuse(f"This very file was posted on {before.taken_at:%Y-%m-%d} by {before.taken_by}.")
    check, post = READERS[answer.kind]
    read = check(arrival, answer)
    if answer.faults:
        return _refused(answer, deed)
    progress.expect(answer.claims)
    try:
        with db.session.begin_nested():
            return keep(arrival, read, answer, post)
    except (DataError, OverflowError):  # what no reader takes for wrong, yet no database holds
        answer.refuse("A number or a day in it is too large to be kept: the file is damaged, or not what it says.")
    except Faulty:
        pass
    answer.matched, answer.unmatched, answer.denials, answer.notes = 0, [], 0, []
    return _refused(answer, deed)


def kind_of(data: bytes) -> str:
    """Recognise a file by its content. Raises NotRecognised."""
    if data.startswith(WORKBOOK) and b"xl/workbook.xml" in data:
        return "xlsx"
    return recognise(data)


def keep(arrival: Arrival, read: Any, answer: Intake, post: Callable[[Posting], None]) -> Intake:
    """Let the poster do its work, store the bytes, and keep the line of what the file did."""
    deed, kind = arrival.deed, answer.kind or ""
    document = _document(arrival, kind)
    posting = Posting(arrival, read, answer, document)
    post(posting)
    documents.store().put(arrival.data)
    made = ImportRun(
        kind=kind,
        file_name=document.file_name,
        document_id=document.id,
        standing=document.sha256,
        taken_at=deed.at,
        taken_by=deed.actor,
        claims=answer.claims,
        matched=answer.matched,
        denials=answer.denials,
        charged=answer.charged,
        paid=answer.paid,
        notes=answer.notes[:MOST_NOTES],
    )
    record(made, "take_in", deed, sentence=f"{KINDS[kind]} taken in.", file=document.file_name)
    if rows := posting.tracker.of(made):
        db.session.execute(insert(ImportedRow), rows)
    answer.status, answer.run_id = "posted", made.id
    return answer


def _document(arrival: Arrival, kind: str) -> Document:
    """Keep the file under its SHA-256, whatever its encoding: it was recognised as what it is."""
    name = Path(arrival.name).name
    document = Document(
        sha256=sha256(arrival.data).hexdigest(),
        kind="remittance" if kind in ("835", "paper") else "import",
        title=f"{KINDS[kind]}: {name}",
        file_name=name or f"{kind}.txt",
        media_type=documents.media_type(arrival.data) if kind == "paper" else MEDIA.get(kind, "text/plain"),
        size=len(arrival.data),
        added_at=arrival.deed.at,
        added_by=arrival.deed.actor,
    )
    record(document, "add_document", arrival.deed, sentence=f"{document.title} added.", sha256=document.sha256)
    return document


def _refused(answer: Intake, deed: Deed) -> Intake:
    record("import", "refuse_file", deed, sentence=f"File refused: {len(answer.faults)} faults.", file=answer.file)
    return answer


Check = Callable[[Arrival, Intake], Any]
READERS: dict[str, tuple[Check, Callable[[Posting], None]]] = {
    "835": (posters.check_835, posters.post_835),
    "837P": (posters.check_837, posters.post_837),
    "837I": (posters.check_837, posters.post_837),
    "277CA": (posters.check_277, posters.post_277),
    "277": (posters.check_277, posters.post_277),
    "278": (posters.check_278, posters.post_278),
    "999": (acknowledgements.check, acknowledgements.post),
    "csv": (spreadsheets.check, spreadsheets.post),
    "xlsx": (spreadsheets.check, spreadsheets.post),
}
"""For each kind the check, which fills the faults and returns what it read, and the poster."""

__all__ = ["KINDS", "Intake", "keep", "kind_of", "run", "take_in"]
