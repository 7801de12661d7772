from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.domain.won_back import Money, Refusal, superseded, won

A, B = 1, 2  # service lines
NOTHING = Money(lines={})


def stands(a=0, b=0, whole=0, withheld=0):
    return Money(lines={A: Decimal(a), B: Decimal(b)}, whole=Decimal(whole), withheld=Decimal(withheld))


def refused(denial, amount, *lines, before=NOTHING):
    return Refusal(denial=denial, amount=Decimal(amount), lines=frozenset(lines), before=before)


def test_what_stood_before_the_denial_was_never_refused():
    assert won([refused(1, 162, A, before=stands(a=250))], stands(a=350)) == {1: 100}


def test_no_denial_wins_more_than_it_refused():
    assert won([refused(1, 162, A, before=stands(a=250))], stands(a=500)) == {1: 162}


def test_a_newer_denial_of_the_line_wins_what_comes_after_it():
    assert won([refused(1, 412, A), refused(2, 412, A)], stands(a=412)) == {1: 0, 2: 412}


def test_money_taken_back_leaves_the_denial_that_had_it():
    both = [refused(1, 652, A, B), refused(2, 240, B, before=stands(a=412))]
    assert won(both, stands(a=412, b=240)) == {1: 412, 2: 240}
    assert won(both, stands(b=240)) == {1: 0, 2: 240}


def test_a_payment_without_lines_counts_for_the_claim():
    assert won([refused(1, 652)], stands(whole=400)) == {1: 400}
    assert won([refused(1, 412, A)], stands(whole=400)) == {1: 400}


def test_a_denial_of_the_whole_claim_wins_by_every_line():
    assert won([refused(1, 652)], stands(a=300, b=240)) == {1: 540}


def test_what_a_check_kept_back_is_taken_once_and_from_the_newest():
    both = [refused(1, 412, A), refused(2, 240, B)]
    assert won(both, stands(a=412, b=240, withheld=300)) == {1: 352, 2: 0}


def test_a_credit_carried_forward_brings_nothing():
    assert won([refused(1, 412, A)], stands(withheld=-412)) == {1: 0}


def test_a_newer_denial_of_the_same_lines_takes_over():
    first, other, whole = frozenset({A}), frozenset({B}), frozenset()
    assert not superseded(first, [other])
    assert superseded(first, [other, whole])
    assert superseded(whole, [other])


DOLLARS = st.integers(-500, 500)
STANDS = st.builds(stands, DOLLARS, DOLLARS, DOLLARS, DOLLARS)
REFUSALS = st.lists(
    st.tuples(st.integers(0, 600), st.sets(st.sampled_from([A, B])), STANDS), min_size=1, max_size=3
).map(lambda rows: [refused(key, row[0], *row[1], before=row[2]) for key, row in enumerate(rows, 1)])


@given(REFUSALS, STANDS)
def test_what_is_won_is_never_below_zero_nor_above_what_was_refused(refusals, now):
    found = won(refusals, now)
    assert all(0 <= found[each.denial] <= each.amount for each in refusals)


@given(st.lists(st.tuples(st.integers(1, 600), st.sets(st.sampled_from([A, B]))), min_size=1, max_size=3),
       st.integers(0, 500), st.integers(0, 500))  # fmt: skip
def test_no_dollar_counts_twice(rows, a, b):
    refusals = [refused(key, amount, *lines) for key, (amount, lines) in enumerate(rows, 1)]
    assert sum(won(refusals, stands(a, b)).values()) <= a + b
