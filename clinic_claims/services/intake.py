"""Take in a payer's file: recognise it, check it, post it whole or not at all."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ..db import db, transaction
from ..edi import era835
from ..edi.envelope import recognise
from ..edi.findings import Fault, NotRecognised
from ..models import Document
from ..models.history import hold_chain
from . import documents, remittances
from .deeds import Deed
from .history import record

KINDS = {
    "835": "Remittance (835)",
    "837P": "Professional claims (837P)",
    "837I": "Institutional claims (837I)",
    "277CA": "Claim acknowledgement (277CA)",
    "277": "Claim status (277)",
    "278": "Authorization response (278)",
    "999": "File acknowledgement (999)",
    "csv": "Table (CSV)",
}


@dataclass
class Intake:
    """The answer to one file, in the shape that the `import` command promises."""

    file: str
    kind: str | None = None
    status: str = "refused"
    claims: int = 0
    matched: int = 0
    unmatched: list[str] = field(default_factory=list)
    charged: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    denials: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, message: str, segment: int | None = None, tag: str = "") -> "Intake":
        """Add a fault with its place."""
        self.faults.append({"segment": segment, "tag": tag, "message": message})
        return self

    def in_words(self) -> str:
        """Say in a line or more what became of the file."""
        if self.status != "posted":
            return "\n".join(
                [f"{self.file}: {self.status.replace('_', ' ')}", *(f"  {f['message']}" for f in self.faults)]
            )
        found = f"{self.matched} of {self.claims} claims matched, ${self.paid:,.2f} paid, {self.denials} denials"
        lost = [f"  no claim of ours: {number}" for number in self.unmatched]
        return "\n".join([f"{self.file}: {KINDS[self.kind or 'csv']} posted; {found}", *lost])

    def to_json(self) -> dict[str, Any]:
        """Give the promised keys; money is a string with two decimals."""
        shown = asdict(self)
        return shown | {"charged": f"{self.charged:.2f}", "paid": f"{self.paid:.2f}"}


def run(path: Path, deed: Deed, *, dry_run: bool = False) -> Intake:
    """Take in one file in its own transaction; a dry run is rolled back."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Intake(file=str(path)).refuse(f"The file cannot be read: {error.strerror}.")
    if len(data) > LARGEST:
        return Intake(file=str(path)).refuse(f"The file is larger than {LARGEST // 2**20} MB.")
    answer = Intake(file=str(path))
    with suppress(_DryRun), transaction():
        answer = take_in(str(path), data, deed)
        if dry_run:
            raise _DryRun
    return answer


class _DryRun(Exception):  # noqa: N818 (a signal, not an error)
    """Undo everything: nothing was to be kept."""


LARGEST = 100 * 2**20  # bytes


def take_in(name: str, data: bytes, deed: Deed) -> Intake:
    """Post one file inside the caller's transaction; a refused file has changed nothing but its line of history."""
    answer = Intake(file=name)
    try:
        answer.kind = recognise(data)
    except NotRecognised as error:
        return _refused(answer.refuse(str(error)), deed)
    hold_chain(db.session())  # of two who bring the same file at once, the second finds it posted
    if before := _taken_before(data):
        answer.status = "already_posted"
        return answer.refuse(f"This very file was posted on {before.added_at:%Y-%m-%d} by {before.added_by}.")
    post = POSTERS.get(answer.kind)
    if post is None:
        kind = KINDS[answer.kind]
        return _refused(answer.refuse(f"{kind}: recognised, but only remittances (835) are posted so far."), deed)
    return post(answer, data, deed)


def _refused(answer: Intake, deed: Deed) -> Intake:
    record("import", "refuse_file", deed, sentence=f"File refused: {len(answer.faults)} faults.", file=answer.file)
    return answer


def _taken_before(data: bytes) -> Document | None:
    digest = sha256(data).hexdigest()
    return db.session.scalar(select(Document).where(Document.sha256 == digest, Document.kind == "remittance"))


def _post_835(answer: Intake, data: bytes, deed: Deed) -> Intake:
    era = era835.read(data)
    answer.faults = [_fault(fault) for fault in era.faults]
    _refuse_known_traces(answer, era)
    _count(answer, era)
    if answer.faults:
        return _refused(answer, deed)
    document = documents.add(
        data, "remittance", f"Remittance file {Path(answer.file).name}", deed, file_name=answer.file
    )
    for remittance in era.remittances:
        done = remittances.post(remittance, document, deed)
        answer.matched += done.matched
        answer.unmatched += done.unmatched
        answer.denials += done.denials
    answer.status = "posted"
    return answer


def _refuse_known_traces(answer: Intake, era: era835.EraFile) -> None:
    """A payer's trace number is posted once: refuse one that is on record or stands twice in the file."""
    seen: set[tuple[str, str]] = set()
    for remittance in era.remittances:
        trace = f"Trace number {remittance.trace} of {remittance.payer_name}"
        if before := remittances.posted_before(remittance):
            answer.refuse(f"{trace} was posted on {before.posted_at:%Y-%m-%d}.", remittance.segment, "TRN")
        elif (remittance.payer_name, remittance.trace) in seen:
            answer.refuse(f"{trace} stands twice in this file.", remittance.segment, "TRN")
        seen.add((remittance.payer_name, remittance.trace))


def _count(answer: Intake, era: era835.EraFile) -> None:
    payments = [payment for remittance in era.remittances for payment in remittance.claims]
    answer.claims = len(payments)
    answer.charged = sum((payment.charged for payment in payments), Decimal(0))
    answer.paid = sum((payment.paid for payment in payments), Decimal(0))


def _fault(fault: Fault) -> dict[str, Any]:
    return {"segment": fault.segment, "tag": fault.tag, "message": fault.message}


POSTERS: dict[str, Callable[[Intake, bytes, Deed], Intake]] = {"835": _post_835}
