"""The ledger always balances, and the next visit is told what it runs into."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.calendars import federal_holiday
from clinic_claims.domain.authorizations import Booking, Grant, ledger, renewal_due, timeline, troubles
from clinic_claims.rulebook import load

CLOCKS = load().clocks
DAY = date(2026, 10, 20)
CODES = ("64612", "J0585", "95874")


def line(last=date(2026, 7, 14), start=date(2026, 10, 6), end=date(2027, 1, 6)):
    return timeline(CLOCKS, last_injection=last, valid_from=start, valid_to=end, closed=federal_holiday)


GRANTS = st.lists(
    st.builds(
        Grant,
        code=st.sampled_from(CODES),
        requested=st.integers(0, 1000),
        approved=st.none() | st.integers(0, 1000),
        visits=st.none() | st.integers(1, 6),
    ),
    unique_by=lambda grant: grant.code,
)
UNITS = st.integers(0, 500)
BOOKINGS = st.lists(
    st.builds(
        Booking,
        code=st.sampled_from(CODES),
        day=st.just(DAY),
        visit=st.sampled_from(("a", "b", "c", "d")),
        reserved=UNITS,
        used=UNITS,
        wasted=UNITS,
    )
)


@given(GRANTS, BOOKINGS)
def test_the_ledger_always_balances_and_is_never_below_zero_without_a_flag(grants, bookings):
    entries = ledger(grants, bookings)
    for balance in (each for entry in entries for each in (entry.units, entry.visits) if each):
        assert balance.approved == balance.reserved + balance.used + balance.wasted + balance.left
        assert (balance.left < 0) == bool(balance.flag)
        assert sum(share for _, share in balance.shares) == pytest.approx(1 if balance.approved or balance.left else 0)
        assert all(0 <= share <= 1 for _, share in balance.shares)
    booked = sum(each.reserved + each.used + each.wasted for each in bookings)
    assert booked == sum(entry.units.reserved + entry.units.used + entry.units.wasted for entry in entries)


def test_units_and_cycles_of_an_approval_of_four_sessions():
    grant = Grant(code="J0585", requested=400, approved=400, visits=4)
    done = Booking(code="J0585", day=DAY, visit="1", used=30, wasted=70)
    ahead = Booking(code="J0585", day=DAY + timedelta(days=84), visit="2", reserved=100)
    (entry,) = ledger([grant], [done, ahead])
    assert (entry.units.used, entry.units.wasted, entry.units.reserved, entry.units.left) == (30, 70, 100, 200)
    assert entry.visits is not None
    assert (entry.visits.used, entry.visits.reserved, entry.visits.left, entry.cycles_left) == (1, 1, 2, 2)


def test_a_code_that_nobody_approved_is_flagged():
    (entry,) = ledger([], [Booking(code="J0588", day=DAY, visit="1", used=50)])
    assert entry.units.flag == "J0588: 50 more taken than the 0 approved"


def test_both_clocks_stand_on_one_line():
    both = line()
    assert both.earliest is not None
    assert both.earliest.legal == date(2026, 10, 6)
    assert both.window == (date(2026, 10, 6), date(2027, 1, 6))
    assert line(last=date(2026, 10, 20)).window is None
    assert line(last=None).window == (date(2026, 10, 6), date(2027, 1, 6))


@pytest.mark.parametrize(
    ("day", "needs", "rules"),
    [
        (date(2026, 10, 6), {"J0585": 100}, []),
        (date(2027, 1, 6), {"J0585": 100}, []),
        (date(2026, 10, 5), {"J0585": 100}, ["interval", "dates"]),
        (date(2027, 1, 7), {"J0585": 100}, ["dates"]),
        (DAY, {"J0585": 101}, ["units"]),
        (DAY, {"J0585": 200}, ["units"]),
        (DAY, {"99213": 1}, []),
    ],
)
def test_a_visit_outside_the_line_or_beyond_the_units_is_told(day, needs, rules):
    entries = ledger([Grant(code="J0585", requested=100, approved=100)], [])
    assert [trouble.rule for trouble in troubles(line(), entries, day, needs)] == rules


def test_all_visits_taken_is_told_although_units_are_left():
    done = Booking(code="J0585", day=DAY, visit="1", used=30)
    entries = ledger([Grant(code="J0585", requested=100, approved=100, visits=1)], [done])
    (found,) = troubles(line(), entries, DAY, {"J0585": 50})
    assert found.says == "J0585: all 1 approved visits are taken"


def test_a_clinical_reason_answers_the_interval_and_nothing_else():
    found = troubles(line(), [], date(2026, 10, 5), {}, early_reason="Corneal exposure")
    assert [trouble.rule for trouble in found] == ["dates"]


@pytest.mark.parametrize(
    ("next_day", "today", "says"),
    [
        (date(2027, 1, 6), date(2026, 10, 21), None),
        (date(2027, 1, 12), date(2026, 10, 21), "ask by Dec 7, 2026"),
        (date(2027, 1, 12), date(2026, 12, 20), "ask at once"),
    ],
)
def test_a_renewal_is_raised_thirty_days_before_the_end(next_day, today, says):
    told = renewal_due(line(), next_day, today)
    assert told is None if says is None else says in (told or "")
