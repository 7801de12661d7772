"""Ranges of days that move with the calendar, so that a report kept today still speaks of last month next month."""

from datetime import date, timedelta

SPANS = {
    "month": "This month",
    "last_month": "Last month",
    "quarter": "This quarter",
    "last_quarter": "Last quarter",
    "year": "This year",
    "last_year": "Last year",
    "90_days": "Last 90 days",
    "12_months": "Last 12 months",
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"90_days": 90, "12_months": 365}


def days_of(span: str, today: date) -> tuple[date, date]:
    """Return first and last day of a range, both included; one that still runs ends today. Raises KeyError."""
    if span in _DAYS:
        return today - timedelta(_DAYS[span] - 1), today
    months = _MONTHS[span.removeprefix("last_")]
    began = _first(today.year, today.month - (today.month - 1) % months)
    if not span.startswith("last_"):
        return began, today
    return _first(began.year, began.month - months), began - timedelta(1)


def _first(year: int, month: int) -> date:
    """Return the first of a month; month 0 is December of the year before."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
