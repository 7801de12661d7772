"""How sure a figure is: the interval of a share, and the middle and the slow end of a stretch of days."""

from collections.abc import Mapping
from decimal import Decimal
from math import ceil, floor, sqrt

Z = 1.959964  # standard normal quantile of a 95 % interval
SMALL = 30
"""Below so many cases a figure is said to rest on few."""


def percent(part: float | Decimal, whole: float | Decimal) -> Decimal | None:
    """Return a share in percent, to a tenth; None of nothing."""
    return (Decimal(str(part)) * 100 / Decimal(str(whole))).quantize(Decimal("0.1")) if whole else None


def wilson(part: float, whole: float) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share, both ends between 0 and 1; 0 to 1 when nothing was counted."""
    if whole <= 0:
        return 0.0, 1.0
    share = part / whole
    middle = share + Z * Z / (2 * whole)
    reach = Z * sqrt(share * (1 - share) / whole + Z * Z / (4 * whole * whole))
    scale = 1 + Z * Z / whole
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def at_rank(tally: Mapping[int, int], rank: int) -> int:
    """Return the value at a rank (1 is the smallest) of values tallied as value: how often."""
    passed = 0
    for value in sorted(tally):
        passed += tally[value]
        if passed >= rank:
            return value
    raise IndexError(f"rank {rank} of {passed}")


def median(tally: Mapping[int, int]) -> float | None:
    """Return the middle value, or the mean of the two in the middle; None when nothing was counted."""
    n = sum(tally.values())
    return (at_rank(tally, (n + 1) // 2) + at_rank(tally, n // 2 + 1)) / 2 if n else None


def median_interval(tally: Mapping[int, int]) -> tuple[float, float] | None:
    """Return values between which the true median lies, 95 % sure, by ranks; None when nothing was counted."""
    n = sum(tally.values())
    reach = Z * sqrt(n) / 2
    if not n:
        return None
    return at_rank(tally, max(1, floor(n / 2 - reach))), at_rank(tally, min(n, ceil(n / 2 + 1 + reach)))


def percentile(tally: Mapping[int, int], percent: int) -> int | None:
    """Return the value that so many percent lie at or below, by nearest rank; None when nothing was counted."""
    n = sum(tally.values())
    return at_rank(tally, max(1, ceil(n * percent / 100))) if n else None
