"""Which days offices are open: Monday to Friday, except the holidays the caller names."""

from collections.abc import Callable
from datetime import date, timedelta

Closed = Callable[[date], bool]
"""True on a holiday. Saturdays and Sundays need not be named."""

ONE_DAY = timedelta(days=1)


def is_business_day(day: date, closed: Closed) -> bool:
    """Tell whether offices are open on that day."""
    return day.weekday() < 5 and not closed(day)


def on_or_before(day: date, closed: Closed) -> date:
    """Return the day itself if offices are open, else the last business day before it."""
    while not is_business_day(day, closed):
        day -= ONE_DAY
    return day


def on_or_after(day: date, closed: Closed) -> date:
    """Return the day itself if offices are open, else the next business day."""
    while not is_business_day(day, closed):
        day += ONE_DAY
    return day


def add_business_days(day: date, count: int, closed: Closed) -> date:
    """Count forward over business days; the starting day is day zero, open or not."""
    for _ in range(count):
        day = on_or_after(day + ONE_DAY, closed)
    return day
