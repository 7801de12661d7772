"""Act-by days as a calendar file (RFC 5545). It names claims, never patients: calendars travel to phones."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from ..clock import day_of
from .worklist import Item

LONGEST = 75  # octets a line, without its end
MOST = 1000  # entries of a calendar that is asked for over the net
HEAD = (
    *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Clinic Claims//Due days//EN", "CALSCALE:GREGORIAN"),
    *("METHOD:PUBLISH", "NAME:Clinic Claims", "X-WR-CALNAME:Clinic Claims"),
    "REFRESH-INTERVAL;VALUE=DURATION:PT6H",  # RFC 7986
)


def write(items: Iterable[Item], at: datetime, *, bare: bool = False) -> bytes:
    """Write one all-day entry for each item with a known act-by day; `at` is the moment of writing, aware.

    `bare` leaves out claim numbers, amounts and reasons, for a calendar that lies with somebody else.
    """
    lines = [*HEAD, *(line for item in items if item.act_by for line in _entry(item, item.act_by, at, bare))]
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _entry(item: Item, act_by: date, at: datetime, bare: bool) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{item.item}@clinic-claims"
    yield f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{act_by:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{act_by + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(f'{item.item if bare else item.claim or item.item}: {item.asks_for(day_of(at))}')}"
    if not bare:
        yield f"DESCRIPTION:{_escaped(_why(item, day_of(at)))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _why(item: Item, today: date) -> str:
    last = f"Last lawful day {item.due}." if item.due else "The last lawful day is not known."
    return f"{item.item}, ${item.amount:,.2f} at risk. {last} {'' if item.kind == 'note' else item.why(today)}".rstrip()


def _escaped(text: str) -> str:
    for raw, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(raw, safe)
    return text.replace("\r", "")


def _folded(line: str) -> bytes:
    """End a line with CRLF; a long one goes on in the next after a space, and no character is torn apart."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > LONGEST:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
