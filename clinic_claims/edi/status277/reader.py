"""Read a 277CA or a 277 and say whether it may be posted."""

from collections.abc import Iterator

from ..findings import Fault
from ..parsing import Named, capped, parse
from ..parts import undated
from .grammar import spec
from .records import StatusFile, StatusReport
from .shape import SERVICE, reports_of

NAMED = Named("claim", "2200", "claim_reports", "trace")


def read(data: bytes) -> StatusFile:
    """Read a whole 277. Never raises, whatever the bytes: all that is wrong comes back as faults, with places."""
    reports: list[StatusReport] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for part in parse(data, ("277CA", "277"), spec(), NAMED):
        faults += part.faults
        warnings += part.warnings
        if part.tables:
            found = reports_of(part.tables, part.guide)
            reports += found
            faults += [*_silent(found), *undated(part.tables["claim_dates"], SERVICE)]
    return StatusFile(tuple(reports), capped(faults), capped(warnings))


def _silent(reports: tuple[StatusReport, ...]) -> Iterator[Fault]:
    """Yield a fault for each claim traced of which nothing is said; providers are often traced for their name alone."""
    for report in reports:
        if report.level == "claim" and not report.statuses and not any(line.statuses for line in report.lines):
            yield Fault(report.segment, "TRN", f"claim {report.trace}: no status (STC) follows")
