"""Read an 837 and say whether it may be posted: structure, the sum of every claim, and what its lines point to."""

from collections.abc import Iterator

from ..findings import Fault
from ..parsing import Named, Parsed, capped, parse
from ..parts import undated
from ..tables import Row
from .grammar import spec
from .records import STATEMENT, Claim, ClaimFile
from .shape import SERVICE, claims_of, pointers

NAMED = Named("claim", "2300", "claims", "claim_number")


def read(data: bytes) -> ClaimFile:
    """Read a whole 837. Never raises, whatever the bytes: all that is wrong comes back as faults, with places."""
    claims: list[Claim] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for part in parse(data, ("837P", "837I"), spec(), NAMED):
        faults += part.faults
        warnings += part.warnings
        if part.tables:
            found = claims_of(part.tables, part.guide)
            claims += found
            faults += [*_incomplete(found, part), *_unbalanced(found, part.faults)]
            faults += undated(part.tables["dates"], SERVICE, STATEMENT)
            warnings += _doubts(found, part)
    return ClaimFile(tuple(claims), capped(faults), capped(warnings))


def _incomplete(claims: tuple[Claim, ...], part: Parsed) -> Iterator[Fault]:
    """Yield a fault for each claim without a patient and a subscriber, and each line (LX) without a service."""
    services = _services(part)
    for claim in claims:
        for who, person in (("subscriber", claim.subscriber), ("patient", claim.patient)):
            if not person.last:
                yield Fault(claim.segment, "CLM", f"claim {claim.claim_number}: its {who} is not named above it")
        for line in claim.lines:
            if line.segment not in services:
                yield Fault(line.segment, "LX", f"claim {claim.claim_number}: line {line.number} has no SV1 or SV2")


def _unbalanced(claims: tuple[Claim, ...], faults: list[Fault]) -> Iterator[Fault]:
    """Yield a fault for each claim whose lines do not add up to its charge; unreadable amounts are faults already."""
    unreadable = {fault.segment for fault in faults if fault.tag in {"CLM", "SV1", "SV2"}}
    for claim in claims:
        charged = sum(line.charged for line in claim.lines)
        extent = range(claim.segment, claim.lines[-1].segment + 2 if claim.lines else claim.segment + 1)
        if charged != claim.charged and unreadable.isdisjoint(extent):
            said = f"its lines charge {charged:.2f} but CLM02 says {claim.charged:.2f}"
            yield Fault(claim.segment, "CLM", f"claim {claim.claim_number}: {said}")


def _doubts(claims: tuple[Claim, ...], part: Parsed) -> Iterator[Fault]:
    """Yield a warning for each pointer to a diagnosis the claim has not."""
    services = _services(part)
    for claim in claims:
        known = len(claim.diagnoses)
        for line in claim.lines:
            if any(not 0 < number <= known for number in pointers(services.get(line.segment, {}))):
                said = f"line {line.number} points to a diagnosis that is not on the claim, which has {known}"
                yield Fault(line.segment, "LX", f"claim {claim.claim_number}: {said}")


def _services(part: Parsed) -> dict[int, Row]:
    """Find the service (SV1, SV2) of each line by the segment of its LX."""
    found = {row["line"]: row for row in (*part.tables["professional"], *part.tables["institutional"])}
    return {row["segment"]: found[row["row"]] for row in part.tables["lines"] if row["row"] in found}
