"""Which elements of a 277 we read, as tables for the parser; 277CA (X214) and 277 (X212) differ only in qualifiers."""

from functools import cache

import oxedi

from ..grammar import Piece, at, build, loop, of, segment, within

NAMED = ("NM1", "N3", "N4", "PER", "REF", "DMG")
PATIENT_LEVELS = {"D": "22", "P": "PT", "E": "23"}  # subscriber, patient
CODE_PARTS = ((1, "category"), (2, "status"), (3, "entity"))
SEGMENTS = {
    "BHT": segment(6, days=(4,)),
    "HL": segment(4, needed=(3,)),
    "NM1": segment(12, needed=(1,)),
    "TRN": segment(4, needed=(2,)),
    "STC": segment(12, needed=(1,), coded=(1, 10, 11), days=(2, 6, 8), amounts=(4, 5)),
    "REF": segment(4, composites=(4,)),
    "DTP": segment(3),
    "QTY": segment(4),
    "AMT": segment(3),
    "DMG": segment(11),
    "SVC": segment(7, needed=(1, 2), coded=(1,), composites=(6,), amounts=(2, 3), counts=(7,)),
    "N3": segment(2),
    "N4": segment(7),
    "PER": segment(9),
}


def _loops() -> dict[str, Piece]:
    loops = {
        "2000A": loop("transaction", "HL", _3="20"),
        "2100A": loop("2000A", "NM1", *NAMED),
        "2200A": loop("2000A", "TRN", "STC", "REF", "DTP"),
        "2000B": loop("2000A", "HL", _3="21"),
        "2100B": loop("2000B", "NM1", *NAMED),
        "2200B": loop("2000B", "TRN", "STC", "REF", "DTP", "QTY", "AMT"),
        "2000C": loop("2000B", "HL", _3="19"),
        "2100C": loop("2000C", "NM1", *NAMED),
        "2200C": loop("2000C", "TRN", "STC", "REF", "DTP", "QTY", "AMT"),
    }
    for mark, code in PATIENT_LEVELS.items():
        loops[f"2000{mark}"] = loop("2000C", "HL", "DMG", _3=code)
        loops[f"2100{mark}"] = loop(f"2000{mark}", "NM1", *NAMED)
        loops[f"2200{mark}"] = loop(f"2000{mark}", "TRN", "STC", "REF", "DTP", "QTY", "AMT")
        loops[f"2220{mark}"] = loop(f"2200{mark}", "SVC", "STC", "REF", "DTP")
    return loops


def _all(number: str) -> list[str]:
    return [number + mark for mark in PATIENT_LEVELS]


CLAIMS, LINES = _all("2200"), _all("2220")


def _said(level: str, reports: list[str], lines: list[str]) -> dict[str, Piece]:
    """Read what is said of the things traced at one level, and of their lines."""
    loops = [*reports, *lines]
    return {
        f"{level}_reports": {"loops": reports, "ref": f"{level}_report", "columns": {"trace": of("TRN", 2)}},
        f"{level}_statuses": {
            "loops": loops,
            "segment": "STC",
            "columns": {
                **{f"{name}_{n}": at(n, part) for n in (1, 10, 11) for part, name in CODE_PARTS},
                "effective_on": at(2),
                "action": at(3),
                "charged": at(4),
                "paid": at(5),
                "adjudicated_on": at(6),
                "payment_on": at(8),
                "payment_number": at(9),
                "message": at(12),
            },
        },
        f"{level}_refs": {"loops": loops, "segment": "REF", "columns": {"qualifier": at(1), "value": at(2)}},
        f"{level}_dates": {"loops": loops, "segment": "DTP", "columns": {"qualifier": at(1), "value": at(3)}},
    }


TABLES: dict[str, Piece] = {
    "batches": {"loops": ["transaction"], "ref": "batch", "columns": {"produced_on": of("BHT", 4)}},
    "payers": {
        "loops": ["2000A"],
        "ref": "payer",
        "columns": {"name": within("2100A", "NM1", 3), "id": within("2100A", "NM1", 9)},
    },
    "receivers": {"loops": ["2000B"], "ref": "receiver", "columns": {"name": within("2100B", "NM1", 3)}},
    "providers": {
        "loops": ["2000C"],
        "ref": "provider",
        "columns": {
            "last": within("2100C", "NM1", 3),
            "first": within("2100C", "NM1", 4),
            "id_kind": within("2100C", "NM1", 8),
            "id": within("2100C", "NM1", 9),
        },
    },
    "patients": {
        "loops": _all("2000"),
        "ref": "patient",
        "columns": {"code": of("HL", 3)},
    },
    "persons": {
        "loops": _all("2100"),
        "segment": "NM1",
        "columns": {"role": at(1), "last": at(3), "first": at(4), "id": at(9)},
    },
    "demographics": {"loops": _all("2000"), "segment": "DMG", "columns": {"born_on": at(2), "sex": at(3)}},
    "lines": {
        "loops": LINES,
        "ref": "line",
        "columns": {
            "qualifier": of("SVC", 1, 1),
            "procedure": of("SVC", 1, 2),
            **{f"modifier_{n}": of("SVC", 1, n + 2) for n in range(1, 5)},
            "charged": of("SVC", 2),
            "paid": of("SVC", 3),
            "revenue_code": of("SVC", 4),
            "units": of("SVC", 7),
        },
    },
    **_said("receiver", ["2200B"], []),
    **_said("provider", ["2200C"], []),
    **_said("claim", CLAIMS, LINES),
}


@cache
def spec() -> oxedi.Spec:
    """Build the grammar once."""
    return build("277", _loops(), SEGMENTS, TABLES)
