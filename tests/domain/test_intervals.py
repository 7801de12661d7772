"""Intervals against figures of the textbooks, and against plain counting."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.domain.intervals import median, median_interval, percentile, wilson

TALLIES = st.dictionaries(st.integers(0, 400), st.integers(1, 5), min_size=1, max_size=30)


def spread(tally):
    return sorted(value for value, count in tally.items() for _ in range(count))


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(8, 10, 0.490, 0.943), (0, 10, 0.0, 0.278), (52, 88, 0.487, 0.688), (1, 1, 0.207, 1.0)],
)
def test_wilson_gives_the_known_ends(part, whole, low, high):
    assert wilson(part, whole) == (pytest.approx(low, abs=0.001), pytest.approx(high, abs=0.001))


def test_nothing_counted_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)
    assert (median({}), median_interval({}), percentile({}, 90)) == (None, None, None)


@given(st.integers(1, 500), st.data())
def test_the_share_lies_within_its_interval(whole, data):
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-9
    assert part / whole - 1e-9 <= high <= 1


@given(TALLIES)
def test_median_and_percentile_agree_with_the_values_laid_out(tally):
    values = spread(tally)
    assert median(tally) == statistics.median(values)
    share = sum(value <= percentile(tally, 90) for value in values) / len(values)
    below = sum(value < percentile(tally, 90) for value in values) / len(values)
    assert below < 0.9 <= share
    low, high = median_interval(tally)
    assert low <= median(tally) <= high
