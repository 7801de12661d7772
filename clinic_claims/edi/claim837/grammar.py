"""Which elements of an 837 we read, professional and institutional alike, as tables for the parser.

Subscriber and dependent stand side by side under the billing provider, because claims may follow either; `shape` finds
the subscriber of a dependent by its number (HL02).
"""

from functools import cache

import oxedi

from ..grammar import Piece, at, build, loop, of, segment, within

NAMED = ("NM1", "N2", "N3", "N4", "PER", "REF", "DMG", "PRV")
OF_A_CLAIM = (
    *("DTP", "CL1", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CR3", "CR5", "CR6", "CR7", "CR8"),
    *("CRC", "HI", "HCP", "QTY", "HSD", "DN1", "DN2", "UR"),
)
OF_A_LINE = (
    *("SV1", "SV2", "SV4", "SV5", "PWK", "CR1", "CR2", "CR3", "CR5", "CRC", "DTP", "QTY", "MEA", "CN1", "REF", "AMT"),
    *("K3", "NTE", "PS1", "HSD", "HCP", "IMM"),
)
SUBSCRIBER, DEPENDENT = "", "C"


def _levels() -> dict[str, Piece]:
    return {
        "1000": loop("transaction", "NM1", *NAMED),
        "2000A": loop("transaction", "HL", "PRV", "CUR", _3="20"),
        "2010AA": loop("2000A", "NM1", *NAMED, _1="85"),
        "2010AB": loop("2000A", "NM1", *NAMED),
        "2000B": loop("2000A", "HL", "SBR", "PAT", "DTP", _3="22"),
        "2010B": loop("2000B", "NM1", *NAMED),
        "2000C": loop("2000A", "HL", "PAT", "DTP", _3="23"),
        "2010C": loop("2000C", "NM1", *NAMED),
    }


def _claim_loops(parent: str, mark: str) -> dict[str, Piece]:
    claim, line = f"2300{mark}", f"2400{mark}"
    return {
        claim: loop(parent, "CLM", *OF_A_CLAIM),
        f"2310{mark}": loop(claim, "NM1", *NAMED),
        f"2320{mark}": loop(claim, "SBR", "CAS", "AMT", "DMG", "OI", "MIA", "MOA"),
        f"2330{mark}": loop(f"2320{mark}", "NM1", *NAMED, "DTP"),
        line: loop(claim, "LX", *OF_A_LINE),
        f"2410{mark}": loop(line, "LIN", "CTP", "REF"),
        f"2420{mark}": loop(line, "NM1", *NAMED),
        f"2430{mark}": loop(line, "SVD", "CAS", "DTP", "AMT"),
        f"2440{mark}": loop(line, "LQ", "FRM"),
    }


SEGMENTS = {
    "BHT": segment(6, days=(4,)),
    "HL": segment(4, needed=(3,)),
    "NM1": segment(12, needed=(1,)),
    "DMG": segment(11),
    "REF": segment(4, composites=(4,)),
    "SBR": segment(9),
    "PAT": segment(9),
    "CLM": segment(20, needed=(1, 2), composites=(5, 11), amounts=(2,)),
    "DTP": segment(3),
    "HI": segment(12, coded=tuple(range(1, 13))),
    "LX": segment(2),
    "SV1": segment(21, needed=(1, 2), coded=(1,), composites=(7,), amounts=(2,), counts=(4,)),
    "SV2": segment(10, needed=(3,), coded=(2,), amounts=(3, 7), counts=(5,)),
    "LIN": segment(31),
    "CTP": segment(11, composites=(5,), counts=(4,)),
    "CUR": segment(21),
    "N2": segment(2),
    "N3": segment(2),
    "N4": segment(7),
    "PER": segment(9),
    "PRV": segment(6),
    "CL1": segment(4),
    "PWK": segment(9),
    "CN1": segment(6),
    "AMT": segment(3),
    "K3": segment(3),
    "NTE": segment(2),
    "CRC": segment(7),
    "QTY": segment(4),
    "CAS": segment(19),
    "OI": segment(6),
    "MIA": segment(24),
    "MOA": segment(9),
    "SVD": segment(6, composites=(3,)),
    "LQ": segment(2),
    "FRM": segment(5),
    "MEA": segment(12),
    "PS1": segment(3),
    "HSD": segment(8),
    "HCP": segment(15),
    "IMM": segment(5, composites=(1,)),
    "UR": segment(3),
    "DN1": segment(4),
    "DN2": segment(6),
    "SV4": segment(18, composites=(3,)),
    "SV5": segment(7, composites=(1,)),
    **{f"CR{number}": segment(29) for number in (1, 2, 3, 5, 6, 7, 8)},
}


def _both(number: str) -> list[str]:
    return [number + SUBSCRIBER, number + DEPENDENT]


TABLES: dict[str, Piece] = {
    "batches": {
        "loops": ["transaction"],
        "ref": "batch",
        "columns": {
            "control_number": of("ST", 2),
            "reference": of("BHT", 3),
            "sent_on": of("BHT", 4),
            "submitter": within("1000", "NM1", 3, _1="41"),
            "submitter_id": within("1000", "NM1", 9, _1="41"),
        },
    },
    "providers": {
        "loops": ["2000A"],
        "ref": "provider",
        "columns": {
            "last": within("2010AA", "NM1", 3),
            "first": within("2010AA", "NM1", 4),
            "id_kind": within("2010AA", "NM1", 8),
            "id": within("2010AA", "NM1", 9),
            "employer_id": within("2010AA", "REF", 2, _1="EI"),
            "social_security": within("2010AA", "REF", 2, _1="SY"),
        },
    },
    "levels": {
        "loops": ["2000B", "2000C"],
        "ref": "level",
        "columns": {"number": of("HL", 1), "parent": of("HL", 2), "code": of("HL", 3)},
    },
    "insurances": {
        "loops": ["2000B"],
        "segment": "SBR",
        "columns": {"order": at(1), "relationship": at(2), "group_number": at(3), "filing_code": at(9)},
    },
    "relationships": {"loops": ["2000C"], "segment": "PAT", "columns": {"code": at(1)}},
    "persons": {
        "loops": ["2010B", "2010C"],
        "segment": "NM1",
        "columns": {"role": at(1), "last": at(3), "first": at(4), "id": at(9)},
    },
    "demographics": {"loops": ["2010B", "2010C"], "segment": "DMG", "columns": {"born_on": at(2), "sex": at(3)}},
    "claims": {
        "loops": _both("2300"),
        "ref": "claim",
        "columns": {
            "claim_number": of("CLM", 1),
            "charged": of("CLM", 2),
            "facility_code": of("CLM", 5, 1),
            "frequency": of("CLM", 5, 3),
            "provider_signature": of("CLM", 6),
            "accepts_assignment": of("CLM", 7),
            "benefits_assigned": of("CLM", 8),
            "release_of_information": of("CLM", 9),
        },
    },
    "lines": {
        "loops": _both("2400"),
        "ref": "line",
        "columns": {"number": of("LX", 1)},
    },
    "professional": {
        "loops": _both("2400"),
        "segment": "SV1",
        "columns": {
            "qualifier": at(1, 1),
            "procedure": at(1, 2),
            **{f"modifier_{n}": at(1, n + 2) for n in range(1, 5)},
            "description": at(1, 7),
            "charged": at(2),
            "unit_kind": at(3),
            "units": at(4),
            "place_of_service": at(5),
            **{f"pointer_{n}": at(7, n) for n in range(1, 5)},
        },
    },
    "institutional": {
        "loops": _both("2400"),
        "segment": "SV2",
        "columns": {
            "revenue_code": at(1),
            "qualifier": at(2, 1),
            "procedure": at(2, 2),
            **{f"modifier_{n}": at(2, n + 2) for n in range(1, 5)},
            "description": at(2, 7),
            "charged": at(3),
            "unit_kind": at(4),
            "units": at(5),
        },
    },
    "parties": {
        "loops": [*_both("2310"), *_both("2420")],
        "segment": "NM1",
        "columns": {"role": at(1), "last": at(3), "first": at(4), "id_kind": at(8), "id": at(9)},
    },
    "codes": {
        "loops": _both("2300"),
        "segment": "HI",
        "repeat": {"from": 1, "step": 1},
        "columns": {
            "qualifier": {"group_element": 0, "component": 1},
            "code": {"group_element": 0, "component": 2},
        },
    },
    "refs": {
        "loops": [*_both("2300"), *_both("2400")],
        "segment": "REF",
        "columns": {"qualifier": at(1), "value": at(2)},
    },
    "dates": {
        "loops": [*_both("2300"), *_both("2400")],
        "segment": "DTP",
        "columns": {"qualifier": at(1), "format": at(2), "value": at(3)},
    },
    "drugs": {"loops": _both("2410"), "segment": "LIN", "columns": {"kind": at(2), "code": at(3)}},
    "drug_amounts": {"loops": _both("2410"), "segment": "CTP", "columns": {"units": at(4), "unit_kind": at(5, 1)}},
}


@cache
def spec() -> oxedi.Spec:
    """Build the grammar once: the guides of 4010 and 5010 put what we read in the same places."""
    loops = {**_levels(), **_claim_loops("2000B", SUBSCRIBER), **_claim_loops("2000C", DEPENDENT)}
    return build("837", loops, SEGMENTS, TABLES)
