"""Which elements of a 278 response we read, as tables for the parser.

Subscriber and dependent stand side by side under the requester, because an event may follow either; `shape` finds the
subscriber of a dependent by its number (HL02).
"""

from functools import cache

import oxedi

from ..grammar import Piece, at, build, loop, of, segment, within

NAMED = ("NM1", "N3", "N4", "PER", "REF", "AAA", "PRV", "DMG", "INS", "DTP")
REVIEWED = (
    *("TRN", "AAA", "UM", "HCR", "REF", "DTP", "HI", "HSD", "CRC", "CL1", "CR1", "CR2", "CR5", "CR6", "PWK", "MSG"),
    *("SV1", "SV2", "SV3", "TOO"),
)
SUBSCRIBER, DEPENDENT = "", "D"

SEGMENTS = {
    "BHT": segment(6, needed=(2,), days=(4,)),
    "HL": segment(4, needed=(3,)),
    "NM1": segment(12, needed=(1,)),
    "AAA": segment(4, needed=(3,)),
    "TRN": segment(4, needed=(2,)),
    "UM": segment(10, composites=(4, 5)),
    "HCR": segment(4, needed=(1,)),
    "REF": segment(4, composites=(4,)),
    "DTP": segment(3),
    "HI": segment(12, coded=tuple(range(1, 13))),
    "HSD": segment(8, counts=(2,)),
    "SV1": segment(21, coded=(1,), composites=(7,), amounts=(2,), counts=(4,)),
    "SV2": segment(10, coded=(2,), amounts=(3, 7), counts=(5,)),
    "SV3": segment(11, composites=(1, 4)),
    "MSG": segment(3),
    "DMG": segment(11),
    "N3": segment(2),
    "N4": segment(7),
    "PER": segment(9),
    "PRV": segment(6),
    "INS": segment(17),
    "CRC": segment(7),
    "CL1": segment(4),
    "CR1": segment(10),
    "CR2": segment(12),
    "CR5": segment(18),
    "CR6": segment(21),
    "PWK": segment(9),
    "TOO": segment(3, composites=(3,)),
}


def _loops() -> dict[str, Piece]:
    loops = {
        "2000A": loop("transaction", "HL", "AAA", _3="20"),
        "2010A": loop("2000A", "NM1", *NAMED),
        "2000B": loop("2000A", "HL", "AAA", _3="21"),
        "2010B": loop("2000B", "NM1", *NAMED),
        "2000C": loop("2000B", "HL", "AAA", _3="22"),
        "2010C": loop("2000C", "NM1", *NAMED),
        "2000D": loop("2000B", "HL", "AAA", _3="23"),
        "2010D": loop("2000D", "NM1", *NAMED),
    }
    for parent, mark in (("2000C", SUBSCRIBER), ("2000D", DEPENDENT)):
        loops[f"2000E{mark}"] = loop(parent, "HL", *REVIEWED, _3="EV")
        loops[f"2010E{mark}"] = loop(f"2000E{mark}", "NM1", *NAMED)
        loops[f"2000F{mark}"] = loop(f"2000E{mark}", "HL", *REVIEWED, _3="SS")
        loops[f"2010F{mark}"] = loop(f"2000F{mark}", "NM1", *NAMED)
    return loops


EVENTS, SERVICES = ["2000E", "2000ED"], ["2000F", "2000FD"]
REVIEWS = [*EVENTS, *SERVICES]
PARTIES = ["2010E", "2010ED", "2010F", "2010FD"]
ABOVE = ["2000A", "2010A", "2000B", "2010B", "2000C", "2010C", "2000D", "2010D"]


def _service(segment_id: str, code: int, unit: int, **more: Piece) -> Piece:
    columns = {
        "qualifier": at(code, 1),
        "procedure": at(code, 2),
        **{f"modifier_{n}": at(code, n + 2) for n in range(1, 5)},
        "description": at(code, 7),
        "unit_kind": at(unit),
        "units": at(unit + 1),
        **more,
    }
    return {"loops": SERVICES, "segment": segment_id, "columns": columns}


TABLES: dict[str, Piece] = {
    "batches": {
        "loops": ["transaction"],
        "ref": "batch",
        "columns": {"purpose": of("BHT", 2), "reference": of("BHT", 3), "sent_on": of("BHT", 4)},
    },
    "payers": {
        "loops": ["2000A"],
        "ref": "payer",
        "columns": {"name": within("2010A", "NM1", 3), "id": within("2010A", "NM1", 9)},
    },
    "requesters": {
        "loops": ["2000B"],
        "ref": "requester",
        "columns": {
            "last": within("2010B", "NM1", 3),
            "first": within("2010B", "NM1", 4),
            "id_kind": within("2010B", "NM1", 8),
            "id": within("2010B", "NM1", 9),
        },
    },
    "members": {
        "loops": ["2000C", "2000D"],
        "ref": "member",
        "columns": {"number": of("HL", 1), "parent": of("HL", 2), "code": of("HL", 3)},
    },
    "persons": {
        "loops": ["2010C", "2010D"],
        "segment": "NM1",
        "columns": {"role": at(1), "last": at(3), "first": at(4), "id": at(9)},
    },
    "demographics": {"loops": ["2010C", "2010D"], "segment": "DMG", "columns": {"born_on": at(2), "sex": at(3)}},
    "events": {"loops": EVENTS, "ref": "event", "columns": {"number": of("HL", 1)}},
    "services": {"loops": SERVICES, "ref": "service", "columns": {"number": of("HL", 1)}},
    "professional": _service("SV1", 1, 3),
    "institutional": _service("SV2", 2, 4, revenue_code=at(1)),
    "traces": {"loops": REVIEWS, "segment": "TRN", "columns": {"kind": at(1), "number": at(2)}},
    "requests": {
        "loops": EVENTS,
        "segment": "UM",
        "columns": {"category": at(1), "certification": at(2), "service_type": at(3), "facility_code": at(4, 1)},
    },
    "decisions": {"loops": REVIEWS, "segment": "HCR", "columns": {"action": at(1), "number": at(2), "reason": at(3)}},
    "codes": {
        "loops": EVENTS,
        "segment": "HI",
        "repeat": {"from": 1, "step": 1},
        "columns": {
            "qualifier": {"group_element": 0, "component": 1},
            "code": {"group_element": 0, "component": 2},
        },
    },
    "quantities": {"loops": EVENTS, "segment": "HSD", "columns": {"kind": at(1), "quantity": at(2)}},
    "dates": {"loops": REVIEWS, "segment": "DTP", "columns": {"qualifier": at(1), "value": at(3)}},
    "refs": {"loops": REVIEWS, "segment": "REF", "columns": {"qualifier": at(1), "value": at(2)}},
    "messages": {"loops": REVIEWS, "segment": "MSG", "columns": {"text": at(1)}},
    "parties": {
        "loops": PARTIES,
        "segment": "NM1",
        "columns": {"role": at(1), "last": at(3), "first": at(4), "id_kind": at(8), "id": at(9)},
    },
    "rejections": {
        "loops": [*ABOVE, *REVIEWS, *PARTIES],
        "segment": "AAA",
        "columns": {"reason": at(3), "follow_up": at(4)},
    },
}


@cache
def spec() -> oxedi.Spec:
    """Build the grammar once."""
    return build("278", _loops(), SEGMENTS, TABLES)
