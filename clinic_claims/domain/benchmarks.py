"""Published figures beside which the clinic's own are shown."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from .payer_classes import Confidence


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One [[benchmark]] of rules/benchmarks.toml; `value` is in the measure's own unit: percent, days or dollars."""

    id: str
    measure: str
    says: str
    value: str
    year: int
    kind: Literal["published", "target"]
    source: str
    confidence: Confidence

    @property
    def number(self) -> Decimal:
        """The value as a number."""
        return Decimal(self.value)


def faults(rows: Iterable[Benchmark], measures: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield id and sentence for each row whose measure is unknown or whose value is no number."""
    for row in rows:
        if row.measure not in measures:
            yield row.id, f"there is no measure {row.measure}"
        try:
            _ = row.number
        except InvalidOperation:
            yield row.id, f"value {row.value!r} is no number"
