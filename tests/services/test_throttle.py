"""What machines do is counted by person and by network, whatever the clock or another process does meanwhile."""

from datetime import timedelta

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models.accounts import Throttle
from clinic_claims.services import throttle


def test_the_limit_holds_for_its_span_and_is_lifted_after_it(app, deed):
    with transaction():
        told = [throttle.allows("export", "p", deed.at) for _ in range(31)]
        assert throttle.is_spent("export", "p", deed.at)
        assert throttle.allows("export", "p", deed.at + timedelta(hours=1))
    assert told == [True] * 30 + [False]


def test_a_count_begun_by_a_clock_that_ran_ahead_ends_with_it(app, deed):
    with transaction():
        for _ in range(31):
            throttle.allows("export", "p", deed.at + timedelta(days=400))
        assert not throttle.is_spent("export", "p", deed.at)
        assert throttle.allows("export", "p", deed.at)


def test_a_count_that_another_process_begins_at_the_same_moment_is_shared(app, deed, monkeypatch):
    with transaction():
        throttle.allows("export", "p", deed.at)
    with transaction():
        with monkeypatch.context() as patched:
            patched.setattr(db.session, "get", lambda *_, **__: None)  # not there when this process looked
            assert throttle.allows("export", "p", deed.at)
        assert db.session.query(Throttle).one().count == 2


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.9"),
        ("", ""),
    ],
)
def test_addresses_of_one_line_are_counted_together(address, counted):
    assert throttle.network(address) == counted
