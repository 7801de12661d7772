"""Sort the adjustments of a remittance line: written down, the patient's, or refused, and by which codes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from ..domain import denials as codes
from ..domain.denials import Reading
from ..edi.era835 import Adjustment, ClaimPayment, LinePayment
from ..models import ServiceLine
from ..rulebook import Rulebook
from . import strokes

ZERO = Decimal(0)
WRITTEN_DOWN = ("contractual", "information")
REMARK_QUALIFIERS = ("HE", "MIA", "MOA", "")


@dataclass
class Refusal:
    """Dollars refused for one set of codes, with the service lines they fall on."""

    group: str
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]
    reading: Reading
    amount: Decimal = ZERO
    lines: list[tuple[ServiceLine, Decimal]] = field(default_factory=list)


@dataclass
class Sorted:
    """What one claim payment's adjustments come to, in dollars."""

    written_down: Decimal = ZERO
    patient: Decimal = ZERO
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def denials(self) -> list[Refusal]:
        """Those that are denials of any money; rejections and records requests are not."""
        return [refusal for refusal in self.refusals if refusal.reading.is_denial and refusal.amount > 0]

    def asks_for(self, kind: str) -> bool:
        """Say whether every refusal is of that kind (rejection, records_request)."""
        return bool(self.refusals) and all(refusal.reading.kind == kind for refusal in self.refusals)


@dataclass(frozen=True)
class _Known:
    """What every line of a claim payment is read with: the codes, CLP02, and whether an approval was on file."""

    codes: codes.DenialCodes
    status: str
    approved: bool


def read(known: codes.DenialCodes, group: str, carcs: Sequence[str], rarcs: Sequence[str], **more: Any) -> Reading:
    """Read a set of codes by the rulebook; the same few sets come again and again in a file."""
    told = group, tuple(carcs), tuple(rarcs)
    return strokes.once(("codes", *told, *more.items()), lambda: codes.read(known, *told, **more))


def sort(payment: ClaimPayment, matched: Mapping[int, ServiceLine], book: Rulebook, *, approved: bool) -> Sorted:
    """Sort every adjustment of a claim and its lines. `matched` gives our line for a line's segment number."""
    found = Sorted()
    known = _Known(book.denial_codes, payment.status, approved)
    for adjustments, rarcs, line in _sets(payment, matched):
        for group, members in groupby(sorted(adjustments, key=lambda a: a.group), key=lambda a: a.group):
            _add(found, group, list(members), rarcs, line, known)
    if payment.status == "4" and not found.refusals and payment.paid <= 0:
        left = payment.charged - found.written_down - found.patient
        found.refusals.append(Refusal("", (), (), codes.read(book.denial_codes, "", ()), left))
    return found


def _sets(
    payment: ClaimPayment, matched: Mapping[int, ServiceLine]
) -> Iterator[tuple[Iterable[Adjustment], tuple[str, ...], ServiceLine | None]]:
    whole = tuple(remark.code for remark in payment.remarks)
    yield payment.adjustments, whole, None
    for line in payment.lines:
        yield line.adjustments, remarks_of(line) or whole, matched.get(line.segment)


def remarks_of(line: LinePayment) -> tuple[str, ...]:
    """Return the RARCs of a line."""
    return tuple([remark.code for remark in line.remarks if remark.qualifier in REMARK_QUALIFIERS])


def _add(
    found: Sorted,
    group: str,
    members: list[Adjustment],
    rarcs: tuple[str, ...],
    line: ServiceLine | None,
    known: "_Known",
) -> None:
    refused: list[Adjustment] = []
    for adjustment in members:
        kind = read(known.codes, group, (adjustment.carc,), rarcs).kind
        if kind in WRITTEN_DOWN:
            found.written_down += adjustment.amount
        elif kind == "patient_responsibility":
            found.patient += adjustment.amount
        else:
            refused.append(adjustment)
    if refused:
        carcs = tuple(dict.fromkeys(adjustment.carc for adjustment in refused))
        told = {"claim_status": known.status, "approved_before": known.approved}
        reading = read(known.codes, group, carcs, rarcs, **told)
        _merge(found, Refusal(group, carcs, rarcs, reading), sum((a.amount for a in refused), ZERO), line)


def _merge(found: Sorted, fresh: Refusal, amount: Decimal, line: ServiceLine | None) -> None:
    """One denial holds all lines that the same codes refuse."""
    same = (r for r in found.refusals if (r.group, r.carcs, r.rarcs) == (fresh.group, fresh.carcs, fresh.rarcs))
    refusal = next(same, None)
    if refusal is None:
        found.refusals.append(refusal := fresh)
    refusal.amount += amount
    if line is not None:
        refusal.lines.append((line, amount))
