"""Read a 278 response and say whether it may be posted."""

from collections.abc import Iterator

from ..findings import Fault
from ..parsing import Parsed, capped, parse
from ..parts import undated
from .grammar import spec
from .records import EFFECTIVE, EVENT, EXPIRES, SERVICE, AuthFile, Review
from .shape import reviews_of

REQUEST, RESPONSE = "13", "11"


def read(data: bytes) -> AuthFile:
    """Read a whole 278. Never raises, whatever the bytes: all that is wrong comes back as faults, with places."""
    reviews: list[Review] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for part in parse(data, ("278",), spec()):
        faults += part.faults
        warnings += part.warnings
        if part.tables:
            found = reviews_of(part.tables)
            reviews += found
            faults += list(_purpose(part)) or _undecided(found, part)
            faults += undated(part.tables["dates"], EFFECTIVE, EXPIRES, SERVICE, EVENT)
    return AuthFile(tuple(reviews), capped(faults), capped(warnings))


def _purpose(part: Parsed) -> Iterator[Fault]:
    for row in part.tables["batches"]:
        if row["purpose"] == REQUEST:
            yield Fault(row["segment"] + 1, "BHT", "this is a request for review (BHT02 is 13), not a payer's answer")
        elif row["purpose"] and row["purpose"] != RESPONSE:
            yield Fault(row["segment"] + 1, "BHT", "BHT02 should be 11 (response)")


def _undecided(reviews: tuple[Review, ...], part: Parsed) -> Iterator[Fault]:
    """Yield a fault for each event, and each whole answer, that says neither yes nor no."""
    for review in reviews:
        decided = review.decision or any(service.decision for service in review.services)
        if not decided and not review.rejections and not any(service.rejections for service in review.services):
            yield Fault(review.segment, "HL", "the request has no decision (HCR) and no rejection (AAA)")
    if not reviews:
        for row in part.tables["batches"]:
            yield Fault(row["segment"], "ST", "the answer has no decision (HCR) and no rejection (AAA)")
