"""Adding lengths of time to days and moments, and saying dates."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic_claims.calendars import federal_holiday
from clinic_claims.domain.business_days import add_business_days, is_business_day, on_or_after, on_or_before
from clinic_claims.domain.counting import Length, add, day_of, spoken, spoken_with_closure

NEW_YORK = ZoneInfo("America/New_York")


def test_a_holiday_and_a_weekend_are_closed():
    assert is_business_day(date(2026, 7, 2), federal_holiday)
    assert on_or_before(date(2026, 7, 5), federal_holiday) == date(2026, 7, 2)  # the 4th is kept on Friday the 3rd
    assert on_or_after(date(2026, 7, 3), federal_holiday) == date(2026, 7, 6)


def test_business_days_start_the_day_after():
    assert add_business_days(date(2026, 7, 2), 2, federal_holiday) == date(2026, 7, 7)
    assert add_business_days(date(2026, 3, 7), 1, federal_holiday) == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("start", "length", "month_end", "end"),
    [
        (date(2026, 3, 10), Length(months=4), "clamp", date(2026, 7, 10)),
        (date(2025, 10, 30), Length(months=4), "clamp", date(2026, 2, 28)),
        (date(2025, 10, 30), Length(months=4), "first_of_next", date(2026, 3, 1)),
        (date(2023, 10, 29), Length(months=4), "first_of_next", date(2024, 2, 29)),
        (date(2026, 8, 31), Length(months=6), "first_of_next", date(2027, 3, 1)),
        (date(2026, 8, 31), Length(months=4), "clamp", date(2026, 12, 31)),
        (date(2024, 2, 29), Length(years=1), "clamp", date(2025, 2, 28)),
        (date(2024, 2, 28), Length(days=2), "clamp", date(2024, 3, 1)),
        (date(2025, 2, 28), Length(days=2), "clamp", date(2025, 3, 2)),
    ],
)
def test_months_and_years_are_calendar_ones(start, length, month_end, end):
    assert add(start, length, federal_holiday, month_end) == end


def test_hours_are_absolute_across_a_change_of_clocks():
    start = datetime(2026, 3, 7, 12, 0, tzinfo=NEW_YORK)
    assert add(start, Length(hours=24), federal_holiday) == datetime(2026, 3, 8, 13, 0, tzinfo=NEW_YORK)


def test_hours_from_a_bare_day_are_whole_days():
    assert add(date(2026, 3, 2), Length(hours=72), federal_holiday) == date(2026, 3, 5)


def test_hours_need_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        add(datetime(2026, 3, 2, 9, 0), Length(hours=72), federal_holiday)  # noqa: DTZ001


def test_a_moment_keeps_the_day_of_its_own_time_zone():
    late = datetime(2026, 3, 2, 23, 30, tzinfo=NEW_YORK)
    assert late.astimezone(UTC).date() == date(2026, 3, 3)
    assert day_of(late) == date(2026, 3, 2)
    assert add(late, Length(days=7), federal_holiday) == date(2026, 3, 9)


@pytest.mark.parametrize("units", [{}, {"days": 0}, {"days": -1}, {"days": 3, "months": 1}])
def test_a_length_has_exactly_one_unit(units):
    with pytest.raises(ValueError, match="exactly one unit"):
        Length(**units)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (Length(days=120), "120 days"),
        (Length(days=1), "1 day"),
        (Length(months=4), "4 calendar months"),
        (Length(years=1), "1 calendar year"),
        (Length(business_days=2), "2 business days"),
    ],
)
def test_a_length_is_said_in_words(length, words):
    assert str(length) == words


def test_dates_are_said_as_people_read_them():
    assert spoken(date(2026, 1, 5)) == "Jan 5, 2026"
    assert spoken(datetime(2026, 1, 5, 16, 30, tzinfo=NEW_YORK)) == "Jan 5, 2026 at 16:30"
    assert spoken_with_closure(date(2026, 5, 10), federal_holiday) == "May 10, 2026 (a Sunday)"
    assert spoken_with_closure(date(2026, 5, 25), federal_holiday) == "May 25, 2026 (a federal holiday)"
    assert spoken_with_closure(date(2026, 5, 26), lambda day: False) == "May 26, 2026"
