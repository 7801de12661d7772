"""How much of what a payer refused has come after all: reckoned from the money, so that no dollar counts twice.

A dollar paid on a line belongs to the newest denial of that line that was on record before it came; money taken back
leaves the denial that had it. What came before a denial was never refused by it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Money:
    """Dollars that stand on a claim at one time: by line, those of no line, and those kept back from checks."""

    lines: Mapping[int, Decimal]
    whole: Decimal = ZERO
    withheld: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A denial, the dollars refused, the lines they stand on (none: the whole claim), and what had come before it."""

    denial: int
    amount: Decimal
    lines: frozenset[int]
    before: Money


def won(refusals: Iterable[Refusal], now: Money) -> dict[int, Decimal]:
    """Return the dollars that each denial has won back, never more than it refused."""
    left, whole, withheld = dict(now.lines), now.whole, now.withheld
    found: dict[int, Decimal] = {}
    for refusal in sorted(refusals, key=lambda each: each.denial, reverse=True):
        own, before = refusal.lines or frozenset(left), refusal.before
        came = sum((max(left.get(line, ZERO) - before.lines.get(line, ZERO), ZERO) for line in own), ZERO)
        gross = max(came + whole - before.whole, ZERO)
        net = max(gross - max(withheld - before.withheld, ZERO), ZERO)
        found[refusal.denial] = min(net, refusal.amount)
        left |= {line: min(left.get(line, ZERO), before.lines.get(line, ZERO)) for line in own}
        whole, withheld = min(whole, before.whole), withheld - (gross - net)
    return found


def superseded(refusal: frozenset[int], newer: Iterable[frozenset[int]]) -> bool:
    """Tell from their lines whether a newer denial disputes the dollars of an older one."""
    return any(not lines or not refusal or lines & refusal for lines in newer)
