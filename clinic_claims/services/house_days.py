"""Days that the house sets where the rules set none, or a far one."""

from datetime import date, timedelta

from ..calendars import federal_holiday
from ..domain.business_days import on_or_before
from ..models import Deadline

FOLLOW_UP = timedelta(days=30)  # where no rule says how long a payer may take
WEEK = timedelta(days=7)


def once_late(clock: Deadline | None, sent_on: date | None) -> tuple[date, tuple[str, ...], date | None]:
    """Say from when a payer's silence is work: the day after its last one, else a house reminder."""
    if clock is not None and clock.legal is not None:
        return clock.legal + timedelta(days=1), tuple(clock.because), None
    reminder = (sent_on or date.max - FOLLOW_UP) + FOLLOW_UP
    because = (f"House reminder: {FOLLOW_UP.days} days without an answer", *(clock.because if clock else ()))
    return reminder, because, on_or_before(reminder, federal_holiday)


def soon(clock: Deadline | None) -> tuple[date, tuple[str, ...]] | None:
    """Say by when the house sends what only waits for us, where the rule leaves more time than that."""
    if clock is None or clock.act_by is None:
        return None
    reminder = on_or_before(clock.started_at.date() + WEEK, federal_holiday)
    if reminder >= clock.act_by:
        return None
    return reminder, ("House reminder: a claim goes out within a week", *clock.because)
