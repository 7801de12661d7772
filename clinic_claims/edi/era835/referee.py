"""A second, independent reading of an 835 that only counts and adds.

It shares no code with the reader, not even the splitting into segments: it works from the raw bytes, so that a mistake
in the reader or in its parser shows as two different sums instead of a wrong balance on a patient's account.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

BLANK = b" \t\r\n\x00\x1a"
COUNTED = (b"ISA", b"ST", b"SE", b"BPR", b"CLP", b"SVC", b"CAS", b"PLB")
UNCOUNTED = [""]
FIRST = ord("I")
HEADER = re.compile(rb"I[\r\n]*S[\r\n]*A")
ZERO = Decimal(0)
AMOUNT = re.compile(r"-?(\d+\.?\d*|\.\d+)")
NAMES = {
    "amount": "payment amount",
    "charged": "charges",
    "paid": "paid",
    "patient_responsibility": "patient responsibility",
    "line_charged": "charges of the lines",
    "line_paid": "paid on the lines",
    "adjusted": "sum of adjustments",
    "provider_adjustments": "provider adjustments",
    "provider_adjusted": "sum of provider adjustments",
}


@dataclass
class Totals:
    """Counts and sums of one remittance (ST…SE)."""

    segment: int
    amount: Decimal = Decimal(0)
    claims: int = 0
    charged: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    patient_responsibility: Decimal = Decimal(0)
    lines: int = 0
    line_charged: Decimal = Decimal(0)
    line_paid: Decimal = Decimal(0)
    adjustments: int = 0
    adjusted: Decimal = Decimal(0)
    provider_adjustments: int = 0
    provider_adjusted: Decimal = Decimal(0)

    def __iadd__(self, other: "Totals") -> "Totals":
        """Add the sums of a part; the amount of the payment is said in every part and stays."""
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.segment, self.amount = other.segment, other.amount
        return self

    def differences(self, other: "Totals") -> list[str]:
        """Name every figure in which two readings differ: "claims 3 and 4"."""
        return [
            f"{NAMES.get(field.name, field.name)} {getattr(self, field.name)} and {getattr(other, field.name)}"
            for field in fields(self)
            if field.name != "segment" and getattr(self, field.name) != getattr(other, field.name)
        ]


SUMMED = [each.name for each in fields(Totals) if each.name not in ("segment", "amount")]


def totals(data: bytes) -> Iterator[Totals]:
    """Add up each remittance of a file, in file order. Never raises: what it cannot read it counts as zero."""
    current: Totals | None = None
    for number, segment in enumerate(_segments(data), start=1):
        tag = segment[0]
        if tag in {"ST", "SE", "ISA"} and current:
            yield current
            current = None
        if tag == "ST" and _element(segment, 1) == "835":
            current = Totals(number)
        elif current:
            _count(current, segment)
    if current:
        yield current


def _count(sums: Totals, segment: list[str]) -> None:
    match segment[0]:
        case "BPR":
            sums.amount += _amount(segment, 2)
        case "CLP":
            sums.claims += 1
            sums.charged += _amount(segment, 3)
            sums.paid += _amount(segment, 4)
            sums.patient_responsibility += _amount(segment, 5)
        case "SVC":
            sums.lines += 1
            sums.line_charged += _amount(segment, 2)
            sums.line_paid += _amount(segment, 3)
        case "CAS":
            amounts = _repeated(segment, start=2, step=3)
            sums.adjustments += len(amounts)
            sums.adjusted += sum(amounts)
        case "PLB":
            amounts = _repeated(segment, start=3, step=2)
            sums.provider_adjustments += len(amounts)
            sums.provider_adjusted += sum(amounts)
        case _:
            pass


def _repeated(segment: list[str], start: int, step: int) -> list[Decimal]:
    """Read code-and-amount groups; a group with neither does not count."""
    groups = range(start, len(segment), step)
    return [_amount(segment, at + 1) for at in groups if _element(segment, at) or _element(segment, at + 1)]


def _segments(data: bytes) -> Iterator[list[str]]:
    """Split by the separators of the ISA header last seen; empty segments keep their number, and what is not
    counted is not cut up."""
    at, length = len(data) - len(data.removeprefix(b"\xef\xbb\xbf").lstrip(BLANK)), len(data)
    element, end = "*", b"~"
    while at < length:
        while data[at] in BLANK and data[at : at + 1] != end and at + 1 < length:
            at += 1
        if data[at] == FIRST and HEADER.match(data, at):
            element, end = _declared(data, at)
        stop = data.find(end, at) if end else -1
        stop = length if stop < 0 else stop
        clean = data[at:stop].translate(None, b"\r\n").strip(BLANK)
        at = stop + 1
        if clean or at < length:
            yield clean.decode("latin-1").split(element) if clean.startswith(COUNTED) else UNCOUNTED


def _declared(data: bytes, at: int) -> tuple[str, bytes]:
    """Find the element separator after ISA, and the terminator two characters after its sixteenth."""
    begin = data.index(b"A", at) + 1
    element = data[begin : begin + 1].strip(b"\r\n") or b"*"
    place = begin - 1
    for _ in range(16):
        place = data.find(element, place + 1)
        if place < 0:
            return element.decode("latin-1"), b"~"
    return element.decode("latin-1"), data[place + 2 : place + 3] or b"~"


def _amount(segment: list[str], number: int) -> Decimal:
    text = _element(segment, number)
    return Decimal(text) if AMOUNT.fullmatch(text) else ZERO


def _element(segment: list[str], number: int) -> str:
    return segment[number].strip() if number < len(segment) else ""
