"""What holds for every rule of the book on any day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic_claims import rulebook
from clinic_claims.calendars import federal_holiday
from clinic_claims.domain.business_days import is_business_day
from clinic_claims.domain.clock_rules import FALLBACK
from clinic_claims.domain.counting import Length, add
from clinic_claims.domain.reckoning import evaluate
from clinic_claims.services.deeds import Deed

RULES = [rule for rule in rulebook.load().clocks.rules.values() if rule.length]
LATEST = [rule for rule in RULES if not rule.not_before]
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
GAPS = st.integers(0, 40)


@st.composite
def cases(draw, rules=RULES):
    """A rule with dates it can start from: a notice dated, then perhaps sent, then perhaps received."""
    rule = draw(st.sampled_from(rules))
    day = draw(DAYS)
    if rule.starts not in FALLBACK and rule.starts != "notice_dated":
        return rule, {rule.starts: day}
    dates = {"notice_dated": day}
    for name in ("notice_sent", "notice_received"):
        if draw(st.booleans()):
            dates[name] = max(dates.values()) + timedelta(days=draw(GAPS))
    return rule, dates


@given(cases(LATEST), st.one_of(st.none(), DAYS))
def test_staff_act_on_a_business_day_no_later_than_the_law_or_the_notice_allows(case, printed):
    rule, dates = case
    found = evaluate(rule, dates, federal_holiday, printed=printed)
    assert found.legal
    assert found.act_by
    assert found.act_by <= found.legal
    assert is_business_day(found.act_by, federal_holiday)
    assert printed is None or found.act_by <= printed


@given(cases([rule for rule in LATEST if rule.presumed_receipt_days]), GAPS)
def test_receipt_never_moves_the_day_staff_act_by_past_the_notice_date_plus_the_length(case, gap):
    rule, dates = case
    found = evaluate(rule, dates, federal_holiday)
    assert found.act_by is not None
    assert found.act_by <= add(dates["notice_dated"], rule.length, federal_holiday, rule.month_end)


@given(cases(), st.integers(1, 500))
def test_a_later_notice_never_ends_earlier(case, shift):
    rule, dates = case
    later = {name: day + timedelta(days=shift) for name, day in dates.items()}
    first, second = evaluate(rule, dates, federal_holiday), evaluate(rule, later, federal_holiday)
    assert first.legal is not None
    assert second.legal is not None
    assert first.legal <= second.legal


@given(cases([rule for rule in RULES if rule.not_before]))
def test_a_first_day_is_never_brought_forward(case):
    rule, dates = case
    found = evaluate(rule, dates, federal_holiday)
    assert found.legal is not None
    assert found.act_by is not None
    assert found.act_by >= found.legal
    assert is_business_day(found.act_by, federal_holiday)


@given(cases(), DAYS)
def test_the_printed_day_never_changes_the_legal_one(case, printed):
    rule, dates = case
    assert evaluate(rule, dates, federal_holiday, printed=printed).legal == evaluate(rule, dates, federal_holiday).legal


@given(DAYS, st.integers(1, 36))
def test_months_keep_the_day_or_clamp_or_move_as_the_rule_says(day, months):
    clamped = add(day, Length(months=months), federal_holiday)
    moved = add(day, Length(months=months), federal_holiday, "first_of_next")
    assert (clamped.year * 12 + clamped.month) - (day.year * 12 + day.month) == months
    if clamped.day == day.day:
        assert moved == clamped
    else:
        assert moved.day == 1
        assert moved - clamped == timedelta(days=1)


@given(DAYS, st.integers(1, 60))
def test_business_days_number_what_was_asked(day, count):
    end = add(day, Length(business_days=count), federal_holiday)
    between = (day + timedelta(days=n) for n in range(1, (end - day).days + 1))
    assert sum(is_business_day(each, federal_holiday) for each in between) == count
    assert is_business_day(end, federal_holiday)


@given(DAYS)
def test_a_year_from_a_leap_day_ends_on_february_28(day):
    assume(not (day.month == 2 and day.day == 29))
    end = add(day, Length(years=1), federal_holiday)
    assert (end.month, end.day) == (day.month, day.day)


@pytest.mark.parametrize("year", [2016, 2020, 2024, 2028, 2032])
def test_leap_days_clamp(year):
    assert add(date(year, 2, 29), Length(years=1), federal_holiday) == date(year + 1, 2, 28)
    assert add(date(year, 2, 29), Length(years=4), federal_holiday) == date(year + 4, 2, 29)


ZONES = st.sampled_from(["UTC", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Asia/Tokyo"])
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31), timezones=ZONES.map(ZoneInfo))  # noqa: DTZ001 (hypothesis adds the zone)


@given(MOMENTS, st.integers(1, 200))
def test_hours_are_counted_in_absolute_time_and_named_by_the_clocks_own_day(moment, hours):
    end = add(moment, Length(hours=hours), federal_holiday)
    assert isinstance(end, datetime)
    assert end.astimezone(UTC) - moment.astimezone(UTC) == timedelta(hours=hours)
    assert end.tzinfo == moment.tzinfo


@given(MOMENTS, st.integers(1, 400))
def test_a_moment_near_midnight_counts_days_from_its_own_calendar_day(moment, days):
    assert add(moment, Length(days=days), federal_holiday) == moment.date() + timedelta(days=days)


@given(cases([rule for rule in RULES if not rule.length.hours]), st.times(), ZONES)
def test_neither_the_hour_nor_the_zone_of_an_anchor_moves_a_clock_of_days(case, hour, zone):
    rule, dates = case
    stamped = {name: datetime.combine(day, hour, ZoneInfo(zone)) for name, day in dates.items()}
    found, plain = evaluate(rule, stamped, federal_holiday), evaluate(rule, dates, federal_holiday)
    assert (found.legal, found.act_by) == (plain.legal, plain.act_by)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 21, 4, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 5, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 7, 1, 3, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_the_clinics_day_turns_at_its_own_midnight(moment, day):
    assert Deed(actor="D. Park", at=moment, book=rulebook.load()).today == day
