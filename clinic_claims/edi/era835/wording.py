"""Put the parser's findings into plain sentences, and tell the ones that refuse a file from mere warnings."""

import re
from collections.abc import Iterable

import oxedi

from ..envelope import BLANK, Interchange, tag_of
from ..findings import Fault
from ..tables import text_of

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
    """Sentences for the findings of one interchange, in file order: knows each segment and the claim it belongs to.

    It walks the bytes along with the findings, so that nothing of a large file is kept.
    """

    def __init__(self, part: Interchange) -> None:
        self.part = part
        self.index = self.at = 0
        self.claim = ""

    def sorted(self, findings: Iterable[oxedi.Diagnostic]) -> tuple[list[Fault], list[Fault]]:
        """Split findings into faults, which refuse the file, and warnings."""
        faults: list[Fault] = []
        warnings: list[Fault] = []
        for finding in findings:
            if finding.kind == "ByteOrderMark":
                continue
            tag = "" if finding.segment is None else tag_of(self._frame(finding.segment))
            (faults if _is_grave(finding, tag) else warnings).append(self._fault(finding, tag))
        return faults, warnings

    def _fault(self, finding: oxedi.Diagnostic, tag: str) -> Fault:
        number = None if finding.segment is None else self.part.number(finding.segment)
        about = f"claim {self.claim}: " if self.claim and number and "2100#" in finding.path else ""
        return Fault(number, tag, about + _sentence(finding, tag))

    def _frame(self, index: int) -> bytes:
        """Go to the segment of a 0-based index; from the start again where a finding looks back."""
        data, mark = self.part.data, self.part.terminator
        if index < self.index:
            self.index, self.at, self.claim = 0, 0, ""
        while True:
            stop = data.find(mark, self.at)
            frame = data[self.at : stop if stop >= 0 else len(data)].strip(BLANK)
            self._note_claim(frame)
            if self.index == index or stop < 0:
                return frame if self.index == index else b""
            self.index, self.at = self.index + 1, stop + 1

    def _note_claim(self, frame: bytes) -> None:
        if frame.startswith((b"CLP", b"ST")):
            fields = frame.split(self.part.element)
            self.claim = text_of(fields[1]) if fields[0] == b"CLP" and len(fields) > 1 else ""


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
        return f"{closing} is missing: the file is cut short, so download it again"
    if finding.kind == "RequiredElementMissing":
        return NO_PROCEDURE if name == "SVC01" else f"{name} is missing"
    if finding.kind in {"TypeMismatch", "LengthOutOfRange"} and (tag, finding.element) in AMOUNTS:
        return f"{name} should be an amount but says {_shown(finding.datum)}"
    return re.sub(r" opened at segment #\d+", "", finding.rule)


def _shown(datum: bytes) -> str:
    """Quote what stands in place of an amount, unless it may be someone's name."""
    text = datum.decode("latin-1")
    return f"“{text}”" if re.fullmatch(r"[\d.,+\-$ eE]{1,24}", text) else "something else"
