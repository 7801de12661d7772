"""Where windows fall on a folded letter, worked by hand for a #10 envelope."""

import pytest

from clinic_claims.domain.windows import ADDRESS, SENDER, Box


def near(box: Box) -> list[object]:
    return [pytest.approx(edge, abs=0.001) for edge in (box.left, box.top, box.right, box.bottom)]


def test_the_address_window_always_shows_its_middle():
    """The window reaches from 2.5 to 3.625 inches; the sheet slides 0.458 up and an inch aside."""
    assert near(ADDRESS.always) == [0.875, 2.5, 4.375, 3.1667]
    assert near(ADDRESS.ever) == [-0.125, 2.0417, 5.375, 3.625]


def test_the_sender_shows_above_it_and_neither_reaches_into_the_other():
    assert near(SENDER.always) == [0.875, 0.875, 3.375, 1.2917]
    assert SENDER.ever.bottom < ADDRESS.ever.top
