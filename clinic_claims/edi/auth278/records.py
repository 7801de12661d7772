"""The records of a 278 response: one review per event asked for, with its services.

`segment` is always the number of the segment in the file, counted from 1.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..findings import Fault
from ..parts import Period, Person, Provider, Reference

EFFECTIVE, EXPIRES, SERVICE, EVENT = "007", "036", "472", "AAH"


@dataclass(frozen=True, slots=True)
class Decision:
    """An HCR segment.

    `action` is A1 certified in total, A2 in part, A3 not certified, A4 pended, A5 upheld, A6 modified, C cancelled,
    CT contact payer, NA no action required. `number` is the authorization number, `reason` the payer's reason code.
    """

    segment: int
    action: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """An AAA segment: the request could not be reviewed. `level` is payer, requester, patient, event or service.

    `reason` is the reject reason code (72 invalid member number, 75 subscriber not found), `follow_up` what to do (C
    correct and send again, N do not send again).
    """

    segment: int
    level: str
    reason: str
    follow_up: str


@dataclass(frozen=True, slots=True)
class ServiceReview:
    """What was decided on one service; without a decision of its own that of the whole event holds."""

    segment: int
    trace: str
    decision: Decision | None
    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    description: str
    revenue_code: str
    units: Decimal | None
    unit_kind: str
    dates: tuple[Period, ...]
    refs: tuple[Reference, ...]
    messages: tuple[str, ...]
    rejections: tuple[Rejection, ...]

    @property
    def valid_from(self) -> date | None:
        """The first day the decision covers."""
        return window(self.dates)[0]

    @property
    def valid_to(self) -> date | None:
        """The last day the decision covers."""
        return window(self.dates)[1]


@dataclass(frozen=True, slots=True)
class Review:
    """What was decided on one request.

    `reference` is the number of our request (BHT03), `trace` our own trace number (TRN*2), `payer_trace` theirs.
    `category` is HS health services, AR admission, SC specialty care; `certification` is I initial, R renewal, 4
    extension. A request refused before it came to an event (`from_event` false) has `rejections` alone; those of
    the levels above an event are repeated on each event.
    """

    segment: int
    from_event: bool
    reference: str
    sent_on: date | None
    trace: str
    payer_trace: str
    payer: str
    payer_id: str
    requester: Provider
    subscriber: Person
    patient: Person
    decision: Decision | None
    category: str
    certification: str
    service_type: str
    facility_code: str
    diagnoses: tuple[str, ...]
    quantity: Decimal | None
    quantity_kind: str
    service_provider: Provider
    dates: tuple[Period, ...]
    refs: tuple[Reference, ...]
    messages: tuple[str, ...]
    rejections: tuple[Rejection, ...]
    services: tuple[ServiceReview, ...]

    @property
    def valid_from(self) -> date | None:
        """The first day the decision covers; None where the payer does not say."""
        return window(self.dates)[0]

    @property
    def valid_to(self) -> date | None:
        """The last day the decision covers; None where the payer does not say."""
        return window(self.dates)[1]


@dataclass(frozen=True, slots=True)
class AuthFile:
    """All that a file says. Post it only when `faults` is empty."""

    reviews: tuple[Review, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def window(dates: tuple[Period, ...]) -> tuple[date | None, date | None]:
    """Find the days a certification covers: its effective date (and expiration), else the days of the service."""
    found = {each.qualifier: each for each in reversed(dates)}
    said = next((found[name] for name in (EFFECTIVE, SERVICE, EVENT) if name in found), None)
    expires = found.get(EXPIRES)
    if said is None:
        return None, expires.last if expires else None
    open_ended = said.qualifier == EFFECTIVE and said.first == said.last
    return said.first, expires.last if expires else None if open_ended else said.last
