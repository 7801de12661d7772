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


def dated(text: str) -> date | None:
    """Return the first day that a text names, as November 22, 2026, 11/22/2026 or 2026-11-22; None without one."""
    long = re.search(rf"({'|'.join(_MONTHS)}) (\d{{1,2}}), (\d{{4}})", text)
    if long:
        return _known(int(long[3]), _MONTHS.index(long[1]) + 1, int(long[2]))
    short = re.search(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    if short:
        return _known(int(short[3]), int(short[1]), int(short[2]))
    iso = re.search(r"(\d{4})-(\d\d)-(\d\d)", text)
    return _known(int(iso[1]), int(iso[2]), int(iso[3])) if iso else None


def _known(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month(on: date) -> str:
    """Return a date as Nov 2026, for tables."""
    return f"{_MONTHS[on.month - 1][:3]} {on.year}"


def period(start: date, end: date) -> str:
    """Return one day, or both ends of a stretch of days."""
    return day(start) if start == end else f"{day(start)} to {day(end)}"


def money(amount: Decimal) -> str:
    """Return dollars as $1,842.00, or −$12.50."""
    return f"{'−' if amount < 0 else ''}${abs(amount):,.2f}"


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
