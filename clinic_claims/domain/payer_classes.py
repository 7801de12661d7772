"""Classes of payer, the ladder of appeals each one has, and who may climb it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Confidence = Literal["verified", "partly_verified", "recalled"]


@dataclass(frozen=True, kw_only=True)
class PayerClass:
    """One [[payer_class]] of rules/payer_classes.toml. `also` holds other names it answers to."""

    id: str
    name: str
    recognise: str
    standing: str
    law: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Level:
    """One [[level]]: a step of a payer class's ladder. Texts are words for staff; the days are counted by rules.

    `network` says to whom the step is open for a claim: a clinic in the payer's network or outside; empty for both.
    Not every plan of the class has an `optional` one.
    `letter` names the kind of letter filed at this step, where it is not an appeal. `threshold` names the yearly
    amount in controversy that must be reached; `least_amount` is a fixed one (USD).
    """

    payer_class: str
    level: str
    name: str
    decides: str
    file_within: str
    decision: str = ""
    expedited: str = ""
    filed_on: str = ""
    form: str = ""
    network: Literal["", "in", "out"] = ""
    optional: bool = False
    letter: str = ""
    next: str = ""
    threshold: Literal["", "hearing", "court"] = ""
    least_amount: Decimal | None = None
    traps: tuple[str, ...] = ()
    recalled_parts: str = ""
    citation: str
    source: str
    confidence: Confidence
    checked: date | None = None

    @property
    def id(self) -> str:
        """Name the step by class and level: medicare_ffs/1."""
        return f"{self.payer_class}/{self.level}"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """One [[amount]]: what must be in controversy (USD) for a request filed in that calendar year."""

    year: int
    hearing: Decimal
    court: Decimal
    citation: str
    source: str
    confidence: Confidence


def ladder(levels: Iterable[Level], payer_class: str) -> tuple[Level, ...]:
    """Return the steps of one payer class, in the order of the rule file."""
    return tuple(step for step in levels if step.payer_class == payer_class)


def amount_in_controversy(step: Level, year: int, amounts: Iterable[Amount]) -> Decimal | str | None:
    """Return the USD a request of that year must reach, None where there is no threshold, or why it is not known."""
    if not step.threshold:
        return step.least_amount
    for amount in amounts:
        if amount.year == year:
            return amount.hearing if step.threshold == "hearing" else amount.court
    return f"The amount in controversy for {year} is not on file: look up the year's Federal Register notice."
