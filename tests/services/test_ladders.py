"""From level to level: whose word the next clock counts from, and what runs beside a level the plan may not have."""

from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, Payer, Plan
from clinic_claims.services import appeals, denial_facts, denials, history, ladders, patients, payers, redating
from clinic_claims.services.deeds import Refused

from .era import claim as era_claim
from .era import remittance

NOTICE = date(2026, 11, 10)
DECIDED = date(2026, 11, 19)


@pytest.fixture
def denied(submitted, clinic, deed):
    """A denial of a self-funded plan, for need."""
    with transaction():
        submitted.authorization = None
        clinic.plan.in_network = False
        return denials.log(
            submitted, deed, group="CO", carcs=["50"], amount=Decimal(652), denied_on=NOTICE, notice_dated_on=NOTICE
        )


def decide(denial, deed, action="decide_upheld", on=DECIDED, **told):
    """Start the next level and note the payer's decision on it."""
    with transaction():
        appeal = appeals.start(denial, deed)
        appeal.filed_on, appeal.filed_by, appeal.proof = NOTICE, "portal", "R-1"
        appeals.steps.put_back(appeal, "filed", deed, sentence="Filed.")
        denials.clocks.follow_denial(denial, "file", deed)
        appeals.move(appeal, action, deed, decided_on=on, **told)
    return appeal


def days(denial):
    return {row.label: (row.legal, row.act_by) for row in ladders.running(denial, "appeal")}


SECOND = "Second internal level"
BESIDE = "Federal external review, where the plan hears no second appeal"


def test_external_review_runs_beside_a_second_level_that_the_plan_may_not_have(denied, deed):
    decide(denied, deed)
    assert days(denied) == {SECOND: (None, None), BESIDE: (date(2027, 3, 19), date(2027, 3, 19))}
    assert ladders.to_act_on(ladders.running(denied)).label == BESIDE
    clock = denial_facts.newest_clock(denied)
    assert clock.label == SECOND  # a letter to the plan never quotes the other one


def test_the_last_day_that_a_decision_prints_is_acted_on(denied, deed):
    decide(denied, deed, decision_deadline=date(2027, 1, 18))
    assert days(denied)[SECOND] == (date(2027, 1, 18), date(2027, 1, 15))  # January 18 is a holiday


@pytest.mark.parametrize(("heard", "levels"), [("one", ["1", "3", "4"]), ("two", ["1", "2", "3", "4"])])
def test_a_plan_that_is_known_to_hear_so_many_appeals_leaves_no_doubt(denied, clinic, deed, heard, levels):
    with transaction():
        clinic.plan.internal_levels = heard
    assert [level.level for level in ladders.steps_of(denied, deed.book)] == levels
    decide(denied, deed)
    assert len(days(denied)) == 1
    with transaction():
        assert appeals.start(denied, deed).level == levels[1]


def test_two_levels_give_the_plan_half_the_time_for_each(denied, clinic, deed):
    with transaction():
        clinic.plan.internal_levels = "two"
        appeal = appeals.start(denied, deed)
        appeal.filed_on = appeal.payer_received_on = NOTICE
        denials.clocks.start(appeal, "appeal_decision", deed)
    (clock,) = ladders.running(appeal, "appeal_decision")
    assert clock.legal == date(2026, 12, 10)  # 30 days after the service, not 60


def test_a_corrected_decision_dates_what_follows_anew_and_the_history_says_so(denied, deed, later):
    appeal = decide(denied, deed)
    with transaction():
        appeals.correct_decision(
            appeal, later(1), decided_on=date(2026, 11, 16), decision_received_on=date(2026, 11, 18),
            decision_deadline=None, decision_words="Upheld.",
        )  # fmt: skip
    assert days(denied)[BESIDE] == (date(2027, 3, 18), date(2027, 3, 16))
    assert history.of(appeal)[0].sentence == "Decision corrected: its date, day received, their words."
    before = len(history.of(appeal))
    with transaction():
        appeals.correct_decision(appeal, later(1), decided_on=date(2026, 11, 16))
    assert len(history.of(appeal)) == before


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"decided_on": date(2026, 11, 21)}, "lies in the future"),
        ({"decided_on": date(2026, 11, 9)}, "before the appeal was filed"),
        ({"decision_received_on": date(2026, 11, 18)}, "cannot be received before it was made"),
        ({"decision_deadline": date(2026, 11, 18)}, "cannot lie before the decision"),
        ({"decided_on": None}, "is missing"),
    ],
)
def test_a_decision_is_not_corrected_into_disorder(denied, deed, told, why):
    appeal = decide(denied, deed)
    with pytest.raises(Refused, match=why), transaction():
        appeals.correct_decision(appeal, deed, **told)


def test_only_a_decided_appeal_has_a_decision_to_correct(denied, deed):
    with transaction():
        appeal = appeals.start(denied, deed)
    with pytest.raises(Refused, match="not decided yet"):
        appeals.correct_decision(appeal, deed, decided_on=DECIDED)


def test_another_class_of_plan_dates_its_running_clocks_anew(denied, clinic, deed):
    """A card read wrongly: the plan is Original Medicare, whose first level is 120 days, not 180."""
    told = {"name": clinic.plan.name, "state": None, "in_network": False}
    with transaction():
        payers.correct_plan(clinic.plan, deed, payer_class="medicare_ffs", **told)
    found = {each.deadline.clock: each for each in redating.moved(deed)}
    assert (found["appeal"].new.rule, found["appeal"].new.legal) == ("medicare-redetermination", date(2027, 3, 15))
    with transaction():
        redating.redate(found.values(), deed)
    assert days(denied) == {"Redetermination": (date(2027, 3, 15), date(2027, 3, 10))}
    assert "by changed facts of the plan." in history.of(denied)[0].sentence
    assert redating.moved(deed) == []


def test_a_class_with_the_same_days_still_brings_its_own_law(denied, clinic, deed):
    with transaction():
        clinic.plan.payer_class = "commercial_fully_insured"
    (found,) = [each for each in redating.moved(deed) if each.deadline.clock == "appeal"]
    assert (found.new.rule, found.new.legal) == ("insured-internal-appeal", found.deadline.legal)


SECOND_PAYER = [("64612:RT", "412", "0", "OA*23*300;CO*50*112", ""), ("J0585:JZ", "240", "0", "OA*23*240", "")]


def refused_by_the_second_payer(post, later):
    """The first payer pays $540.00; the second, Gapfill, refuses what is left."""
    first = [("64612:RT", "412", "300", "PR*2*112", ""), ("J0585:JZ", "240", "240", "", "")]
    post(remittance([era_claim("HL-26-1001", "1", "652", "540", first, patient="112")]))
    second = era_claim("HL-26-1001", "2", "652", "0", SECOND_PAYER, control="G-1")
    post(remittance([second], trace="G-1", payer="GAPFILL"), who=later(20))
    return db.session.query(Denial).one()


def test_a_refusal_of_a_second_payer_runs_by_that_payers_law(submitted, clinic, post, deed, later):
    with transaction():
        payer = Payer(name="Gapfill", aliases=["GAPFILL"], appeals_address=[])
        plan = Plan(payer=payer, name="Supplement", payer_class="medicare_ffs")
        db.session.add_all([payer, plan])
        db.session.flush()
        patients.add_coverage(clinic.patient, plan, "G 77", deed, rank=2)
    denial = refused_by_the_second_payer(post, later)
    assert [row.rule for row in ladders.running(denial, "appeal")] == ["medicare-redetermination"]
    assert redating.moved(later(21)) == []


def test_a_refusal_of_a_second_payer_whose_plan_is_not_on_file_has_no_known_day(submitted, clinic, post, later):
    denial = refused_by_the_second_payer(post, later)
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.legal, clock.because) == (None, ["not known: it depends on the class of payer"])
    assert redating.moved(later(21)) == []


def test_no_clock_moves_when_nothing_of_the_plan_changed(denied, deed):
    assert redating.moved(deed) == []
    db.session.rollback()
