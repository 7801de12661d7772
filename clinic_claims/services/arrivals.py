"""What a file at the door is, and the answer it gets."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from ..edi.findings import Fault
from ..models import Document
from .deeds import Deed
from .import_runs import Tracker

KINDS = {
    "835": "Remittance (835)",
    "837P": "Professional claims (837P)",
    "837I": "Institutional claims (837I)",
    "277CA": "Claim acknowledgement (277CA)",
    "277": "Claim status (277)",
    "278": "Authorization response (278)",
    "999": "File acknowledgement (999)",
    "csv": "Table (CSV)",
    "xlsx": "Excel workbook",
    "paper": "Paper EOB, typed in",
}


@dataclass
class Intake:
    """The answer to one file: first what the `import` command promises, then remarks for staff.

    `notes` say what was left out and why; `can_accept` that only its sums are wrong, which staff may accept.
    """

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
    notes: list[str] = field(default_factory=list)
    can_accept: bool = False
    run_id: int | None = None

    def refuse(self, message: str, segment: int | None = None, tag: str = "") -> "Intake":
        """Add a fault with its place."""
        self.faults.append({"segment": segment, "tag": tag, "message": message})
        return self

    def in_words(self) -> str:
        """Say in a line or more what became of the file."""
        if self.status != "posted":
            head = f"{self.file}: {self.status.replace('_', ' ')}"
            return "\n".join([head, *(f"  {each['message']}" for each in self.faults)])
        found = f"{self.matched} of {self.claims} claims matched, ${self.paid:,.2f} paid, {self.denials} denials"
        lost = [f"  no claim of ours: {number}" for number in self.unmatched]
        said = [f"  {note}" for note in self.notes]
        return "\n".join([f"{self.file}: {KINDS[self.kind or 'csv']} posted; {found}", *lost, *said])

    def to_json(self) -> dict[str, Any]:
        """Give the promised keys; money is a string with two decimals."""
        shown = self.to_history()
        return {name: shown[name] for name in shown if name not in ("notes", "can_accept", "run_id")}

    def to_history(self) -> dict[str, Any]:
        """Give everything, as the result page shows it."""
        return asdict(self) | {"charged": f"{self.charged:.2f}", "paid": f"{self.paid:.2f}"}


@dataclass(frozen=True)
class Arrival:
    """A file at the door: its bytes and who takes it in. `accepted` is the reason for which wrong sums are let pass."""

    name: str
    data: bytes
    deed: Deed
    accepted: str = ""
    choices: dict[str, Any] = field(default_factory=dict)


@dataclass
class Posting:
    """What a poster works with: the file, what was read, its answer, the document it became, and what it made."""

    arrival: Arrival
    read: Any
    answer: Intake
    document: Document
    tracker: Tracker = field(default_factory=Tracker)


def fault(found: Fault) -> dict[str, Any]:
    """Write a reader's fault as the command promises it."""
    return {"segment": found.segment, "tag": found.tag, "message": found.message}
