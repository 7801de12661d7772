"""Check the whole rulebook: what it holds, which examples fail, which sources were not read for a year."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ..calendars import federal_holiday
from ..domain import clock_checks, denial_checks, drug_units
from ..rulebook import Rulebook


@dataclass(frozen=True, kw_only=True)
class Found:
    """The outcome. A stale row still stands and is only named; a fault must be mended."""

    rules: int
    examples: int
    citations: int
    printable: int
    stale: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Sum it up in a line."""
        return (
            f"{self.rules} rules, {self.examples} examples, {self.citations} citations "
            f"({self.printable} verified for print): {len(self.faults)} faults, {len(self.stale)} stale."
        )

    def to_json(self) -> dict[str, Any]:
        """Give counts and sentences as plain JSON values."""
        shown = asdict(self)
        return shown | {"stale": list(self.stale), "faults": list(self.faults)}


def check(book: Rulebook, today: date) -> Found:
    """Run every example of a rulebook that loaded; a faulty file is refused before, by the loader."""
    citations = book.letters.citations.values()
    return Found(
        rules=_rules(book),
        examples=_examples(book),
        citations=len(citations),
        printable=sum(citation.printable for citation in citations),
        stale=tuple(f"{name}: {why}" for name, why in _stale(book, today)),
        faults=tuple(_failing(book)),
    )


def _failing(book: Rulebook) -> Iterable[str]:
    yield from (f"{rule}: {why}" for rule, why in clock_checks.failing_examples(book.clocks, federal_holiday))
    yield from denial_checks.failing_examples(book.denial_codes)
    yield from drug_units.failing_examples(book.codes)


def _stale(book: Rulebook, today: date) -> Iterable[tuple[str, str]]:
    yield from clock_checks.stale(book.clocks, today)
    for policy in book.policies.values():
        if why := clock_checks.staleness(policy.read_on, policy.in_force_to or date.max, today):
            yield policy.id, why


def _rules(book: Rulebook) -> int:
    codes, letters = book.denial_codes, book.letters
    tables = (book.clocks.rules, codes.carcs, codes.rarcs, codes.combinations, book.denial_routes, book.protections)
    return sum(map(len, (*tables, book.policies, letters.arguments, letters.hooks)))


def _examples(book: Rulebook) -> int:
    clocks = sum(len(rule.example) for rule in book.clocks.rules.values())
    combinations = sum(len(row.examples) for row in book.denial_codes.combinations.values())
    return clocks + combinations + len(book.codes.wastage_examples)
