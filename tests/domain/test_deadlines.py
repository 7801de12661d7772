"""Which rule speaks, what it answers, and what is said when nothing is known."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clinic_claims import rulebook
from clinic_claims.calendars import federal_holiday
from clinic_claims.domain import deadlines
from clinic_claims.domain.clock_rules import Rule, Span, When
from clinic_claims.domain.counting import Length
from clinic_claims.domain.deadlines import Case, Notice
from clinic_claims.domain.payer_classes import amount_in_controversy, ladder

BOOK = rulebook.load().clocks
MONDAY = date(2026, 3, 2)


def appeal(payer_class, level="1", state=None, urgency="standard", contract=(), service=None, **notice):
    return deadlines.appeal(
        BOOK,
        payer_class=payer_class,
        level=level,
        notice=Notice(**notice),
        closed=federal_holiday,
        state=state,
        urgency=urgency,
        service=service,
        contract=contract,
    )


def clock(name, dates, printed=None, extended=False, **case):
    return deadlines.clock(BOOK, name, Case(**case), dates, closed=federal_holiday, printed=printed, extended=extended)


def test_a_remittance_of_original_medicare_explains_itself():
    assert deadlines.to_json(appeal("medicare_ffs", dated=date(2026, 1, 5))) == {
        "rule": "medicare-redetermination",
        "legal": "2026-05-10",
        "act_by": "2026-05-05",
        "because": [
            "Remittance dated Jan 5, 2026",
            "receipt is presumed 5 days later: Jan 10, 2026",
            "plus 120 days is May 10, 2026 (a Sunday)",
            "act by: notice date plus 120 days, May 5, 2026",
        ],
        "citation": "42 CFR 405.942",
        "confidence": "verified",
    }


def test_a_self_funded_plan_counts_from_proved_receipt_and_staff_from_the_letter():
    found = appeal("erisa_self_funded", dated=date(2026, 2, 25), received=date(2026, 3, 1))
    assert (found.legal, found.act_by) == (date(2026, 8, 28), date(2026, 8, 24))


@pytest.mark.parametrize("step", BOOK.levels.values(), ids=lambda step: step.id)
def test_every_step_of_every_ladder_has_an_answer(step):
    found = appeal(step.payer_class, step.level, dated=MONDAY, service=MONDAY)
    assert found.rule
    assert found.because
    assert found.citation
    assert found.confidence in ("verified", "partly_verified", "recalled")
    assert bool(found.caution) == (found.confidence != "verified")
    assert found.step == step
    assert found.legal or found.because[0].startswith(("not known", "nothing to file"))


def test_medicare_advantage_answers_to_its_plain_name():
    assert appeal("medicare_advantage", dated=MONDAY) == appeal("medicare_advantage_enrollee", dated=MONDAY)


@pytest.mark.parametrize(
    ("payer_class", "level", "why"),
    [
        ("barter", "1", "payer class barter is not in the rulebook"),
        ("medicare_ffs", "", "no further level of appeal; levels on file: 1, 2, 3, 4, 5"),
        ("medicare_ffs", "9", "no level 9; levels on file: 1, 2, 3, 4, 5"),
        ("chip", "1", "no level 1; levels on file: none"),
        ("medicare_ffs", "1", "the date on the notice, which is not on file"),
        ("fehb", "3", "the day of service, which is not on file"),
    ],
)
def test_what_is_not_known_is_said(payer_class, level, why):
    found = appeal(payer_class, level)
    assert (found.legal, found.act_by) == (None, None)
    assert why in found.because[-1]


def test_a_notice_received_before_its_date_is_questioned():
    found = appeal("medicare_ffs", dated=MONDAY, received=date(2026, 3, 1))
    assert (found.legal, found.act_by) == (None, None)
    assert found.because == ("received Mar 1, 2026, before the notice's own date Mar 2, 2026: check both dates",)


@pytest.mark.parametrize(
    ("printed", "act_by", "said"),
    [
        (date(2026, 12, 1), date(2026, 8, 24), "later than the day counted: do not rely on it"),
        (date(2026, 7, 5), date(2026, 7, 2), "earlier than the day counted"),
        (date(2026, 8, 28), date(2026, 8, 24), "too"),
    ],
)
def test_a_printed_day_shortens_but_never_silently_extends(printed, act_by, said):
    found = appeal("erisa_self_funded", dated=date(2026, 2, 25), received=date(2026, 3, 1), printed=printed)
    assert (found.legal, found.act_by) == (date(2026, 8, 28), act_by)
    assert any(sentence.startswith("the notice itself prints") and said in sentence for sentence in found.because)


def test_a_printed_day_fills_a_gap():
    found = appeal("workers_comp", dated=MONDAY, printed=date(2026, 4, 4))
    assert (found.legal, found.act_by) == (date(2026, 4, 4), date(2026, 4, 3))


def test_a_printed_day_stands_alone_where_no_rule_speaks():
    found = clock("authorization_end", {}, printed=date(2026, 4, 4), payer_class="fehb")
    assert (found.legal, found.act_by, found.authority) == (date(2026, 4, 4), date(2026, 4, 3), "notice")


@pytest.mark.parametrize(
    ("dated", "rule", "legal"),
    [
        (date(2024, 12, 31), "ma-reconsideration-before-2025", date(2025, 3, 1)),
        (date(2025, 1, 1), "ma-reconsideration", date(2025, 3, 7)),
    ],
)
def test_an_old_notice_keeps_the_rule_of_its_day(dated, rule, legal):
    found = appeal("medicare_advantage", dated=dated)
    assert (found.rule, found.legal) == (rule, legal)


@pytest.mark.parametrize(
    ("received", "case", "rule"),
    [
        (date(2025, 12, 31), {"payer_class": "medicare_advantage"}, "ma-service-decision-before-2026"),
        (date(2026, 1, 1), {"payer_class": "medicare_advantage"}, "ma-service-decision"),
        (date(2026, 1, 1), {"payer_class": "medicaid_managed_care"}, "mco-service-decision"),
        (
            date(2024, 12, 31),
            {"payer_class": "medicare_ffs", "setting": "hospital_outpatient"},
            "medicare-opd-decision-before-2025",
        ),
        (date(2025, 1, 1), {"payer_class": "medicare_ffs", "setting": "hospital_outpatient"}, "medicare-opd-decision"),
        (date(2026, 1, 4), {"payer_class": "medicare_ffs", "setting": "asc", "state": "FL"}, ""),
        (
            date(2026, 1, 5),
            {"payer_class": "medicare_ffs", "setting": "asc", "state": "FL"},
            "medicare-asc-decision-first-states",
        ),
        (date(2026, 2, 1), {"payer_class": "medicare_ffs", "setting": "asc", "state": "TX"}, ""),
        (
            date(2026, 2, 2),
            {"payer_class": "medicare_ffs", "setting": "asc", "state": "TX"},
            "medicare-asc-decision-second-states",
        ),
    ],
)
def test_an_authorization_request_keeps_the_clock_of_its_day(received, case, rule):
    found = clock("authorization_decision", {"request_received": received}, benefit="procedure", **case)
    assert found.rule == rule


@pytest.mark.parametrize("payer_class", ["commercial_fully_insured", "erisa_self_funded", "fehb"])
@pytest.mark.parametrize("benefit", ["drug", "procedure"])
def test_the_seven_days_bind_no_plan_outside_the_federal_rule(payer_class, benefit):
    found = clock("authorization_decision", {"request_received": MONDAY}, payer_class=payer_class, benefit=benefit)
    assert found.legal == date(2026, 3, 17)


@pytest.mark.parametrize("payer_class", ["medicare_advantage", "medicaid_ffs", "medicaid_managed_care"])
def test_the_seven_days_bind_the_procedure_and_never_the_drug(payer_class):
    dates = {"request_received": MONDAY}
    drug = clock("authorization_decision", dates, payer_class=payer_class, benefit="drug")
    procedure = clock("authorization_decision", dates, payer_class=payer_class, benefit="procedure")
    assert procedure.legal == date(2026, 3, 9)
    assert drug.legal is not None
    assert drug.legal < procedure.legal


def test_what_a_clock_depends_on_is_asked_for():
    found = clock("authorization_decision", {"request_received": MONDAY}, payer_class="medicare_advantage")
    assert found.because == ("not known: it depends on whether this is the drug or the procedure",)


def test_hours_run_to_the_moment_and_the_day_is_the_clinics_own():
    late = datetime(2026, 3, 3, 23, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
    found = clock(
        "authorization_decision",
        {"request_received": late},
        payer_class="medicare_advantage",
        benefit="drug",
        urgency="expedited",
    )
    assert found.at is not None
    assert found.at.astimezone(UTC) == datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
    assert found.legal == date(2026, 3, 4)
    assert "plus 24 hours is Mar 4, 2026 at 23:30" in found.because


def test_an_extension_is_added_only_when_the_payer_took_it():
    case = {"payer_class": "medicare_advantage", "benefit": "procedure"}
    found = clock("authorization_decision", {"request_received": MONDAY}, extended=True, **case)
    assert found.legal == date(2026, 3, 23)
    assert "extended by 14 days: Mar 23, 2026" in found.because


def test_a_state_rule_goes_before_the_federal_one():
    assert appeal("commercial_fully_insured", "3", "CA", dated=MONDAY).legal == date(2026, 9, 2)
    assert appeal("commercial_fully_insured", "3", "TX", dated=MONDAY).legal == date(2026, 7, 2)
    assert appeal("erisa_self_funded", "3", "CA", dated=MONDAY).legal == date(2026, 7, 2)
    assert appeal("medicaid_ffs", "1", "IN", dated=MONDAY).legal == date(2026, 4, 4)
    assert appeal("medicaid_ffs", "1", "OH", dated=MONDAY).act_by == date(2026, 4, 1)


@pytest.mark.parametrize("payer", ["aetna", "Aetna", "Aetna Better Health"])
def test_a_payer_is_known_by_its_name(payer):
    case = {"payer_class": "commercial_fully_insured", "payer": payer}
    assert clock("provider_dispute", {"notice_dated": MONDAY}, **case).rule == "aetna-dispute"
    assert clock("provider_dispute", {"notice_dated": MONDAY}, state="NJ", **case).rule == "aetna-dispute-nj"


def test_a_corrected_claim_must_meet_timely_filing():
    first = clock("timely_filing", {"service": MONDAY}, payer_class="medicare_ffs")
    assert clock("corrected_claim", {"service": MONDAY}, payer_class="medicare_ffs") == first


def contract_term(days, payer="aetna"):
    return Rule(
        id="contract-dispute",
        clock="provider_dispute",
        label="Contract, dispute",
        starts="notice_dated",
        length=Length(days=days),
        when=When(payer=(payer,)),
        authority="contract",
        citation="Agreement of 2024, section 7",
        confidence="verified",
    )


@pytest.mark.parametrize(
    ("days", "act_on", "act_by"),
    [(60, "contract-dispute", date(2026, 5, 1)), (365, "aetna-dispute", date(2026, 8, 28))],
)
def test_contract_and_payer_rule_are_both_shown_and_the_earliest_is_acted_on(days, act_on, act_by):
    heard = deadlines.sources(
        BOOK,
        "provider_dispute",
        Case(payer="aetna", payer_class="commercial_fully_insured"),
        {"notice_dated": MONDAY},
        closed=federal_holiday,
        printed=date(2026, 12, 31),
        contract=[contract_term(days)],
    )
    found = deadlines.contest(heard)
    assert [deadline.authority for deadline in found.all] == ["notice", "contract", "payer"]
    assert (found.act_on.rule, found.act_on.act_by) == (act_on, act_by)


def test_an_unknown_answer_never_wins_over_a_date():
    known, unknown = appeal("medicare_ffs", dated=MONDAY), appeal("erisa_self_funded", "2", dated=MONDAY)
    assert deadlines.contest([unknown, known]).act_on == known
    with pytest.raises(ValueError, match="empty"):
        deadlines.contest([])


def test_a_contract_that_ended_is_silent():
    ended = replace(contract_term(10), in_force=Span(until=date(2025, 12, 31)))
    case = Case(payer="aetna", payer_class="commercial_fully_insured")
    dates = {"notice_dated": MONDAY}
    found = deadlines.clock(BOOK, "provider_dispute", case, dates, closed=federal_holiday, contract=[ended])
    assert found.rule == "aetna-dispute"


@pytest.mark.parametrize(
    ("turnaround", "start"), [(None, date(2026, 5, 29)), (12, date(2026, 5, 29)), (45, date(2026, 5, 15))]
)
def test_a_renewal_starts_by_the_payers_own_turnaround(turnaround, start):
    found = deadlines.renewal(BOOK, date(2026, 6, 30), closed=federal_holiday, turnaround_days=turnaround)
    assert found.act_by == start
    assert ("this payer has taken 45 days to decide" in found.because) == (turnaround == 45)


def test_a_contract_term_of_another_clock_is_passed_over():
    other = replace(contract_term(10), clock="timely_filing")
    case = Case(payer="aetna", payer_class="commercial_fully_insured")
    found = deadlines.clock(
        BOOK, "provider_dispute", case, {"notice_dated": MONDAY}, closed=federal_holiday, contract=[other]
    )
    assert found.rule == "aetna-dispute"


def test_recalled_rules_carry_their_caution():
    assert appeal("part_d", dated=MONDAY).caution == "unverified: check the notice"
    assert appeal("tricare", "3", dated=MONDAY).caution == "partly unverified: the paragraph of 32 CFR 199.10"
    assert appeal("medicare_ffs", dated=MONDAY).caution == ""


def test_the_amount_in_controversy_is_that_of_the_year_of_the_request():
    hearing, court = BOOK.levels["medicare_ffs/3"], BOOK.levels["medicare_ffs/5"]
    assert amount_in_controversy(hearing, 2026, BOOK.amounts) == Decimal(200)
    assert amount_in_controversy(court, 2026, BOOK.amounts) == Decimal(1960)
    assert amount_in_controversy(BOOK.levels["tricare/3"], 2026, BOOK.amounts) == Decimal(300)
    assert amount_in_controversy(BOOK.levels["medicare_ffs/1"], 2026, BOOK.amounts) is None
    assert "2027 is not on file" in str(amount_in_controversy(hearing, 2027, BOOK.amounts))


def test_a_ladder_is_climbed_in_order():
    steps = ladder(BOOK.levels.values(), "medicare_ffs")
    assert [step.name for step in steps][:3] == ["Redetermination", "Reconsideration", "OMHA hearing"]
