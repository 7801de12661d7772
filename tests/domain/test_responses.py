"""The record answers "you improved, so you no longer qualify", and knows when to stop."""

from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.domain.responses import Session, failures, gaps, must_stop, rebuttal


def session(month, before=None, after=None, weeks=None, scale="Jankovic Rating Scale"):
    told = [None if value is None else Decimal(value) for value in (before, after, weeks)]
    return Session(on=date(2026, month, 3), scale=scale, before=told[0], after=told[1], benefit_weeks=told[2])


def test_relief_that_wore_off_is_the_answer():
    assert rebuttal([session(3, 6, 1, 11), session(5, 5, 1, 11)]) == (
        "On Jankovic Rating Scale the patient went from 6 to 1 after the session of March 3, 2026 and was back at 5 on "
        "May 3, 2026. Relief lasted 11 weeks. The improvement is the effect of the treatment; it ends when the "
        "treatment wears off."
    )


@pytest.mark.parametrize(
    "sessions",
    [
        [],
        [session(3, 6, 1)],
        [session(3, 6, 1), session(5, 1, 1)],
        [session(3, 6, 6), session(5, 6, 2)],
        [session(3, 6, 1), session(5, 5, 1, scale="HFS-7")],
        [session(3, 6, None), session(5, 5, 1)],
    ],
    ids=["none", "one", "no return", "no effect", "another scale", "not recorded"],
)
def test_the_record_is_not_stretched(sessions):
    assert rebuttal(sessions) is None


def test_what_a_continuation_request_lacks():
    assert gaps([]) == ("No earlier session is on record",)
    assert gaps([session(3, 6, 1, 11)]) == ()
    assert gaps([session(3, 6, 1, 11), session(5, 5)]) == (
        "Not yet recorded of the session of May 3, 2026: scale after, weeks of benefit",
    )


@pytest.mark.parametrize(
    ("sessions", "count"),
    [
        ([session(3, 6, 1), session(5, 5, 5)], 1),
        ([session(3, 6, 1), session(5, 5, 5), session(8, 5, 6)], 2),
        ([session(3, 5, 5), session(5, 5, 5), session(8, 5, 1)], 0),
        ([session(3, weeks=0), session(5, weeks=0)], 2),
        ([session(3, 5, 5), session(5)], 0),
    ],
)
def test_two_sessions_without_benefit_in_a_row_stop_the_series(sessions, count):
    assert failures(sessions) == count
    assert must_stop(sessions) == (count >= 2)
