"""Each trap of the ladders that bears on counting: the wrong reading beside the right one."""

from datetime import date

import pytest

from clinic_claims import rulebook
from clinic_claims.calendars import federal_holiday
from clinic_claims.domain import deadlines
from clinic_claims.domain.deadlines import Case, Notice

BOOK = rulebook.load().clocks
MONDAY, LATER = date(2026, 3, 2), date(2026, 3, 9)

# trap | payer class | level | notice | legal | the wrong day it must not be
TRAPS = [
    (
        "no mail presumption: an insured plan counts from proved receipt",
        "commercial_fully_insured",
        "1",
        Notice(dated=MONDAY, received=LATER),
        date(2026, 9, 5),
        date(2026, 9, 3),
    ),
    (
        "without proof an insured plan counts from the letter, with no 5 days added",
        "commercial_fully_insured",
        "1",
        Notice(dated=MONDAY),
        date(2026, 8, 29),
        date(2026, 9, 3),
    ),
    (
        "a self-funded plan has no presumption",
        "erisa_self_funded",
        "1",
        Notice(dated=MONDAY),
        date(2026, 8, 29),
        date(2026, 9, 3),
    ),
    (
        "four months are not 120 days",
        "erisa_self_funded",
        "3",
        Notice(dated=MONDAY),
        date(2026, 7, 2),
        date(2026, 6, 30),
    ),
    (
        "October 30 plus four months is the first of the fifth month, then rolls off a Sunday",
        "erisa_self_funded",
        "3",
        Notice(dated=date(2025, 10, 30)),
        date(2026, 3, 2),
        date(2026, 2, 28),
    ),
    ("six months are not 180 days", "fehb", "1", Notice(dated=MONDAY), date(2026, 9, 2), date(2026, 8, 29)),
    (
        "federal employees' plans count from the date on the denial, not receipt",
        "fehb",
        "1",
        Notice(dated=MONDAY, received=LATER),
        date(2026, 9, 2),
        date(2026, 9, 9),
    ),
    (
        "5 is never added to 65",
        "medicare_advantage_noncontract_provider",
        "1",
        Notice(dated=MONDAY),
        date(2026, 5, 6),
        date(2026, 5, 11),
    ),
    (
        "60 after presumed receipt is 65 after the notice",
        "medicare_advantage_enrollee",
        "1",
        Notice(dated=MONDAY),
        date(2026, 5, 6),
        date(2026, 5, 1),
    ),
    (
        "proved earlier receipt gives an earlier deadline",
        "medicare_advantage_enrollee",
        "1",
        Notice(dated=MONDAY, received=date(2026, 3, 3)),
        date(2026, 5, 2),
        date(2026, 5, 6),
    ),
    (
        "managed Medicaid counts from the date on the notice",
        "medicaid_managed_care",
        "1",
        Notice(dated=MONDAY, received=LATER),
        date(2026, 5, 1),
        date(2026, 5, 8),
    ),
    (
        "the state contract shortens the plan's clock, not the 60 days",
        "medicaid_managed_care",
        "1",
        Notice(dated=MONDAY),
        date(2026, 5, 1),
        date(2026, 4, 1),
    ),
    (
        "old copies give 45 and 90 days for managed Medicaid",
        "medicaid_managed_care",
        "1",
        Notice(dated=MONDAY),
        date(2026, 5, 1),
        date(2026, 5, 31),
    ),
    (
        "TRICARE counts from the date on the letter",
        "tricare",
        "1",
        Notice(dated=MONDAY, received=LATER),
        date(2026, 5, 31),
        date(2026, 6, 7),
    ),
    (
        "a legal end on a Sunday stays where no rule moves it",
        "medicare_ffs",
        "1",
        Notice(dated=date(2026, 1, 5)),
        date(2026, 5, 10),
        date(2026, 5, 11),
    ),
    (
        "Part D: 5 is never added to 65",
        "part_d",
        "1",
        Notice(dated=MONDAY),
        date(2026, 5, 6),
        date(2026, 5, 11),
    ),
]


def clock(name, dates, **case):
    return deadlines.clock(BOOK, name, Case(**case), dates, closed=federal_holiday)


@pytest.mark.parametrize(("trap", "payer_class", "level", "notice", "legal", "wrong"), TRAPS, ids=[t[0] for t in TRAPS])
def test_trap(trap, payer_class, level, notice, legal, wrong):
    found = deadlines.appeal(BOOK, payer_class=payer_class, level=level, notice=notice, closed=federal_holiday)
    assert found.legal == legal != wrong, trap


def test_staff_never_lean_on_presumed_receipt():
    for payer_class in ("medicare_ffs", "medicare_advantage_enrollee", "medicare_advantage_noncontract_provider"):
        notice = Notice(dated=MONDAY, received=LATER)
        found = deadlines.appeal(BOOK, payer_class=payer_class, level="1", notice=notice, closed=federal_holiday)
        assert found.legal is not None
        assert found.act_by is not None
        assert (found.legal - found.act_by).days >= 5


def test_only_medicare_and_expedited_tricare_presume_receipt():
    presuming = {name for rule in BOOK.rules.values() if rule.presumed_receipt_days for name in rule.when.payer_class}
    assert presuming == {"medicare_ffs", "medicare_advantage_enrollee", "tricare"}
    assert [rule.id for rule in BOOK.rules.values() if rule.presumed_receipt_days and "tricare" in rule.id] == [
        "tricare-expedited"
    ]


def test_a_second_tricare_appeal_is_worked_to_the_shorter_of_its_two_ways():
    found = deadlines.appeal(
        BOOK, payer_class="tricare", level="2", notice=Notice(dated=MONDAY), closed=federal_holiday
    )
    assert (found.legal, found.act_by) == (date(2026, 5, 31), date(2026, 5, 1))  # 90 days, or 60 to the agency itself


def test_expedited_tricare_has_the_shortest_filing_window():
    notice = Notice(dated=MONDAY, received=MONDAY)
    found = deadlines.appeal(
        BOOK, payer_class="tricare", level="1", notice=notice, closed=federal_holiday, urgency="expedited"
    )
    assert found.legal == date(2026, 3, 5)


def test_the_independent_review_of_medicare_advantage_needs_no_filing():
    for payer_class in ("medicare_advantage_enrollee", "medicare_advantage_noncontract_provider"):
        found = deadlines.appeal(
            BOOK, payer_class=payer_class, level="2", notice=Notice(dated=MONDAY), closed=federal_holiday
        )
        assert (found.legal, found.act_by) == (None, None)
        assert "must forward the case" in found.because[0]


def test_fee_for_service_medicaid_shows_a_reminder_and_no_legal_day():
    found = deadlines.appeal(
        BOOK, payer_class="medicaid_ffs", level="1", notice=Notice(dated=MONDAY), closed=federal_holiday
    )
    assert (found.legal, found.act_by) == (None, date(2026, 4, 1))


def test_unitedhealthcare_disputes_are_worked_in_60_days_and_confirmed():
    found = clock(
        "provider_dispute", {"notice_dated": MONDAY}, payer="UnitedHealthcare", payer_class="commercial_fully_insured"
    )
    assert (found.legal, found.act_by) == (None, date(2026, 5, 1))
    assert "confirm it from the remittance" in found.because[0]


def test_the_decision_day_is_day_one_of_a_utn():
    found = clock(
        "authorization_end", {"decided": date(2026, 1, 1)}, payer_class="medicare_ffs", setting="hospital_outpatient"
    )
    assert found.legal == date(2026, 4, 30) != date(2026, 5, 1)
    assert "that day is day 1, so day 120 is Apr 30, 2026" in found.because


def test_the_demand_letters_date_is_day_one_of_recoupment():
    days = {
        name: clock(name, {"notice_dated": MONDAY}, payer_class="medicare_ffs").legal
        for name in ("recoupment_rebuttal", "recoupment_stop", "recoupment_interest", "recoupment_start")
    }
    assert days == {
        "recoupment_rebuttal": date(2026, 3, 16),
        "recoupment_stop": date(2026, 3, 31),
        "recoupment_interest": date(2026, 4, 1),
        "recoupment_start": date(2026, 4, 11),
    }


def test_toxin_is_not_given_before_day_84_nor_called_in_on_a_holiday():
    found = clock("next_injection", {"injected": MONDAY})
    assert (found.legal, found.act_by, found.not_before) == (date(2026, 5, 25), date(2026, 5, 26), True)


def test_office_toxin_under_original_medicare_runs_no_authorization_clock():
    found = clock("authorization_decision", {"request_received": MONDAY}, payer_class="medicare_ffs", setting="office")
    assert found.legal is None
    assert found.because[0].startswith("none runs")


def test_suit_against_opm_ends_with_the_third_year():
    found = deadlines.appeal(
        BOOK, payer_class="fehb", level="3", notice=Notice(), closed=federal_holiday, service=date(2026, 11, 22)
    )
    assert found.legal == date(2029, 12, 31)


@pytest.mark.parametrize(
    ("phase", "internal_levels", "legal"),
    [
        ("pre_service", "one", date(2026, 4, 1)),
        ("pre_service", "two", date(2026, 3, 17)),
        ("post_service", "one", date(2026, 5, 1)),
        ("post_service", "two", date(2026, 4, 1)),
    ],
)
def test_a_plan_with_two_levels_has_half_the_time_for_each(phase, internal_levels, legal):
    case = {"payer_class": "erisa_self_funded", "level": "1", "phase": phase, "internal_levels": internal_levels}
    assert clock("appeal_decision", {"appeal_received": MONDAY}, **case).legal == legal
