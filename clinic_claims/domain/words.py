"""How dates, money and lists read in a letter. United States English, whatever the machine's locale."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(on: date) -> str:
    """Return a date as November 22, 2026."""
    return f"{_MONTHS[on.month - 1]} {on.day}, {on.year}"


def month(on: date) -> str:
    """Return a date as Nov 2026, for tables."""
    return f"{_MONTHS[on.month - 1][:3]} {on.year}"


def period(start: date, end: date) -> str:
    """Return one day, or both ends of a stretch of days."""
    return day(start) if start == end else f"{day(start)} to {day(end)}"


def money(amount: Decimal) -> str:
    """Return dollars as $1,842.00."""
    return f"${amount:,.2f}"


def number(amount: Decimal) -> str:
    """Return a count without needless zeros: 30, 2.5."""
    return f"{amount.normalize():f}"


def listed(items: Iterable[object]) -> str:
    """Return a list as one, two and three."""
    *most, last = map(str, items)
    return f"{', '.join(most)} and {last}" if most else last


def clauses(items: Sequence[str]) -> str:
    """Return clauses in one sentence: one; two; and three."""
    return "; ".join([*items[:-2], "; and ".join(items[-2:])])


def unstopped(text: str) -> str:
    """Return a sentence without its full stop, so that more can follow."""
    return text.rstrip(". ")


def paragraphs(text: str) -> list[str]:
    """Return what blank lines divide."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def capitalized(text: str) -> str:
    """Return a clause as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return a sentence for the middle of another; an acronym in front keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
