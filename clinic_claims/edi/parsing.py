"""Run the parser over a file under one of our grammars, and put what it finds amiss into plain sentences."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import oxedi

from .envelope import Interchange, interchanges, recognise
from .findings import Fault, NotRecognised
from .grammar import ENVELOPE
from .tables import Row, rows

MOST_FAULTS = 500
STRUCTURE = {
    "UnknownSegment": "this segment does not belong here; the file may be damaged",
    "ImplicitLoop": "a segment is missing before this one",
}
SEPARATOR = "is ISA16 really the separator the file uses inside elements?"
CLOSING = {"transaction": "SE", "group": "GE", "interchange": "IEA"}


class Named(NamedTuple):
    """What a fault is about: the loop it lies in, the table of such things, and the column with their number."""

    word: str
    loop: str
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tables of one transaction set (ST…SE) and what is wrong with them; `guide` is its ST03 or GS08."""

    tables: dict[str, list[Row]]
    guide: str = ""
    faults: list[Fault] = field(default_factory=list[Fault])
    warnings: list[Fault] = field(default_factory=list[Fault])


def parse(data: bytes, kinds: Iterable[str], spec: oxedi.Spec, named: Named | None = None) -> Iterator[Parsed]:
    """Yield one transaction set after the other. Never raises: a file that is none of `kinds` is a fault too."""
    wanted = list(kinds)
    try:
        kind = recognise(data)
        if kind not in wanted:
            raise NotRecognised(f"The kind of this file is {kind}; expected here: {' or '.join(wanted)}.")
        for part in interchanges(data):
            yield from _interchange(part, spec, named)
    except NotRecognised as refusal:
        yield Parsed({}, faults=[refusal.fault])


def capped(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Put faults in file order; of a hopeless file name the first ones and count the rest."""
    found = sorted(faults, key=lambda fault: (fault.segment is None, fault.segment))
    rest = len(found) - MOST_FAULTS
    return tuple(found) if rest <= 0 else (*found[:MOST_FAULTS], Fault(None, "", f"and {rest:,} more"))


def _interchange(part: Interchange, spec: oxedi.Spec, named: Named | None) -> Iterator[Parsed]:
    try:
        for batch in oxedi.stream(part.data, spec=spec):
            yield _parsed(part, batch, named)
    except oxedi.ParseError:
        message = "the header is damaged: the segments after it cannot be told apart"
        yield Parsed({}, faults=[Fault(part.before + 1, "ISA", message)])


def _parsed(part: Interchange, batch: oxedi.Batch, named: Named | None) -> Parsed:
    parsed = Parsed({name: rows(batch.tables[name], part.number) for name in batch.tables}, part.version)
    things = parsed.tables[named.table] if named else []
    starts = [row["segment"] for row in things]
    for finding in batch.diagnostics:
        if finding.kind == "ByteOrderMark":
            continue
        tag = "" if finding.segment is None else part.tag(finding.segment)
        number = None if finding.segment is None else part.before + finding.segment + 1
        place = bisect_right(starts, number) if named and number and f"/{named.loop}" in finding.path else 0
        about = f"{named.word} {things[place - 1][named.column]}: " if named and place else ""
        fault = Fault(number, tag, about + _sentence(finding, tag))
        (parsed.faults if _is_grave(finding, tag) else parsed.warnings).append(fault)
    return parsed


def _is_grave(finding: oxedi.Diagnostic, tag: str) -> bool:
    """Broken structure always is; of single elements only those our own grammar asks something of."""
    return finding.level == 1 or tag not in ENVELOPE


def _sentence(finding: oxedi.Diagnostic, tag: str) -> str:
    name = f"{tag}{finding.element or 0:02d}"
    if finding.kind in STRUCTURE:
        return STRUCTURE[finding.kind]
    if finding.kind == "UnterminatedLoop":
        closing = CLOSING.get(finding.path.split("/")[-1].split("#")[0], "its end")
        return f"{closing} is missing: the file is cut short, so download it again"
    if finding.kind == "RequiredElementMissing":
        return f"{name} has no code; {SEPARATOR}" if finding.component else f"{name} is missing"
    if finding.kind in {"TypeMismatch", "LengthOutOfRange"}:
        return f"{name} should be {_wanted(finding.rule)} but says {shown(finding.datum)}"
    return re.sub(r" (opened at|of) segment #\d+", "", finding.rule)


def _wanted(rule: str) -> str:
    if "valid R" in rule:
        return "a number"
    return "a date" if "valid DT" in rule else "of another length"


def shown(datum: bytes) -> str:
    """Quote what stands in place of a number or date, unless it may be someone's name."""
    text = datum.decode("latin-1")
    return f"“{text}”" if re.fullmatch(r"[\d.,+\-$ eE]{1,24}", text) else "something else"
