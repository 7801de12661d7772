"""The X12 999 (implementation acknowledgement): which transaction sets of a file we sent were taken in, and which not.

Places are those of the file we sent: `position` counts its segments from its ST, which is 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import oxedi

from .findings import Fault
from .grammar import Piece, at, build, loop, of, segment
from .parsing import Parsed, capped, parse
from .tables import Kin, Row

TAKEN = {"A", "E", "P"}  # accepted, accepted with errors noted, partly accepted (groups alone)
TABLES: dict[str, Piece] = {
    "groups": {
        "loops": ["group_response"],
        "ref": "group",
        "columns": {"kind": of("AK1", 1), "control_number": of("AK1", 2), "guide": of("AK1", 3)},
    },
    "group_results": {
        "loops": ["group_response"],
        "segment": "AK9",
        "columns": {
            **{"code": at(1), "included": at(2), "received": at(3), "accepted": at(4)},
            **{f"error_{n}": at(n + 4) for n in range(1, 6)},
        },
    },
    "sets": {
        "loops": ["set_response"],
        "ref": "set",
        "columns": {"kind": of("AK2", 1), "control_number": of("AK2", 2), "guide": of("AK2", 3)},
    },
    "set_results": {
        "loops": ["set_response"],
        "segment": "IK5",
        "columns": {"code": at(1), **{f"error_{n}": at(n + 1) for n in range(1, 6)}},
    },
    "places": {
        "loops": ["segment_error"],
        "ref": "place",
        "columns": {"tag": of("IK3", 1), "position": of("IK3", 2), "loop": of("IK3", 3), "code": of("IK3", 4)},
    },
    "elements": {
        "loops": ["element_error"],
        "columns": {
            "element": of("IK4", 1, 1),
            "component": of("IK4", 1, 2),
            "reference": of("IK4", 2),
            "code": of("IK4", 3),
        },
    },
}


@dataclass(frozen=True, slots=True)
class ElementError:
    """What is wrong with one element (IK4): its number, its component ("" for the whole), and the error code."""

    segment: int
    element: str
    component: str
    reference: str
    code: str


@dataclass(frozen=True, slots=True)
class SegmentError:
    """What is wrong with one segment of ours (IK3), named by its tag, its position and its loop."""

    segment: int
    tag: str
    position: int | None
    loop: str
    code: str
    elements: tuple[ElementError, ...]


@dataclass(frozen=True, slots=True)
class SetAcknowledgement:
    """What became of one transaction set of ours: `kind` 837 and so on, `control_number` its ST02.

    `code` (IK501) is A accepted, E accepted with errors noted, R, M, W or X rejected; `errors` are IK502 and after.
    """

    segment: int
    kind: str
    control_number: str
    guide: str
    code: str
    errors: tuple[str, ...]
    places: tuple[SegmentError, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the set was taken in, errors noted or not."""
        return self.code in TAKEN


@dataclass(frozen=True, slots=True)
class GroupAcknowledgement:
    """What became of one group of ours: `control_number` its GS06; `code` (AK901) as of a set, or P partly accepted."""

    segment: int
    kind: str
    control_number: str
    guide: str
    code: str
    included: int | None
    received: int | None
    accepted: int | None
    errors: tuple[str, ...]
    sets: tuple[SetAcknowledgement, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the group was taken in, wholly or in part; `sets` tell which part."""
        return self.code in TAKEN


@dataclass(frozen=True, slots=True)
class AckFile:
    """All that a file says."""

    groups: tuple[GroupAcknowledgement, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


@cache
def spec() -> oxedi.Spec:
    """Build the grammar once."""
    loops = {
        "group_response": loop("transaction", "AK1", "AK9"),
        "set_response": loop("group_response", "AK2", "IK5"),
        "segment_error": loop("set_response", "IK3", "CTX"),
        "element_error": loop("segment_error", "IK4", "CTX"),
    }
    segments = {
        "AK1": segment(3, needed=(1, 2)),
        "AK2": segment(3, needed=(1, 2)),
        "IK3": segment(4, needed=(1, 4)),
        "IK4": segment(4, needed=(3,), composites=(1,)),
        "IK5": segment(6, needed=(1,)),
        "AK9": segment(9, needed=(1,)),
        "CTX": segment(10, composites=tuple(range(1, 11))),
    }
    return build("999", loops, segments, TABLES)


def read(data: bytes) -> AckFile:
    """Read a whole 999. Never raises, whatever the bytes: all that is wrong comes back as faults, with places."""
    groups: list[GroupAcknowledgement] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for part in parse(data, ("999",), spec()):
        faults += part.faults
        warnings += part.warnings
        if part.tables:
            kin = Kin(part.tables)
            groups += (_group(row, kin) for row in part.tables["groups"])
            faults += _unanswered(part, kin)
    return AckFile(tuple(groups), capped(faults), capped(warnings))


def _unanswered(part: Parsed, kin: Kin) -> Iterator[Fault]:
    for row in part.tables["groups"]:
        if not kin.below("group_results", group=row["row"]):
            yield Fault(row["segment"], "AK1", f"group {row['control_number']}: no result (AK9) follows")
    for row in part.tables["sets"]:
        if not kin.below("set_results", set=row["row"]):
            yield Fault(row["segment"], "AK2", f"transaction set {row['control_number']}: no result (IK5) follows")


def _group(row: Row, kin: Kin) -> GroupAcknowledgement:
    result = kin.first("group_results", group=row["row"])
    return GroupAcknowledgement(
        **{name: row[name] for name in ("segment", "kind", "control_number", "guide")},
        code=result["code"],
        included=_count(result["included"]),
        received=_count(result["received"]),
        accepted=_count(result["accepted"]),
        errors=_errors(result),
        sets=tuple(_set(each, kin) for each in kin.below("sets", group=row["row"])),
    )


def _set(row: Row, kin: Kin) -> SetAcknowledgement:
    result = kin.first("set_results", set=row["row"])
    return SetAcknowledgement(
        **{name: row[name] for name in ("segment", "kind", "control_number", "guide")},
        code=result["code"],
        errors=_errors(result),
        places=tuple(_place(each, kin) for each in kin.below("places", set=row["row"])),
    )


def _place(row: Row, kin: Kin) -> SegmentError:
    elements = (
        ElementError(**{name: each[name] for name in ("segment", "element", "component", "reference", "code")})
        for each in kin.below("elements", place=row["row"])
    )
    return SegmentError(row["segment"], row["tag"], _count(row["position"]), row["loop"], row["code"], tuple(elements))


def _errors(row: Row) -> tuple[str, ...]:
    return tuple(row[f"error_{n}"] for n in range(1, 6) if row[f"error_{n}"])


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
