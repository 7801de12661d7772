from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Plan
from clinic_claims.services import clocks, contracts, denials, history, ladders
from clinic_claims.services.contracts import Term
from clinic_claims.services.deeds import Refused

DISPUTE = Term(
    clock="provider_dispute", count=60, unit="days", starts="notice_dated", since=date(2025, 1, 1),
    words="Disputes shall be submitted within sixty (60) days of the remittance.",
    source="Provider agreement of 2025, section 6.2", page=14,
)  # fmt: skip


def enter(clinic, deed, **changed):
    with transaction():
        return contracts.enter(clinic.payer, replace(DISPUTE, **changed), deed)


def deny(claim, deed, *carcs, dated=date(2026, 11, 10)):
    with transaction():
        return denials.log(
            claim, deed, group="CO", carcs=carcs, amount=Decimal("652.00"), denied_on=dated, notice_dated_on=dated
        )


def test_a_term_speaks_for_the_clock_with_its_place_in_the_contract(clinic, submitted, deed):
    term = enter(clinic, deed)
    (clock,) = ladders.running(deny(submitted, deed, "50"), "provider_dispute")
    assert (clock.rule, clock.authority, clock.legal) == (f"contract-{term.id}", "contract", date(2027, 1, 9))
    assert clock.citation == "Provider agreement of 2025, section 6.2, page 14"
    assert "plus 60 days is Jan 9, 2027 (a Saturday)" in clock.because
    (told,) = history.of(term)
    assert told.sentence == "Contract term entered: provider dispute, 60 days from notice dated."


def test_without_a_term_the_dispute_of_an_unknown_payer_is_not_known(clinic, submitted, deed):
    (clock,) = ladders.running(deny(submitted, deed, "50"), "provider_dispute")
    assert (clock.legal, clock.act_by, clock.confidence) == (None, None, "unknown")
    assert "enter the date from the notice or the contract" in clock.because[0]


def test_every_source_is_heard_and_the_earliest_acted_on(clinic, submitted, deed):
    term = enter(clinic, deed, clock="appeal", count=30)
    denial = deny(submitted, deed, "50")
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.rule, clock.act_by) == (f"contract-{term.id}", date(2026, 12, 10))
    heard = clocks.sources_of(clock, deed.book)
    assert heard
    assert [(source.authority, source.legal) for source in heard.all] == [
        ("contract", date(2026, 12, 10)),
        ("law", date(2027, 5, 9)),
    ]
    assert heard.act_on.rule == clock.rule


def test_a_printed_day_later_than_the_contract_never_wins(clinic, submitted, deed):
    enter(clinic, deed, clock="appeal", count=30)
    denial = deny(submitted, deed, "50")
    with transaction():
        denials.note_notice(denial, deed, printed_deadline=date(2027, 6, 1))
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.legal, clock.act_by) == (date(2026, 12, 10), date(2026, 12, 10))
    assert any("later than the day counted: do not rely on it" in sentence for sentence in clock.because)
    heard = clocks.sources_of(clock, deed.book)
    assert heard
    assert [source.authority for source in heard.all] == ["notice", "contract", "law"]


def test_a_plans_own_term_goes_before_the_payers(clinic, submitted, deed):
    enter(clinic, deed)
    own = enter(clinic, deed, plan=clinic.plan, count=90)
    (clock,) = ladders.running(deny(submitted, deed, "50"), "provider_dispute")
    assert clock.rule == f"contract-{own.id}"


def test_another_plans_term_is_silent(clinic, submitted, deed):
    with transaction():
        other = Plan(payer=clinic.payer, name="HMO", payer_class="commercial_fully_insured")
        db.session.add(other)
        db.session.flush()
    enter(clinic, deed, plan=other)
    (clock,) = ladders.running(deny(submitted, deed, "50"), "provider_dispute")
    assert clock.rule == ""


def test_an_old_denial_keeps_the_term_of_its_day(clinic, submitted, deed):
    old = enter(clinic, deed)
    with transaction():
        contracts.end(old, date(2026, 9, 30), deed)
    new = enter(clinic, deed, since=date(2026, 10, 1), count=45)
    (before,) = ladders.running(deny(submitted, deed, "50", dated=date(2026, 9, 30)), "provider_dispute")
    (after,) = ladders.running(deny(submitted, deed, "50", dated=date(2026, 10, 1)), "provider_dispute")
    assert (before.rule, after.rule) == (f"contract-{old.id}", f"contract-{new.id}")
    assert history.of(old)[0].sentence == "Contract term ends Sep 30, 2026."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"clock": "next_injection"}, "A contract sets no next injection"),
        ({"starts": "service"}, "Provider dispute counts from notice dated or notice sent or notice received"),
        ({"count": 0}, "Enter a length such as 60 days"),
        ({"unit": "weeks"}, "Enter a length such as 60 days"),
        ({"until": date(2024, 12, 31)}, "cannot end before it begins"),
        ({"words": " "}, "words is missing"),
    ],
)
def test_a_slip_is_refused_in_words(clinic, deed, changed, said):
    with pytest.raises(Refused, match=said):
        enter(clinic, deed, **changed)
    assert contracts.of_payer(clinic.payer) == []


def test_two_terms_for_one_clock_do_not_overlap(clinic, deed):
    enter(clinic, deed)
    with pytest.raises(Refused, match="End it first"):
        enter(clinic, deed, since=date(2026, 1, 1))


def test_a_term_does_not_end_before_its_first_day(clinic, deed):
    with pytest.raises(Refused, match="cannot end before"):
        contracts.end(enter(clinic, deed), date(2024, 1, 1), deed)
