from dataclasses import replace
from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.counting import Length
from clinic_claims.models import Deadline
from clinic_claims.services import history, ladders, redating, workitems, worklist
from clinic_claims.services.deeds import Deed

from .test_contracts import deny, enter


@pytest.fixture
def shorter(deed):
    """The same person under a rulebook whose self-funded plans give 60 days."""
    clocks = deed.book.clocks
    rule = replace(clocks.rules["erisa-internal-appeal"], length=Length(days=60))
    book = replace(deed.book, clocks=replace(clocks, rules=clocks.rules | {rule.id: rule}))
    return Deed(actor=deed.actor, at=deed.at, book=book)


def test_nothing_moves_under_the_same_rules(submitted, deed):
    deny(submitted, deed, "50")
    assert redating.moved(deed) == []


def test_a_changed_rule_is_shown_first_and_moves_nothing_by_itself(submitted, deed, shorter):
    denial = deny(submitted, deed, "50")
    (found,) = redating.moved(shorter)
    assert (found.deadline.act_by, found.new.act_by) == (date(2027, 5, 7), date(2027, 1, 8))
    (clock,) = ladders.running(denial, "appeal")
    assert clock.act_by == date(2027, 5, 7)


def test_redating_writes_the_day_its_reason_and_one_event(submitted, deed, shorter):
    denial = deny(submitted, deed, "50")
    with transaction():
        assert redating.redate(redating.moved(shorter), shorter) == 1
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.legal, clock.act_by) == (date(2027, 1, 9), date(2027, 1, 8))
    assert "plus 60 days is Jan 9, 2027 (a Saturday)" in clock.because
    event = history.of(denial)[0]
    assert (event.action, event.sentence) == ("redate", "Internal appeal: act by Jan 8, 2027, by changed rules.")
    assert worklist.items(deed)[0].act_by == date(2027, 1, 8)
    assert redating.moved(shorter) == []


def test_a_contract_entered_later_moves_the_clock_it_governs(clinic, submitted, deed):
    denial = deny(submitted, deed, "50")
    enter(clinic, deed)
    (found,) = redating.moved(deed)
    assert (found.deadline.clock, found.new.authority) == ("provider_dispute", "contract")
    with transaction():
        redating.redate([found], deed)
    assert worklist.items(deed)[0].act_by == date(2027, 1, 8)
    workitems.rebuild()
    assert ladders.running(denial, "provider_dispute")[0].legal == date(2027, 1, 9)


def test_stopped_clocks_stay_as_they_were(submitted, deed, shorter):
    denial = deny(submitted, deed, "50")
    with transaction():
        db.session.query(Deadline).filter_by(denial_id=denial.id).update({"stopped_at": deed.at})
    assert redating.moved(shorter) == []
