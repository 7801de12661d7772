"""How a length of time is added to a day, and how dates are said in a sentence."""

from calendar import monthrange
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from .business_days import ONE_DAY, Closed, add_business_days

MonthEnd = Literal["clamp", "first_of_next"]
"""Where a month lacks the day: its last day (clamp), or the first day of the month after (first_of_next)."""


@dataclass(frozen=True, kw_only=True)
class Length:
    """A length of time in exactly one unit. Months and years are calendar ones."""

    days: int = 0
    business_days: int = 0
    hours: int = 0
    months: int = 0
    years: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError unless exactly one unit is above zero."""
        amounts = [getattr(self, unit.name) for unit in fields(self)]
        if min(amounts) < 0 or sum(amount > 0 for amount in amounts) != 1:
            raise ValueError("a length needs exactly one unit, above zero")

    def __str__(self) -> str:
        """Say the length: 120 days, 1 calendar year, 2 business days."""
        unit, amount = next((unit.name, getattr(self, unit.name)) for unit in fields(self) if getattr(self, unit.name))
        word = unit.replace("_", " ")
        calendar = "calendar " if unit in ("months", "years") else ""
        return f"{amount} {calendar}{word if amount > 1 else word.removesuffix('s')}"


def add(start: date, length: Length, closed: Closed, month_end: MonthEnd = "clamp") -> date:
    """Add a length to a day (day zero), or hours to a moment. Raises ValueError for hours from a naive moment."""
    if length.hours:
        return _add_hours(start, length.hours)
    day = day_of(start)
    if length.business_days:
        return add_business_days(day, length.business_days, closed)
    if length.months or length.years:
        return _add_months(day, length.months + 12 * length.years, month_end)
    return day + timedelta(days=length.days)


def day_of(start: date) -> date:
    """Return the calendar day of a day or a moment, in the moment's own time zone."""
    return start.date() if isinstance(start, datetime) else start


def spoken(day: date) -> str:
    """Write a date as people read it, a moment with its time: Jan 5, 2026; Jan 5, 2026 at 16:30."""
    time = f" at {day:%H:%M}" if isinstance(day, datetime) else ""
    return f"{day:%b} {day.day}, {day.year}{time}"


def spoken_with_closure(day: date, closed: Closed) -> str:
    """Write a date and, when offices are closed on it, why."""
    if day.weekday() >= 5:
        return f"{spoken(day)} (a {day:%A})"
    return f"{spoken(day)} (a federal holiday)" if closed(day_of(day)) else spoken(day)


def _add_hours(start: date, hours: int) -> date:
    """Add hours in absolute time; from a bare day only whole days are added, which ends no later."""
    if not isinstance(start, datetime):
        return start + timedelta(days=hours // 24)
    if start.tzinfo is None:
        raise ValueError("a clock in hours needs the time zone of its start")
    return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(start.tzinfo)


def _add_months(day: date, count: int, month_end: MonthEnd) -> date:
    years, month = divmod(day.month - 1 + count, 12)
    first = date(day.year + years, month + 1, 1)
    length = monthrange(first.year, first.month)[1]
    if day.day <= length:
        return first.replace(day=day.day)
    last = first.replace(day=length)
    return last + ONE_DAY if month_end == "first_of_next" else last
