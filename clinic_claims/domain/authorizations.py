"""The ledger of an approval in units and visits, its two clocks on one line, and what the next visit runs into.

Units are billing units of the code. What was approved is reserved by scheduled visits, used, wasted, or left; nothing
else can become of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .business_days import Closed
from .clock_rules import Case
from .counting import spoken
from .deadlines import ClockBook, Deadline, clock, renewal


class VisitState(StrEnum):
    """Where a planned visit stands."""

    SCHEDULED = "scheduled"
    PERFORMED = "performed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One code of an approval: units asked for and given, and how many visits (cycles) they are meant for."""

    code: str
    requested: int
    approved: int | None = None
    visits: int | None = None


@dataclass(frozen=True, kw_only=True)
class Booking:
    """What one visit takes of one code: reserved while it is scheduled, used and wasted once it is performed."""

    code: str
    day: date
    visit: str
    reserved: int = 0
    used: int = 0
    wasted: int = 0


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What became of one code's units, or of its visits. Below zero `left` is an overrun and `flag` says so."""

    code: str
    requested: int
    approved: int
    reserved: int
    used: int
    wasted: int

    @property
    def left(self) -> int:
        """Return what may still be booked; below zero more was taken than approved."""
        return self.approved - self.reserved - self.used - self.wasted

    @property
    def flag(self) -> str:
        """Say what is wrong; empty when nothing is."""
        if self.left >= 0:
            return ""
        return f"{self.code}: {-self.left} more taken than the {self.approved} approved"

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """Return each part as a fraction of the bar, which grows with an overrun: readable for 3 and for 1,000."""
        whole = max(self.approved, self.approved - self.left, 1)
        parts = (("used", self.used), ("wasted", self.wasted), ("reserved", self.reserved), ("left", max(self.left, 0)))
        return tuple((name, amount / whole) for name, amount in parts)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One code of the ledger: its units, its visits where the approval counts them, and cycles still possible."""

    units: Balance
    visits: Balance | None
    cycles_left: int | None


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Both clocks on one line: the earliest payable day and the approved days."""

    last_injection: date | None
    earliest: Deadline | None
    valid_from: date | None
    valid_to: date | None
    renew_by: Deadline | None

    @property
    def window(self) -> tuple[date, date] | None:
        """Return the days on which the next visit is both payable and approved; None when there are none."""
        first = max(filter(None, (self.earliest and self.earliest.legal, self.valid_from)), default=None)
        if first is None or self.valid_to is None or first > self.valid_to:
            return None
        return first, self.valid_to


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What a planned visit runs into; `rule` is the row of rules/mismatches.toml it belongs to."""

    rule: str
    says: str


def ledger(grants: Iterable[Grant], bookings: Iterable[Booking]) -> tuple[Entry, ...]:
    """Reckon every code of an approval. A code booked and never granted stands with nothing approved."""
    booked, granted = list(bookings), list(grants)
    known = {grant.code for grant in granted}
    strange = dict.fromkeys(booking.code for booking in booked if booking.code not in known)
    whole = [*granted, *(Grant(code=code, requested=0, approved=0) for code in strange)]
    return tuple(_entry(grant, [booking for booking in booked if booking.code == grant.code]) for grant in whole)


def _entry(grant: Grant, booked: list[Booking]) -> Entry:
    units = Balance(
        code=grant.code,
        requested=grant.requested,
        approved=grant.approved or 0,
        reserved=sum(booking.reserved for booking in booked),
        used=sum(booking.used for booking in booked),
        wasted=sum(booking.wasted for booking in booked),
    )
    return Entry(units=units, visits=_visits(grant, booked), cycles_left=_cycles(grant, units))


def _visits(grant: Grant, booked: list[Booking]) -> Balance | None:
    if grant.visits is None:
        return None
    ahead = {booking.visit for booking in booked if booking.reserved}
    given = {booking.visit for booking in booked if booking.used or booking.wasted}
    return Balance(
        code=grant.code,
        requested=grant.visits,
        approved=grant.visits,
        reserved=len(ahead - given),
        used=len(given),
        wasted=0,
    )


def _cycles(grant: Grant, units: Balance) -> int | None:
    """Say how many more sessions of the size approved the units left would cover."""
    if not grant.visits or not grant.approved:
        return None
    each = max(grant.approved // grant.visits, 1)
    return max(units.left, 0) // each


def earliest_day(book: ClockBook, last_injection: date, *, closed: Closed) -> Deadline:
    """Return the first payable day after an injection, by the rule of the clock next_injection (84 days)."""
    return clock(book, "next_injection", Case(), {"injected": last_injection}, closed=closed)


def timeline(
    book: ClockBook,
    *,
    last_injection: date | None,
    valid_from: date | None,
    valid_to: date | None,
    closed: Closed,
) -> Timeline:
    """Put both clocks on one line, with the day to ask for the renewal."""
    return Timeline(
        last_injection=last_injection,
        earliest=earliest_day(book, last_injection, closed=closed) if last_injection else None,
        valid_from=valid_from,
        valid_to=valid_to,
        renew_by=renewal(book, valid_to, closed=closed) if valid_to else None,
    )


def troubles(
    line: Timeline, entries: Iterable[Entry], day: date, needs: dict[str, int], *, early_reason: str | None = None
) -> Iterator[Trouble]:
    """Say what a visit on that day with these billing units by code would run into. The visit itself is not booked."""
    yield from _outside(line, day, early_reason)
    by_code = {entry.units.code: entry for entry in entries}
    for code, units in needs.items():
        entry = by_code.get(code)
        if entry is None:
            continue
        if units > entry.units.left:
            yield Trouble(rule="units", says=f"{code} needs {units} units and {max(entry.units.left, 0)} are left")
        if entry.visits is not None and entry.visits.left < 1:
            yield Trouble(rule="units", says=f"{code}: all {entry.visits.approved} approved visits are taken")


def _outside(line: Timeline, day: date, early_reason: str | None) -> Iterator[Trouble]:
    earliest = line.earliest.legal if line.earliest else None
    if earliest and day < earliest and not early_reason:
        yield Trouble(rule="interval", says=f"{spoken(day)} is before the earliest payable day, {spoken(earliest)}")
    if line.valid_from and day < line.valid_from:
        yield Trouble(rule="dates", says=f"{spoken(day)} is before the approval begins on {spoken(line.valid_from)}")
    if line.valid_to and day > line.valid_to:
        yield Trouble(rule="dates", says=f"{spoken(day)} is after the approval ends on {spoken(line.valid_to)}")


def renewal_due(line: Timeline, next_day: date, today: date) -> str | None:
    """Say when a renewal must be asked for: the next injection falls after the approval ends."""
    if line.valid_to is None or next_day <= line.valid_to or line.renew_by is None:
        return None
    ask = line.renew_by.act_by or line.renew_by.legal
    if ask is None:
        return None
    late = "at once" if ask <= today else f"by {spoken(ask)}"
    return (
        f"The next injection, {spoken(next_day)}, falls after the approval ends on {spoken(line.valid_to)}: ask {late}"
    )
