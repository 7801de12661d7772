"""Ranges that move with the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.domain.spans import SPANS, days_of

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("month", date(2026, 11, 1), TODAY),
        ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("quarter", date(2026, 10, 1), TODAY),
        ("last_quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("year", date(2026, 1, 1), TODAY),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
        ("90_days", date(2026, 8, 25), TODAY),
        ("12_months", date(2025, 11, 23), TODAY),
    ],
)
def test_the_days_of_a_range(span, first, last):
    assert days_of(span, TODAY) == (first, last)


@pytest.mark.parametrize(("span", "first"), [("last_month", date(2025, 12, 1)), ("last_quarter", date(2025, 10, 1))])
def test_what_lies_before_january_is_of_the_year_before(span, first):
    assert days_of(span, date(2026, 1, 3)) == (first, date(2025, 12, 31))


@given(st.sampled_from(["month", "quarter", "year"]), st.dates(date(1950, 1, 1), date(2150, 12, 31)))
def test_the_last_range_ends_where_this_one_begins(span, today):
    first, last = days_of(span, today)
    before, ended = days_of(f"last_{span}", today)
    assert before < ended < first <= last == today
    assert ended + timedelta(1) == first
    assert days_of(span, ended) == (before, ended)


def test_a_range_that_is_not_known_is_an_error():
    assert all(days_of(span, TODAY) for span in SPANS)
    with pytest.raises(KeyError):
        days_of("whim", TODAY)
