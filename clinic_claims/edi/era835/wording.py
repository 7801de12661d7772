"""Put the parser's findings into plain sentences, and tell the ones that refuse a file from mere warnings."""

import re
from bisect import bisect_right
from collections.abc import Iterable

import oxedi

from ..envelope import Interchange
from ..findings import Fault
from .records import ClaimPayment

AMOUNTS = {
    ("BPR", 2),
    *(("CLP", n) for n in (3, 4, 5)),
    *(("SVC", n) for n in (2, 3)),
    *(("CAS", n) for n in range(3, 20, 3)),
    *(("PLB", n) for n in range(4, 15, 2)),
}
NEEDED = AMOUNTS | {("CLP", 1), ("CLP", 2), ("SVC", 1), ("CAS", 1), *(("CAS", n) for n in range(2, 20, 3))}
STRUCTURE = {
    "UnknownSegment": "this segment does not belong here; the file may be damaged",
    "ImplicitLoop": "a segment is missing before this one (LX opens a group of claims)",
}
NO_PROCEDURE = "SVC01 has no procedure code, or ISA16 names another component separator than the file uses"
CLOSING = {"transaction": "SE", "group": "GE", "interchange": "IEA"}


class Wording:
    """Sentences for the findings of one remittance: knows the claims, so that a finding can name its claim."""

    def __init__(self, part: Interchange, claims: tuple[ClaimPayment, ...]) -> None:
        self.part = part
        self.claims = claims
        self.starts = [claim.segment for claim in claims]

    def sorted(self, findings: Iterable[oxedi.Diagnostic]) -> tuple[list[Fault], list[Fault]]:
        """Split findings into faults, which refuse the file, and warnings."""
        faults: list[Fault] = []
        warnings: list[Fault] = []
        for finding in findings:
            if finding.kind == "ByteOrderMark":
                continue
            tag = "" if finding.segment is None else self.part.tag(finding.segment)
            (faults if _is_grave(finding, tag) else warnings).append(self._fault(finding, tag))
        return faults, warnings

    def _fault(self, finding: oxedi.Diagnostic, tag: str) -> Fault:
        number = None if finding.segment is None else self.part.before + finding.segment + 1
        return Fault(number, tag, self._claim(finding, number) + _sentence(finding, tag))

    def _claim(self, finding: oxedi.Diagnostic, number: int | None) -> str:
        at = bisect_right(self.starts, number) if number and "2100#" in finding.path else 0
        return f"claim {self.claims[at - 1].claim_number}: " if at else ""


def _is_grave(finding: oxedi.Diagnostic, tag: str) -> bool:
    place = (tag, finding.element or 0)
    if finding.level == 1:
        return True
    if finding.kind == "RequiredElementMissing":
        return place in NEEDED
    return finding.kind in {"TypeMismatch", "LengthOutOfRange"} and place in AMOUNTS


def _sentence(finding: oxedi.Diagnostic, tag: str) -> str:
    name = f"{tag}{finding.element or 0:02d}"
    if finding.kind in STRUCTURE:
        return STRUCTURE[finding.kind]
    if finding.kind == "UnterminatedLoop":
        closing = CLOSING.get(finding.path.split("/")[-1].split("#")[0], "its end")
        return f"{closing} is missing: the file is cut short"
    if finding.kind == "RequiredElementMissing":
        return NO_PROCEDURE if name == "SVC01" else f"{name} is missing"
    if finding.kind in {"TypeMismatch", "LengthOutOfRange"} and (tag, finding.element) in AMOUNTS:
        return f"{name} should be an amount but says {_shown(finding.datum)}"
    return re.sub(r" opened at segment #\d+", "", finding.rule)


def _shown(datum: bytes) -> str:
    """Quote what stands in place of an amount, unless it may be someone's name."""
    text = datum.decode("latin-1")
    return f"“{text}”" if re.fullmatch(r"[\d.,+\-$ eE]{1,24}", text) else "something else"
