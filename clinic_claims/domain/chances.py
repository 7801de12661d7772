"""The chance of winning a denial: the clinic's own history, drawn towards a published figure while it is short."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .intervals import SMALL, wilson
from .payer_classes import Confidence

PAYER_WEIGHT = 6  # own cases with other payers count for at most so many with this one


@dataclass(frozen=True, kw_only=True)
class Prior:
    """One [[prior]] of rules/priors.toml: published decisions for a treatment and some reasons.

    `weight` is how many own cases it counts for. Without `categories` it stands in for every other reason.
    """

    id: str
    treatment: str
    categories: tuple[str, ...]
    overturned: int
    decided: int
    weight: int
    label: str
    limits: str
    years: str
    source: str
    confidence: Confidence

    @property
    def share(self) -> float:
        """The share that was overturned."""
        return self.overturned / self.decided


@dataclass(frozen=True)
class Tally:
    """Own denials of one kind that were decided, and how many of them were won wholly or in part."""

    won: int = 0
    decided: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.won + other.won, self.decided + other.decided)


Kind = tuple[str, str, str]
"""Category, treatment, payer."""


@dataclass(frozen=True)
class History:
    """The clinic's own results by kind, and the published figures to start from."""

    own: Mapping[Kind, Tally] = field(default_factory=dict)
    priors: Mapping[str, Prior] = field(default_factory=dict)


@dataclass(frozen=True)
class Chance:
    """A share between 0 and 1 with its 95 % interval; `n` own decided cases stand behind it, `words` say which."""

    value: float
    low: float
    high: float
    n: int
    words: str


CERTAIN = Chance(1.0, 1.0, 1.0, 0, "Nothing was refused: the whole amount counts.")


def worth(cents: int, value: float, minutes: int) -> int:
    """Return the cents an hour of work is expected to bring: the amount, times the chance, by the time it takes."""
    return round(cents * value * 60 / minutes)


def prior_for(priors: Iterable[Prior], category: str, treatment: str) -> Prior | None:
    """Return the published figure for a reason, else the one that stands in for it; None for a treatment without."""
    rows = [row for row in priors if row.treatment == treatment]
    return next((row for row in rows if category in row.categories), next((r for r in rows if not r.categories), None))


def faults(rows: Iterable[Prior], categories: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield id and sentence for each row that names an unknown reason or counts that cannot be."""
    for row in rows:
        for name in set(row.categories) - set(categories):
            yield row.id, f"there is no category {name}"
        if not (0 <= row.overturned <= row.decided and row.decided > 0 and row.weight > 0):
            yield row.id, "overturned, decided and weight do not add up"


def chance(category: str, treatment: str, payer: str, history: History) -> Chance:
    """Estimate the chance: published figure, then own cases with other payers, then own cases with this one."""
    start = prior_for(history.priors.values(), category, treatment)
    here = history.own.get((category, treatment, payer), Tally())
    others = _others(history.own, category, treatment, payer)
    weight = start.weight if start else 2
    share = start.share if start else 0.5
    elsewhere = (others.won + weight * share) / (others.decided + weight)
    held = min(weight + others.decided, max(weight, PAYER_WEIGHT))
    won, decided = here.won + held * elsewhere, here.decided + held
    low, high = wilson(won, decided)
    return Chance(won / decided, low, high, here.decided + others.decided, _words(here, others, start, payer))


def _others(own: Mapping[Kind, Tally], category: str, treatment: str, payer: str) -> Tally:
    found = [tally for kind, tally in own.items() if kind[:2] == (category, treatment) and kind[2] != payer]
    return sum(found, Tally())


def _words(here: Tally, others: Tally, start: Prior | None, payer: str) -> str:
    return " ".join(_sentences(here, others, start, payer))


def _sentences(here: Tally, others: Tally, start: Prior | None, payer: str) -> Iterator[str]:
    """Say what the figure rests on, the nearest evidence first."""
    if here.decided:
        yield f"{here.won} of {here.decided} such denials by {payer} were won."
    if others.decided:
        yield f"With other payers: {others.won} of {others.decided}."
    n = here.decided + others.decided
    if not n:
        yield "No such case has been decided here yet."
    elif n < SMALL:
        yield f"Only {n} own case{'s' if n > 1 else ''} so far: the range is wide."
    if start:
        yield f"Starts from {start.overturned} of {start.decided} outside reviews, {start.years}: {start.label}."
        yield start.limits
