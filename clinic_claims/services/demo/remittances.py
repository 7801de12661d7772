"""The payers' files of the demo: moved to today's calendar and posted through the intake, as any file is."""

from datetime import date, datetime

from .. import intake
from ..deeds import Refused
from .papers import FILES
from .stage import Scene, Stage

DATES = {"ISA": (9, "%y%m%d"), "GS": (4, "%Y%m%d"), "BPR": (16, "%Y%m%d"), "DTM": (2, "%Y%m%d")}
"""Where the files hold dates: the element of each segment, and how it writes a date."""

POSTED = (
    ("federal-2026-07-06.835", "2026-07-08 09:05", "priya"),
    ("starling-2026-07-13.835", "2026-07-14 09:10", "marcus"),
    ("medicare-2026-07-17.835", "2026-07-20 09:05", "marcus"),
    ("harvest-2026-07-20.835", "2026-07-21 09:10", "priya"),
    ("medicare-2026-08-21.835", "2026-08-24 09:05", "marcus"),
    ("harvest-2026-09-14.835", "2026-09-15 09:05", "priya"),
    ("starling-2026-09-14.835", "2026-09-15 09:10", "marcus"),
    ("bluebonnet-2026-09-21.835", "2026-09-23 09:05", "marcus"),
    ("starling-2026-09-28.835", "2026-09-29 09:05", "marcus"),
    ("cedar-ridge-2026-10-01.835", "2026-10-05 09:05", "priya"),
    ("medicare-2026-10-02.835", "2026-10-05 09:15", "marcus"),
    ("lone-prairie-2026-10-05.835", "2026-10-07 09:05", "priya"),
    ("cedar-ridge-2026-10-19.835", "2026-10-20 09:05", "priya"),
    ("starling-2026-10-19.835", "2026-10-20 09:10", "marcus"),
    ("northway-2026-10-26.835", "2026-10-28 09:05", "priya"),
    ("medicare-2026-10-30.835", "2026-11-02 09:05", "marcus"),
    ("lone-prairie-2026-11-12.835", "2026-11-13 09:05", "priya"),
)
"""Each file with the moment at which it is posted and the biller who does it."""


def shifted(data: bytes, stage: Stage) -> bytes:
    """Move every date of a file to today's calendar. Lengths stay, so counts and totals stay true."""
    return b"~".join(_moved(segment, stage) for segment in data.split(b"~"))


def _moved(segment: bytes, stage: Stage) -> bytes:
    elements = segment.decode("ascii").split("*")
    if (place := DATES.get(elements[0].strip())) and len(elements) > place[0]:
        at, written = place
        elements[at] = f"{stage.day(_read(elements[at], written)):{written}}"
    return "*".join(elements).encode("ascii")


def _read(value: str, written: str) -> date:
    return datetime.strptime(value, written).date()  # noqa: DTZ007 (a day has no time zone)


def arrive(stage: Stage) -> Scene[None]:
    """Post the files one by one. Raises Refused with the reader's faults should one of them be unsound."""
    for name, told, who in POSTED:
        deed = yield stage.at(told, who)
        answer = intake.take_in(name, shifted((FILES / name).read_bytes(), stage), deed)
        if answer.status != "posted":
            raise Refused(*(f"{name}: {fault['message']}" for fault in answer.faults))
