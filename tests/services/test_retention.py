"""Six years: nothing younger is removed, and what stays is still proved whole."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from clinic_claims.db import db, transaction
from clinic_claims.models import Event
from clinic_claims.services import history, retention
from clinic_claims.services.deeds import Refused


@pytest.fixture
def years(app, deed):
    """One event on June 1 of every year from 2016 to 2026."""
    for year in range(2016, 2027):
        with transaction():
            history.record("session", "sign_in", replace(deed, at=datetime(year, 6, 1, 12, tzinfo=UTC)))


def kept():
    years = select(func.extract("year", Event.at)).where(Event.action == "sign_in")
    return list(db.session.scalars(years.order_by(Event.id)))


@pytest.mark.parametrize("before", [date(2020, 11, 21), date(2026, 11, 20), date(2030, 1, 1)])
def test_nothing_younger_than_six_years_is_removed(years, deed, before):
    with pytest.raises(Refused, match="The law asks for 6 years"):
        retention.purge(before, deed)
    assert len(kept()) == 11


def test_what_is_older_goes_and_the_rest_is_proved_whole(app, years, deed):
    with transaction():
        assert retention.purge(date(2020, 11, 20), deed) == 5
    assert kept() == [2021, 2022, 2023, 2024, 2025, 2026]
    assert history.verify(app.config["AUDIT_KEY"].encode()) == (7, None)
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(text("DELETE FROM event"))


def test_removing_twice_keeps_the_chain(app, years, deed):
    for before, count in ((date(2017, 1, 1), 1), (date(2018, 1, 1), 1), (date(2018, 1, 1), 0)):
        with transaction():
            assert retention.purge(before, deed) == count
    assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None


def test_a_leap_day_keeps_six_years():
    assert retention.oldest_kept(date(2028, 2, 29)) == date(2022, 2, 28)
