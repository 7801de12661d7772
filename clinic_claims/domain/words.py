"""How dates, money and lists read in a letter. United States English, whatever the machine's locale."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Names with which a finding may begin; a name of several words shows by its second capital.
_NAMES = frozenset({
    "Bell", "Botox", "Daxxify", "Dysport", "House-Brackmann", "Jankovic", "Medicaid", "Medicare", "Myobloc",
    "Sunnybrook", "Xeomin",
})  # fmt: skip


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
    """Return one day, or both ends of a stretch of days, what they share said once: June 24 to 26, 2026."""
    if start == end:
        return day(start)
    if start.year != end.year:
        return f"{day(start)}, to {day(end)}"
    last = day(end) if start.month != end.month else f"{end.day}, {end.year}"
    return f"{_MONTHS[start.month - 1]} {start.day} to {last}"


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
    """Return a sentence for the middle of another; an acronym or a name in front keeps its capitals."""
    first, _, rest = text.partition(" ")
    named = first.rstrip(",;:’s") in _NAMES or re.match(r"[A-Z][a-z]", rest)
    return text if named or text[1:2].isupper() else text[:1].lower() + text[1:]


def counted(number: int) -> str:
    """Return a count as prose writes it: three, 12."""
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def with_article(noun: str) -> str:
    """Return a noun with a or an: a neurologist, an oculoplastic surgeon."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
