"""Read an 835 and say whether it may be posted: structure, sums, and a second count, with every fault together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import oxedi

from ..envelope import Interchange, interchanges, recognise
from ..findings import Fault, NotRecognised
from ..tables import Row, rows
from . import balance, referee
from .cuts import Cut, Piece, cuts
from .grammar import spec
from .records import EraFile, Remittance
from .shape import remittance_of
from .wording import Wording

MOST_FAULTS = 500
UNREAD = "this remittance could not be read"
MONEY = {"BPR", "CLP", "SVC", "CAS", "PLB"}


def read(data: bytes) -> EraFile:
    """Read a whole 835. Never raises, whatever the bytes: all that is wrong comes back as faults, with places."""
    parts = list(stream(data))
    return EraFile(
        tuple(remittance for part in parts for remittance in part.remittances),
        _capped(fault for part in parts for fault in part.faults),
        _capped(warning for part in parts for warning in part.warnings),
    )


def stream(data: bytes) -> Iterator[EraFile]:
    """Read one remittance (ST…SE) after the other, each with its own faults and warnings.

    The file may be posted only when no part of it has a fault.
    """
    return (_joined(list(each)) for each in remittances(data))


def remittances(data: bytes) -> Iterator["Told"]:
    """Give one remittance after the other, to be read some claims at a time; also what is wrong outside of them."""
    try:
        kind = recognise(data)
        if kind != "835":
            raise NotRecognised(f"This is a {kind} file, not an 835 remittance.")
        counts = referee.totals(data)
        for part in interchanges(data):
            yield from _interchange(part, counts)
        yield from (_only_fault(missed.segment, "ST", UNREAD) for missed in counts)
    except NotRecognised as refusal:
        yield Told([EraFile((), (refusal.fault,), ())])


class Told:
    """What a file says of one remittance: iterated, it gives some claims at a time, each time anew.

    Every part names the same remittance with other claims; the last one holds the provider adjustments, the faults of
    the payment as a whole and what two readings differ in.
    """

    def __init__(self, parts: Iterable[EraFile], *, has_reversals: bool = False) -> None:
        self.parts = parts
        self.has_reversals = has_reversals

    def __iter__(self) -> Iterator[EraFile]:
        return iter(self.parts)


@dataclass(frozen=True)
class _Pieces:
    """The pieces of one remittance, read when asked for."""

    cut: Cut
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    counted: referee.Totals | None

    def __iter__(self) -> Iterator[EraFile]:
        unreadable = {fault.segment for fault in self.faults if fault.segment and fault.tag in MONEY}
        faults, warnings, sums = [*self.faults], [*self.warnings], referee.Totals(0)
        ahead: Remittance | None = None
        for piece in self.cut.split():
            if ahead:
                yield EraFile((ahead,), tuple(faults), tuple(warnings))
                faults, warnings = [], []
            ahead, amiss = _read(piece, self.cut.part.version)
            if ahead is None:
                break
            faults += amiss
            unreadable |= {fault.segment for fault in amiss if fault.segment}
            faults += balance.of_claims(ahead, unreadable)
            warnings += balance.warnings(ahead)
            sums += balance.totals(ahead)
        if ahead is None:
            faults.append(Fault(self.cut.part.number(self.cut.start[1]), "ST", UNREAD))
            yield EraFile((), tuple(faults), tuple(warnings))
        else:
            faults += balance.of_payment(ahead, sums, unreadable)
            faults += _second_opinion(ahead, sums, self.counted)
            yield EraFile((ahead,), tuple(faults), tuple(warnings))


def _interchange(part: Interchange, counts: Iterator[referee.Totals]) -> Iterator[Told]:
    wording = Wording(part)
    try:
        checked = oxedi.stream(part.data, spec=spec(part.version, tables=False))
        for cut in cuts(part):
            batch = next(checked, None)
            faults, warnings = wording.sorted(batch.diagnostics if batch else ())
            pieces = _Pieces(cut, tuple(faults), _capped(warnings), next(counts, None))
            yield Told(pieces, has_reversals=cut.has_reversals)
        for batch in checked:
            faults, warnings = wording.sorted(batch.diagnostics)
            yield Told([EraFile((), tuple(faults), _capped(warnings))])
    except oxedi.ParseError:
        yield _only_fault(part.before + 1, "ISA", "the header is damaged: the segments after it cannot be told apart")


def _read(piece: Piece, version: str) -> tuple[Remittance | None, list[Fault]]:
    """Read a piece by the parser's tables; whatever else it says of a piece was heard of the whole."""
    read = oxedi.parse(piece.data, spec=spec(version, tables=True)).tables
    tables = {name: rows(read[name], piece.number) for name in read}
    kept_back = [row for row in tables["provider_adjustments"] if piece.holds(row["segment"])]
    tables["provider_adjustments"] = kept_back
    told = [remittance_of(row, tables) for row in tables["remittances"][:1]]
    return next(iter(told), None), list(_without_amount(kept_back))


def _joined(parts: list[EraFile]) -> EraFile:
    """Put the parts of a remittance together again."""
    told = [each for part in parts for each in part.remittances]
    whole = [replace(told[-1], claims=tuple(claim for each in told for claim in each.claims))] if told else []
    faults = (fault for part in parts for fault in part.faults)
    return EraFile(tuple(whole), tuple(faults), tuple(warning for part in parts for warning in part.warnings))


def _without_amount(adjustments: list[Row]) -> Iterator[Fault]:
    for row in adjustments:
        if row["amount"] is None:
            yield Fault(row["segment"], "PLB", f"the provider adjustment {row['reason']} has no amount")


def _second_opinion(remittance: Remittance, sums: referee.Totals, counted: referee.Totals | None) -> Iterator[Fault]:
    differences = sums.differences(counted or referee.Totals(0))
    if differences:
        said = "; ".join(differences)
        yield Fault(remittance.segment, "ST", f"payment {remittance.trace}: two independent readings differ: {said}")


def _only_fault(segment: int | None, tag: str, message: str) -> Told:
    return Told([EraFile((), (Fault(segment, tag, message),), ())])


def _capped(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Put faults in file order; of a hopeless file name the first ones and count the rest."""
    found = sorted(faults, key=lambda fault: (fault.segment is None, fault.segment))
    rest = len(found) - MOST_FAULTS
    return tuple(found) if rest <= 0 else (*found[:MOST_FAULTS], Fault(None, "", f"and {rest:,} more"))
