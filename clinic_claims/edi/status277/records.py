"""The records of a 277: what a payer says of a batch, a provider's claims, one claim, or one service line.

Amounts are dollars. `segment` is always the number of the segment in the file, counted from 1.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..findings import Fault
from ..parts import Person, Provider, Reference, ref


@dataclass(frozen=True, slots=True)
class StatusCode:
    """One code triple of an STC: category (A2 accepted, A7 rejected, P1 pending), status, and whom it is about."""

    category: str
    status: str
    entity: str


@dataclass(frozen=True, slots=True)
class Status:
    """One STC segment. `codes` are one to three triples, the first the most telling.

    `action` is WQ (accepted) or U (rejected) on a 277CA. `charged` is the amount billed, `paid` what was paid so far.
    """

    segment: int
    codes: tuple[StatusCode, ...]
    effective_on: date | None
    action: str
    charged: Decimal | None
    paid: Decimal | None
    adjudicated_on: date | None
    payment_on: date | None
    payment_number: str
    message: str

    @property
    def category(self) -> str:
        """The category of the first code: the state the payer gives."""
        return self.codes[0].category if self.codes else ""


@dataclass(frozen=True, slots=True)
class LineStatus:
    """What is said of one service line (SVC)."""

    segment: int
    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    revenue_code: str
    charged: Decimal
    paid: Decimal | None
    units: Decimal | None
    service_from: date | None
    service_to: date | None
    refs: tuple[Reference, ...]
    statuses: tuple[Status, ...]

    @property
    def control_number(self) -> str:
        """The line control number we sent on the claim (REF*FJ)."""
        return ref(self.refs, "FJ")


@dataclass(frozen=True, slots=True)
class StatusReport:
    """All that is said about one thing that can be traced (TRN).

    `level` says what: "receiver" a whole batch (`trace` is its number, BHT03 of the 837), "provider" all claims of one
    provider, "claim" one claim (`trace` is our claim number, CLM01). Patient, lines and refs belong to claims alone.
    """

    segment: int
    kind: str
    level: str
    trace: str
    produced_on: date | None
    payer: str
    payer_id: str
    receiver: str
    provider: Provider
    patient: Person
    service_from: date | None
    service_to: date | None
    refs: tuple[Reference, ...]
    statuses: tuple[Status, ...]
    lines: tuple[LineStatus, ...]

    @property
    def payer_control_number(self) -> str:
        """The payer's own number of the claim (REF*1K)."""
        return ref(self.refs, "1K")

    @property
    def claim_number(self) -> str:
        """Our claim number: REF*EJ where the payer returns it, else the trace of a claim; "" for whole batches."""
        return (ref(self.refs, "EJ") or self.trace) if self.level == "claim" else ""


@dataclass(frozen=True, slots=True)
class StatusFile:
    """All that a file says. Post it only when `faults` is empty."""

    reports: tuple[StatusReport, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
