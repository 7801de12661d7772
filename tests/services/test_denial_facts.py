"""What a letter may say of a denial: which notice it answers, what came before, and whose last day it names."""

from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import AppealState
from clinic_claims.models import Deadline
from clinic_claims.services import appeals, denials, drafts, ladders, letters, questions

NOTICE, DECIDED = date(2026, 11, 10), date(2026, 12, 8)
FIRST, SECOND = "The service is not necessary.", "The interval is not documented."


@pytest.fixture
def plan(clinic):
    """Put the clinic's plan under a payer class, in network or out."""

    def change(payer_class, *, in_network=True):
        with transaction():
            clinic.plan.payer_class, clinic.plan.in_network = payer_class, in_network
            clinic.payer.name = "Cigna"

    return change


@pytest.fixture
def denial(clinic, submitted, deed):
    """A claim refused by a notice of November 10, billed without an approval."""

    def refuse():
        with transaction():
            submitted.authorization = None
            made = denials.log(
                submitted, deed, group="CO", carcs=("50",), amount=Decimal("652.00"), denied_on=NOTICE,
                notice_dated_on=NOTICE,
            )  # fmt: skip
            denials.note_notice(made, deed, reason_quoted=FIRST, received_how="mail", policy_named="MED-118")
        return made

    return refuse


def upheld(denial, later, words=SECOND):
    """File the first level and have it upheld."""
    with transaction():
        appeal = appeals.start(denial, later(1))
        appeal.state, appeal.filed_on, appeal.proof = AppealState.FILED, later(2).today, "sent OK"
        appeals.move(appeal, "decide_upheld", later(20), decided_on=DECIDED, decision_words=words)
    return appeal


def told(denial, deed, kind="appeal"):
    return letters.compose(denial, deed, kind=kind).facts.denial


def test_the_second_level_answers_the_last_decision_and_keeps_the_first_as_history(plan, denial, later):
    plan("erisa_self_funded")
    one = denial()
    upheld(one, later)
    with transaction():
        appeals.start(one, later(21))
    known = told(one, later(21))
    assert (known.notice_dated, known.quoted, known.codes, known.policy_named) == (DECIDED, SECOND, "", None)
    assert (known.first.dated, known.first.codes, known.first.quoted) == (NOTICE, "CO-50", FIRST)
    assert [level.reasons for level in known.earlier] == [SECOND]


def test_a_notice_noted_by_hand_after_the_decision_is_the_one_that_is_answered(plan, denial, later):
    plan("erisa_self_funded")
    one = denial()
    upheld(one, later)
    with transaction():
        denials.note_notice(one, later(21), notice_dated_on=DECIDED, reason_quoted="Upheld: see page 2.")
    assert (told(one, later(21)).quoted, told(one, later(21)).first) == ("Upheld: see page 2.", None)


def test_the_clock_of_a_level_under_way_still_counts_from_the_last_decision(plan, denial, later):
    plan("erisa_self_funded")
    one = denial()
    upheld(one, later)
    with transaction():
        appeals.start(one, later(21))
    assert questions.notice_of(one).dated == DECIDED


def test_a_dispute_names_the_contracts_last_day_and_never_the_members(plan, denial, later):
    plan("commercial_fully_insured")
    one = denial()
    dispute, appeal = told(one, later(1), "dispute"), told(one, later(1))
    assert dispute.level_name == "Provider payment dispute"
    assert appeal.time_rule.startswith("45 CFR 147.136")
    assert "CFR" not in (dispute.time_rule or "")


def test_a_dispute_without_a_known_day_says_so_instead_of_borrowing_one(plan, denial, later):
    plan("commercial_fully_insured")
    one = denial()
    with transaction():
        for clock in db.session.query(Deadline).filter_by(denial_id=one.id, clock="provider_dispute"):
            clock.legal = clock.act_by = None
    gaps = letters.compose(one, later(1), kind="dispute").gaps
    assert "Last day to file is missing" in [gap.what for gap in gaps]


@pytest.mark.parametrize(("in_network", "kind"), [(True, "dispute"), (False, "appeal")])
def test_a_contracted_clinic_of_medicare_advantage_writes_a_dispute(plan, denial, later, in_network, kind):
    plan("medicare_advantage", in_network=in_network)
    with transaction():
        one = denial()
        assert drafts.usual_kind(one, later(1).book) == kind, "a letter asked for by the denial alone is the same"
        appeal = appeals.start(one, later(1))
    assert drafts.usual_kind(appeal, later(1).book) == kind
    law = " ".join(request.law or "" for request in letters.compose(appeal, later(1)).requests)
    assert ("422.590" in law) == (kind == "appeal")
    assert ladders.no_member_route(appeal.denial, later(1).book) == in_network


def test_the_only_step_of_a_contracted_clinic_is_its_dispute(plan, denial, later):
    plan("medicare_advantage")
    one = denial()
    first = ladders.next_level(one, later(1).book)
    assert (first.name, first.letter) == ("Provider payment dispute", "dispute")
    upheld(one, later)
    assert [appeal.name for appeal in one.appeals] == ["Provider payment dispute"]
    assert ladders.next_level(one, later(21).book) is None, "what the plan forwards to its reviewer is the member's"
