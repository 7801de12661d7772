"""Chances: from the published figure towards the clinic's own, as cases come."""

import pytest

from clinic_claims.domain.chances import History, Tally, chance, worth

KIND = ("medical_necessity", "toxin", "Lone Prairie")


def estimate(book, own=None, kind=KIND):
    return chance(*kind, History(own or {}, book.priors))


def test_without_a_case_of_its_own_the_published_share_stands(book):
    found = estimate(book)
    assert (found.value, found.n) == (pytest.approx(52 / 88), 0)
    assert found.low < 0.35
    assert found.high > 0.8
    assert "52 of 88 outside reviews, 2001 to 2016" in found.words


def test_the_counts_are_those_of_the_public_record(book):
    counts = {(row.treatment, row.id): (row.overturned, row.decided) for row in book.priors.values()}
    assert counts["toxin", "toxin_necessity"] == (52, 88)
    assert counts["toxin", "toxin_experimental"] == (130, 246)
    assert counts["toxin", "toxin_other"] == (182, 334)
    assert counts["mvd", "mvd_other"] == (21, 84)


def test_neurosurgery_says_that_it_is_mostly_spine(book):
    assert all("ostly spine" in row.label + row.limits for row in book.priors.values() if row.treatment == "mvd")


def test_own_cases_outweigh_the_start_by_hand(book):
    own = {KIND: Tally(9, 10), ("medical_necessity", "toxin", "Other"): Tally(2, 10)}
    elsewhere = (2 + 10 * 52 / 88) / (10 + 10)
    assert estimate(book, own).value == pytest.approx((9 + 10 * elsewhere) / 20)
    assert estimate(book, own).n == 20


def test_many_own_cases_leave_nearly_nothing_of_the_start(book):
    found = estimate(book, {KIND: Tally(190, 200)})
    assert found.value == pytest.approx(0.95, abs=0.02)
    assert found.high - found.low < 0.1


def test_a_reason_that_no_review_hears_starts_from_all_and_says_so(book):
    found = estimate(book, kind=("timely_filing", "toxin", "Lone Prairie"))
    assert found.value == pytest.approx(182 / 334)
    assert "another matter" in found.words


@pytest.mark.parametrize(
    ("cents", "value", "minutes", "expected"),
    [(65_200, 1.0, 60, 65_200), (65_200, 0.5, 90, 21_733), (0, 0.9, 15, 0), (10_000, 0.25, 15, 10_000)],
)
def test_an_hour_is_worth_the_amount_times_the_chance_by_the_time(cents, value, minutes, expected):
    assert worth(cents, value, minutes) == expected
