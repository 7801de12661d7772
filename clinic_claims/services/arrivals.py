"""What a file at the door is, and the answer it gets."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from ..domain.words import money
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


OF_MONEY = ("835", "paper", "csv", "xlsx")  # kinds that say what was paid and denied
OF_CLAIMS = (*OF_MONEY, "837P", "837I")  # kinds that say what was charged
FOUND = {  # what of such a file is counted
    "837P": "claims entered or brought up to date",
    "837I": "claims entered or brought up to date",
    "277CA": "claims found",
    "277": "claims found",
    "278": "answers noted on their requests",
    "999": "files we sent taken in",
    "csv": "claims taken in",
    "xlsx": "claims taken in",
}
FOR_STAFF = ("notes", "can_accept", "rejected", "run_id")  # what a page shows beside what the command promises
NAMELESS = ("835", "277CA", "277")  # kinds whose claims that are not ours are told by their numbers alone


def counted(kind: str, told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the figures of a posted file with their words, those alone that its kind has; `told` is its history."""
    charged, paid = Decimal(told["charged"]), Decimal(told["paid"])
    said = [(f"{told['matched']:,} of {told['claims']:,}", FOUND.get(kind, "claims matched"))]
    if kind in OF_MONEY:
        said.append((money(paid), f"paid of {money(charged)} charged"))
    elif kind in OF_CLAIMS:
        said.append((money(charged), "charged"))
    if kind in OF_MONEY or told["denials"]:
        said.append((f"{told['denials']:,}", "denial" if told["denials"] == 1 else "denials"))
    return said


@dataclass
class Intake:
    """The answer to one file: first what the `import` command promises, then remarks for staff.

    `notes` say what was left out and why; `can_accept` that only its sums are wrong, which staff may accept; `rejected`
    how many batches that we sent it turned away.
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
    rejected: int = 0
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
        kind = self.kind or "csv"
        found = ", ".join(f"{figure} {word}" for figure, word in counted(kind, self.to_history()))
        lost = [f"  no claim of ours: {number}" for number in self.unmatched if kind in NAMELESS]
        said = [f"  {note}" for note in self.notes]
        return "\n".join([f"{self.file}: {KINDS[kind]} posted; {found}", *lost, *said])

    def to_json(self) -> dict[str, Any]:
        """Give the promised keys; money is a string with two decimals."""
        shown = self.to_history()
        return {name: shown[name] for name in shown if name not in FOR_STAFF}

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
