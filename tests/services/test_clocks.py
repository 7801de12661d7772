"""Which clocks run on a record, what stops them, and which one the worklist acts on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import LIFECYCLES
from clinic_claims.models import Authorization, Claim, Deadline, Denial
from clinic_claims.services import (
    appeals,
    authorizations,
    claims,
    clocks,
    denials,
    intake,
    ladders,
    patients,
    questions,
    turnarounds,
    worklist,
)
from clinic_claims.services.authorizations import Requested

from .era import claim as era_claim
from .era import remittance

NOTICE = date(2026, 11, 10)


def change_plan(clinic, payer_class, payer=None, in_network=True, state=None):
    with transaction():
        clinic.plan.payer_class, clinic.plan.in_network, clinic.plan.state = payer_class, in_network, state
        clinic.payer.name = payer or clinic.payer.name


@pytest.fixture
def billed(submitted):
    """The claim, billed without the approval: a denial then argues need, not a broken promise."""
    with transaction():
        submitted.authorization = None
    return submitted


def deny(subject, deed, *carcs, group="CO", dated=NOTICE, **more):
    with transaction():
        return denials.log(
            subject, deed, group=group, carcs=carcs, amount=Decimal("652.00"), denied_on=dated, notice_dated_on=dated,
            **more,
        )  # fmt: skip


def days(record):
    """The running clocks of a record: last lawful day and act-by day, by name."""
    return {row.part or row.clock: (row.legal, row.act_by) for row in ladders.running(record)}


def test_every_clock_of_the_lifecycle_is_asked_of_the_rulebook():
    named = {clock for table in LIFECYCLES.values() for step in table.steps for clock in step.starts}
    assert named <= set(questions.ASKED)


def test_a_contracted_clinic_sees_appeal_and_dispute_and_acts_on_the_earlier(clinic, billed, deed):
    change_plan(clinic, "commercial_fully_insured", "Cigna Healthcare", state="NJ")
    denial = deny(billed, deed, "50")
    assert days(denial) == {
        "peer_to_peer": (date(2026, 11, 24), date(2026, 11, 24)),
        "provider_dispute": (date(2027, 5, 9), date(2027, 5, 7)),
        "appeal": (date(2027, 5, 9), date(2027, 5, 7)),
    }
    (item,) = worklist.items(deed)
    assert item.act_by == date(2026, 11, 24)


def test_a_fixable_denial_runs_the_filing_limit_of_the_corrected_claim(clinic, submitted, deed):
    change_plan(clinic, "commercial_fully_insured", "UnitedHealthcare")
    denial = deny(submitted, deed, "16")
    assert days(denial)["corrected_claim"] == (date(2027, 1, 18), date(2027, 1, 15))
    with transaction():
        denials.move(denial, "correct", deed)
        claims.move(submitted, "correct", deed)
        claims.move(submitted, "submit", deed, submitted_on=date(2026, 11, 20))
    assert "corrected_claim" not in days(denial)
    assert "appeal" in days(denial)


def test_a_way_that_was_gone_from_the_start_is_not_acted_on(clinic, submitted, deed):
    change_plan(clinic, "commercial_fully_insured", "UnitedHealthcare")
    with transaction():
        submitted.service_from = date(2026, 6, 1)
    denial = deny(submitted, deed, "16")
    assert days(denial)["corrected_claim"] == (date(2026, 8, 30), date(2026, 8, 28))
    assert worklist.items(deed)[0].act_by == date(2027, 1, 8)  # the dispute: 60 days from the remittance


@pytest.mark.parametrize(("in_network", "rule"), [(True, "ma-contract-dispute"), (False, "ma-reconsideration")])
def test_a_contract_provider_of_medicare_advantage_has_no_member_route(clinic, submitted, deed, in_network, rule):
    change_plan(clinic, "medicare_advantage", in_network=in_network)
    (clock,) = ladders.running(deny(submitted, deed, "197"), "appeal")
    assert clock.rule == rule
    assert (clock.act_by is None) == in_network
    assert ("enter the contract term" in clock.because[0]) == in_network


@pytest.mark.parametrize(
    ("in_network", "levels", "rule"),
    [(True, ["P"], "tricare-claim-review"), (False, ["1", "2", "3"], "tricare-reconsideration")],
)
def test_a_tricare_claim_is_contested_by_those_who_may(clinic, billed, deed, in_network, levels, rule):
    change_plan(clinic, "tricare", in_network=in_network)
    denial = deny(billed, deed, "50")
    assert [level.level for level in ladders.steps_of(denial, deed.book)] == levels
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.rule, clock.legal) == (rule, date(2027, 2, 8))
    with transaction():
        assert appeals.start(denial, deed).level == levels[0]


def test_a_refused_tricare_request_is_the_beneficiarys_to_appeal(clinic, approval, deed):
    change_plan(clinic, "tricare")
    denial = deny(approval, deed, "39", group=None)
    assert [level.level for level in ladders.steps_of(denial, deed.book)] == ["1", "2", "3"]


def test_filing_an_appeal_answers_every_filing_clock(clinic, billed, deed):
    change_plan(clinic, "commercial_fully_insured", "Cigna")
    denial = deny(billed, deed, "50")
    with transaction():
        appeal = appeals.start(denial, deed)
    assert set(days(denial)) == {"appeal", "provider_dispute", "peer_to_peer"}
    assert worklist.items(deed)[0].act_by == date(2027, 5, 7)  # the call no longer counts once the appeal is written
    with transaction():
        clocks.follow_denial(appeal.denial, "file", deed)
    assert days(denial) == {}


def test_a_settled_denial_runs_no_clock(clinic, submitted, deed):
    change_plan(clinic, "commercial_fully_insured", "Cigna")
    denial = deny(submitted, deed, "50")
    with transaction():
        denials.recover(denial, denial.amount, deed, source="check 12")
    assert days(denial) == {}


def test_a_notice_noted_later_restarts_every_clock_of_the_denial(clinic, billed, deed):
    change_plan(clinic, "commercial_fully_insured", "Cigna")
    denial = deny(billed, deed, "50")
    with transaction():
        denials.note_notice(denial, deed, notice_dated_on=date(2026, 11, 3))
    assert days(denial)["peer_to_peer"] == (date(2026, 11, 17), date(2026, 11, 17))
    assert db.session.query(Deadline).filter_by(denial_id=denial.id, stopped_at=None).count() == 3


def test_an_appeal_withdrawn_opens_every_way_again(clinic, billed, deed):
    change_plan(clinic, "commercial_fully_insured", "Cigna")
    denial = deny(billed, deed, "50")
    with transaction():
        appeal = appeals.start(denial, deed)
        clocks.follow_denial(denial, "file", deed)
        appeals.move(appeal, "withdraw", deed)
    assert set(days(denial)) == {"appeal", "provider_dispute", "peer_to_peer"}


def test_the_denial_of_a_request_runs_no_dispute_and_no_correction(clinic, deed):
    change_plan(clinic, "commercial_fully_insured", "Cigna")
    with transaction():
        asked = authorizations.plan(
            clinic.case, clinic.coverage, clinic.provider, clinic.office,
            [Requested(code="64612", units=1, diagnosis="G51.31")], deed,
        )  # fmt: skip
        authorizations.move(asked, "submit", deed, submitted_on=date(2026, 11, 2), submitted_by="portal")
        denial = authorizations.move(asked, "deny", deed, decided_on=NOTICE, decision_reason="Not medically necessary.")
    assert isinstance(denial, Denial)
    assert set(days(denial)) == {"appeal", "peer_to_peer"}


def test_an_approval_runs_to_its_last_day_and_asks_for_its_renewal(approval):
    assert days(approval) == {
        "authorization_renewal": (date(2026, 12, 7), date(2026, 12, 7)),
        "authorization_end": (date(2027, 1, 6), date(2027, 1, 6)),
    }
    (end,) = ladders.running(approval, "authorization_end")
    assert (end.authority, end.because[0]) == ("notice", "the approval is valid to Jan 6, 2027")


def test_a_utn_ends_on_day_120_even_where_the_letter_says_later(clinic, deed):
    change_plan(clinic, "medicare_ffs")
    clinic.office.place_of_service = "22"
    made = approve(clinic, deed, decided_on=date(2026, 10, 6), valid_to=date(2027, 3, 31))
    (end,) = ladders.running(made, "authorization_end")
    assert (end.rule, end.legal) == ("utn-validity", date(2027, 2, 2))
    heard = clocks.sources_of(end, deed.book)
    assert heard
    assert [source.legal for source in heard.all] == [date(2027, 3, 31), date(2027, 2, 2)]


def test_a_renewal_starts_by_this_payers_own_turnaround_and_ends_with_the_next_request(clinic, approval, deed):
    for taken in (35, 38, 40):
        approve(clinic, deed, submitted_on=date(2026, 9, 1), decided_on=date(2026, 9, 1) + timedelta(taken))
    assert turnarounds.turnaround(clinic.plan, deed) == 40
    made = approve(clinic, deed, submitted_on=date(2026, 11, 2), decided_on=date(2026, 11, 5))
    (renewal,) = ladders.running(made, "authorization_renewal")
    assert renewal.legal == date(2027, 2, 19)  # 40 days before March 31
    assert renewal.because[0] == "this payer has taken 40 days to decide"
    assert ladders.running(approval, "authorization_renewal") == []


def approve(clinic, deed, *, decided_on, submitted_on=date(2026, 9, 28), valid_to=date(2027, 3, 31)) -> Authorization:
    with transaction():
        lines = [Requested(code="64612", units=1, diagnosis="G51.31")]
        made = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
        authorizations.move(made, "submit", deed, submitted_on=submitted_on, submitted_by="portal")
        authorizations.move(
            made, "approve", deed, number="U-1", decided_on=decided_on, valid_from=decided_on, valid_to=valid_to
        )
    return made


def test_an_injection_starts_the_interval_and_the_next_one_replaces_it(clinic, deed):
    for on in (date(2026, 7, 20), date(2026, 10, 19)):
        with transaction():
            patients.add_injection(clinic.case, deed, on=on, product="J0585", units=25)
    (clock,) = ladders.running(clinic.case)
    assert (clock.clock, clock.not_before, clock.legal) == ("next_injection", True, date(2027, 1, 11))
    assert clock.act_by == date(2027, 1, 11)


def test_the_first_day_may_lie_before_the_day_the_office_opens(clinic, deed):
    with transaction():
        patients.add_injection(clinic.case, deed, on=date(2026, 10, 10), product="J0585", units=25)
    (clock,) = ladders.running(clinic.case)
    assert (clock.legal, clock.act_by) == (date(2027, 1, 2), date(2027, 1, 4))


PAID = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
TAKEN = [("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "-240", "", "")]


def reverse(claim: Claim, deed) -> None:
    paid = remittance([era_claim(claim.number, "1", "652", "652", PAID)], day="20261102")
    back = [era_claim(claim.number, "22", "-652", "-652", TAKEN)]
    taken = remittance(back, trace="EFT-2", day="20261116", provider=[("WO:1", "-652")])
    for name, content in (("paid.835", paid), ("taken.835", taken)):
        with transaction():
            assert intake.take_in(name, content, deed).status == "posted"


def test_a_reversal_by_original_medicare_runs_the_days_of_the_demand(clinic, submitted, deed):
    change_plan(clinic, "medicare_ffs")
    reverse(submitted, deed)
    assert submitted.state == "reversed"
    assert {part: legal for part, (legal, _) in days(submitted).items()} == {
        "recoupment_rebuttal": date(2026, 11, 30),
        "recoupment_stop": date(2026, 12, 15),
        "recoupment_interest": date(2026, 12, 16),
        "recoupment_start": date(2026, 12, 26),
    }
    (item,) = worklist.items(deed)
    assert (item.next_action, item.act_by) == ("Answer the takeback", date(2026, 11, 30))


def test_a_reversal_by_an_insurer_runs_its_states_look_back_from_the_payment(clinic, submitted, deed):
    change_plan(clinic, "commercial_fully_insured", state="AR")
    reverse(submitted, deed)
    (clock,) = ladders.running(submitted, "takeback")
    assert (clock.rule, clock.who, clock.legal) == ("lookback-ar", "payer", date(2028, 5, 2))
    assert clock.caution == "partly unverified: the statute itself was not opened"


def test_recalled_rules_carry_their_caution_onto_the_record(clinic, submitted, deed):
    change_plan(clinic, "part_d")
    (clock,) = ladders.running(deny(submitted, deed, "50"), "appeal")
    assert (clock.confidence, clock.caution) == ("recalled", "unverified: check the notice")


def test_the_question_is_kept_as_it_was_put(clinic, submitted, deed):
    (clock,) = ladders.running(deny(submitted, deed, "50"), "appeal")
    question = clocks.question_of(clock)
    assert question
    assert (question.clock, question.case.level, question.dates) == (
        "appeal", "1", {"notice_dated": NOTICE, "service": date(2026, 10, 20)},
    )  # fmt: skip
    assert question.to_json() == clock.asked
