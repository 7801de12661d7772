"""The records of an 837: claims as they were sent to a payer, with their service lines.

Amounts are dollars. `segment` is always the number of the segment in the file, counted from 1.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..findings import Fault
from ..parts import Period, Person, Provider, Reference, ref

DIAGNOSES = {"ABK", "ABF", "BK", "BF"}  # principal and other, ICD-10 and ICD-9: what line pointers count
STATEMENT = "434"


@dataclass(frozen=True, slots=True)
class HealthCode:
    """One code of an HI segment: ABK and ABF are the diagnoses, ABJ the admitting one, BBR a procedure."""

    segment: int
    qualifier: str
    code: str


@dataclass(frozen=True, slots=True)
class Drug:
    """The drug given (LIN, CTP): its NDC as sent, and how much in its own unit (UN, ML, ME, GR, F2)."""

    ndc: str
    units: Decimal | None
    unit_kind: str


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service line (LX with SV1 or SV2).

    `unit_kind` is UN for units, MJ for minutes, DA for days. `diagnoses` are the codes the line's pointers name, the
    first the most important. `place_of_service` is empty where the claim's own holds.
    """

    segment: int
    number: str
    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    description: str
    revenue_code: str
    charged: Decimal
    units: Decimal | None
    unit_kind: str
    place_of_service: str
    diagnoses: tuple[str, ...]
    service_from: date | None
    service_to: date | None
    drug: Drug | None
    rendering: Provider
    refs: tuple[Reference, ...]

    @property
    def control_number(self) -> str:
        """The line control number (REF*6R), by which the 835 names this line; the payer falls back on LX01."""
        return ref(self.refs, "6R")

    @property
    def authorization(self) -> str:
        """A prior authorization number of this line alone (REF*G1)."""
        return ref(self.refs, "G1")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim (CLM) with all that stands above it in the file.

    `kind` is 837P or 837I. `relationship` is the patient's to the subscriber (18 self, 01 spouse, 19 child).
    `payer_order` is P for primary, S secondary, T tertiary. `facility_code` is the place of service on an 837P, the
    first two digits of the bill type on an 837I; `frequency` is 1 original, 7 replacement, 8 void.
    """

    segment: int
    kind: str
    batch: str
    sent_on: date | None
    submitter: str
    submitter_id: str
    billing: Provider
    subscriber: Person
    patient: Person
    relationship: str
    payer: str
    payer_id: str
    payer_order: str
    group_number: str
    filing_code: str
    claim_number: str
    charged: Decimal
    facility_code: str
    frequency: str
    provider_signature: str
    accepts_assignment: str
    benefits_assigned: str
    release_of_information: str
    codes: tuple[HealthCode, ...]
    rendering: Provider
    referring: Provider
    attending: Provider
    operating: Provider
    facility: Provider
    refs: tuple[Reference, ...]
    dates: tuple[Period, ...]
    lines: tuple[ServiceLine, ...]

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The diagnosis codes in the order the line pointers count them, as sent (no dots)."""
        return tuple(each.code for each in self.codes if each.qualifier in DIAGNOSES)

    @property
    def member_id(self) -> str:
        """The number the payer knows the patient by: the patient's own where there is one, else the subscriber's."""
        return self.patient.member_id or self.subscriber.member_id

    @property
    def authorization(self) -> str:
        """The prior authorization number (REF*G1)."""
        return ref(self.refs, "G1")

    @property
    def payer_control_number(self) -> str:
        """The payer's number of the claim this one replaces or voids (REF*F8)."""
        return ref(self.refs, "F8")

    @property
    def service_from(self) -> date | None:
        """The first day of service: of the statement period (837I), else of the lines."""
        stated = [each.first for each in self.dates if each.qualifier == STATEMENT]
        return min((day for day in stated or [line.service_from for line in self.lines] if day), default=None)

    @property
    def service_to(self) -> date | None:
        """The last day of service."""
        stated = [each.last for each in self.dates if each.qualifier == STATEMENT]
        return max((day for day in stated or [line.service_to for line in self.lines] if day), default=None)


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """All that a file says. Post it only when `faults` is empty."""

    claims: tuple[Claim, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
