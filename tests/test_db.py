"""A page that reads, then writes: it goes on with what it has read, and writes nothing but what it meant to."""

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim

from .bench.pages import count_queries


@pytest.fixture
def reading(app, submitted):
    """Inside a page that only reads so far."""
    db.session.rollback()
    with app.test_request_context("/claims"):
        yield db.session.get_one(Claim, submitted.id)


def test_what_a_page_has_read_is_not_read_again(reading):
    def go_on() -> None:
        with transaction():
            assert reading.number == "HL-26-1001"
        assert reading.state == "submitted"

    assert count_queries(db.engine, go_on) == 0


def test_what_a_page_changed_while_it_read_is_not_kept(reading):
    reading.payer_control_number = "for show"
    with transaction():
        pass
    db.session.rollback()
    assert reading.payer_control_number is None


def test_a_page_that_fails_keeps_nothing(reading):
    with pytest.raises(RuntimeError), transaction():
        reading.payer_control_number = "half done"
        raise RuntimeError
    assert reading.payer_control_number is None
