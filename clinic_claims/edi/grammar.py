"""Grammars for the parser, written small: loops and segments of one guide, and the columns we read from them.

Only what we rely on is marked as needed, an amount or a date; all else passes as text. So whatever the parser finds
amiss under such a grammar touches something we would post.
"""

import json
from collections.abc import Mapping
from typing import Any

import oxedi

Piece = dict[str, Any]
ENVELOPE = ("ISA", "TA1", "GS", "ST", "SE", "GE", "IEA")
LONGEST = 1_000


def of(segment: str, element: int, component: int = 0, **where: str) -> Piece:
    """Point at a segment of the row's own loop; `_1="QC"` asks for the one whose first element is QC."""
    column: Piece = {"segment": segment, "element": element}
    if component:
        column["component"] = component
    if where:
        column["where"] = _where(where)
    return column


def at(element: int, component: int = 0) -> Piece:
    """Point at an element of the row's own segment."""
    return {"element": element, "component": component} if component else {"element": element}


def within(loop: str, segment: str, element: int, component: int = 0, **where: str) -> Piece:
    """Point at a segment of a loop inside the row's own, or around it."""
    return {"loop": loop, **of(segment, element, component, **where)}


def loop(parent: str, trigger: str, *others: str, **where: str) -> Piece:
    """Describe a loop: the segment that opens it (`_3="22"` asks for an element) and those that may follow."""
    tags = [trigger, *(tag for tag in others if tag != trigger)]
    return {
        "parent": parent,
        "trigger": {"segment": trigger, "where": _where(where)} if where else {"segment": trigger},
        "occurrences": {
            f"{tag.lower()}_{place}": {"segment": tag, "pos": 100 if place == 0 else 200, "usage": "situational"}
            for place, tag in enumerate(tags)
        },
        "usage": "situational",
    }


def segment(
    length: int,
    needed: tuple[int, ...] = (),
    composites: tuple[int, ...] = (),
    coded: tuple[int, ...] = (),
    amounts: tuple[int, ...] = (),
    counts: tuple[int, ...] = (),
    days: tuple[int, ...] = (),
) -> Piece:
    """Describe a segment by its elements: amounts are in cents, counts have four decimals, days are CCYYMMDD.

    `coded` ones are composites of which the first two components, a qualifier and a code, are needed.
    """
    kinds = {number: _number(2) for number in amounts} | {number: _number(4) for number in counts}
    kinds |= {number: {"type": "DT"} for number in days}
    kinds |= {number: {"composite": _components(needed=0)} for number in composites}
    kinds |= {number: {"composite": _components(needed=2)} for number in coded}
    elements = {str(number): _text(number) | kinds.get(number, {}) for number in range(1, length + 1)}
    for number in needed:
        elements[str(number)]["required"] = True
    return {"elements": elements}


def build(
    name: str, loops: Mapping[str, Piece], segments: Mapping[str, Piece], tables: Mapping[str, Piece]
) -> oxedi.Spec:
    """Put a grammar together around the envelope that all X12 files share."""
    known = json.loads(oxedi.Spec.builtin().to_json())
    envelope = {part: known["loops"][part] for part in ("interchange", "group", "transaction")}
    opening = loop("group", "ST", *(tag for tag in ("BHT", "REF") if tag in segments))
    envelope["transaction"]["occurrences"] = opening["occurrences"]
    spec = {
        "name": name,
        "version": known["version"],
        "loops": {**envelope, **loops},
        "segments": {**{tag: _any_code(known["segments"][tag]) for tag in ENVELOPE}, **segments},
        "tables": tables,
    }
    return oxedi.Spec.from_json(json.dumps(spec))


def _where(where: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix("_"): value for key, value in where.items()}


def _text(number: int) -> Piece:
    return {"name": f"element_{number}", "type": "AN", "min": 1, "max": LONGEST}


def _components(needed: int) -> Piece:
    return {str(part): _text(part) | {"required": part <= needed} for part in range(1, 15)}


def _number(scale: int) -> Piece:
    return {"type": "R", "scale": scale, "max": 18}


def _any_code(known: Piece) -> Piece:
    """Let every code pass: the envelope of an 835 asks for 835 and HP."""
    elements = {
        number: {key: value for key, value in element.items() if key != "codes"}
        for number, element in known["elements"].items()
    }
    return {"elements": elements}
