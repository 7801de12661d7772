"""Read an 835 and say whether it may be posted: structure, sums, and a second count, with every fault together."""

from collections.abc import Iterable, Iterator

import oxedi

from ..envelope import Interchange, interchanges, recognise
from ..findings import Fault, NotRecognised
from ..tables import Row, rows
from . import balance, referee
from .grammar import spec
from .records import EraFile, Remittance
from .shape import remittance_of
from .wording import Wording

MOST_FAULTS = 500
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
    try:
        kind = recognise(data)
        if kind != "835":
            raise NotRecognised(f"This is a {kind} file, not an 835 remittance.")
        counts = referee.totals(data)
        for part in interchanges(data):
            yield from _interchange(part, counts)
        yield from (_only_fault(missed.segment, "ST", "this remittance could not be read") for missed in counts)
    except NotRecognised as refusal:
        yield EraFile((), (refusal.fault,), ())


def _interchange(part: Interchange, counts: Iterator[referee.Totals]) -> Iterator[EraFile]:
    try:
        for batch in oxedi.stream(part.data, spec=spec(part.version)):
            yield _batch(part, batch, counts)
    except oxedi.ParseError:
        yield _only_fault(part.before + 1, "ISA", "the header is damaged: the segments after it cannot be told apart")


def _batch(part: Interchange, batch: oxedi.Batch, counts: Iterator[referee.Totals]) -> EraFile:
    tables = {name: rows(batch.tables[name], part.before) for name in batch.tables}
    found = tuple(remittance_of(row, tables) for row in tables["remittances"])
    wording = Wording(part, tuple(claim for remittance in found for claim in remittance.claims))
    faults, warnings = wording.sorted(batch.diagnostics)
    faults += _without_amount(tables["provider_adjustments"])
    unreadable = {fault.segment for fault in faults if fault.segment and fault.tag in MONEY}
    for remittance in found:
        faults += balance.faults(remittance, unreadable)
        faults += _second_opinion(remittance, next(counts, None))
        warnings += balance.warnings(remittance)
    return EraFile(found, tuple(faults), tuple(warnings))


def _without_amount(adjustments: list[Row]) -> Iterator[Fault]:
    for row in adjustments:
        if row["amount"] is None:
            yield Fault(row["segment"], "PLB", f"the provider adjustment {row['reason']} has no amount")


def _second_opinion(remittance: Remittance, counted: referee.Totals | None) -> Iterator[Fault]:
    differences = balance.totals(remittance).differences(counted or referee.Totals(0))
    if differences:
        said = "; ".join(differences)
        yield Fault(remittance.segment, "ST", f"payment {remittance.trace}: two independent readings differ: {said}")


def _only_fault(segment: int | None, tag: str, message: str) -> EraFile:
    return EraFile((), (Fault(segment, tag, message),), ())


def _capped(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Put faults in file order; of a hopeless file name the first ones and count the rest."""
    found = sorted(faults, key=lambda fault: (fault.segment is None, fault.segment))
    rest = len(found) - MOST_FAULTS
    return tuple(found) if rest <= 0 else (*found[:MOST_FAULTS], Fault(None, "", f"and {rest:,} more"))
