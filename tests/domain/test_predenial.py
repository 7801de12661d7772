"""Each thing the check before billing sees, with the denial it would have been."""

from dataclasses import replace
from datetime import date

import pytest

from clinic_claims.domain import predenial
from clinic_claims.domain.predenial import LineToCheck, ToCheck
from clinic_claims.rulebook import load

BOOK = load()
DAY = date(2026, 10, 20)


def line(code="64612", units=1, diagnosis="G51.31", *modifiers):
    return LineToCheck(code=code, units=units, diagnosis=diagnosis, modifiers=modifiers)


RIGHT = line("64612", 1, "G51.31", "RT")
DRUG = line("J0585", 30, "G51.31")
WASTE = line("J0585", 70, "G51.31", "JW")
GOOD = ToCheck(
    lines=(RIGHT, DRUG, WASTE),
    day=DAY,
    payer_class="medicare_ffs",
    place="11",
    sent_on=date(2026, 10, 22),
    file_by=date(2027, 10, 20),
    file_act_by=date(2027, 10, 20),
    last_injection=date(2026, 7, 14),
    earliest=date(2026, 10, 6),
    asked_on=DAY,
    eligible=True,
    waste_paid=True,
)


def found(**change):
    findings = predenial.run(replace(GOOD, **change), BOOK.checks, BOOK.codes)
    return {finding.rule: finding for finding in findings}


def test_a_clean_claim_has_no_finding():
    assert found() == {}


CASES = [
    ("filing over", {"sent_on": date(2027, 10, 21)}, "timely_filing", "29"),
    ("filing near", {"file_act_by": date(2026, 10, 21)}, "timely_filing_near", "29"),
    ("parent diagnosis", {"lines": (line("64612", 1, "G51.3", "RT"),)}, "diagnosis_code", "146"),
    ("diagnosis of the other side", {"lines": (line("64612", 1, "G51.32", "RT"),)}, "line_side", "4"),
    ("diagnosis without a side", {"lines": (line("64612", 1, "G51.39", "RT"),)}, "line_side", "4"),
    ("no side", {"lines": (line("64612", 1, "G51.31"),)}, "side_missing", "4"),
    ("50 with RT", {"lines": (line("64612", 1, "G24.5", "50", "RT"),)}, "modifiers", "4"),
    ("JW with JZ", {"lines": (RIGHT, line("J0585", 30, "G51.31", "JW", "JZ"))}, "modifiers", "4"),
    ("GA with GZ", {"lines": (line("64612", 1, "G51.31", "RT", "GA", "GZ"),), "abn_on_file": True}, "modifiers", "4"),
    ("migraine code with 50", {"lines": (line("64615", 1, "G43.709", "50"),)}, "modifiers", "4"),
    ("50 in a surgery center", {"lines": (line("64612", 1, "G24.5", "50"),), "place": "24"}, "modifiers", "4"),
    ("no JW, no JZ", {"lines": (RIGHT, line("J0585", 100))}, "jw_jz", "16"),
    (
        "no JW, other payer",
        {"lines": (RIGHT, line("J0585", 100)), "payer_class": "erisa_self_funded"},
        "jw_jz_other_payer",
        "16",
    ),
    ("96372", {"lines": (RIGHT, line("96372"))}, "ncci", "97"),
    ("99213 without 25", {"lines": (RIGHT, line("99213"))}, "ncci", "97"),
    ("99213 with 25", {"lines": (RIGHT, line("99213", 1, "G51.31", "25"))}, "ncci_separate", "236"),
    ("surgeon's own monitoring", {"lines": (line("61458", 1, "G51.31", "RT"), line("95940"))}, "ncci", "97"),
    ("migraine beside face", {"lines": (line("64615", 1, "G43.709"), RIGHT)}, "ncci", "97"),
    ("two lines of 64612", {"lines": (RIGHT, line("64612", 1, "G24.5", "LT"))}, "mue", "151"),
    ("700 units", {"lines": (RIGHT, line("J0585", 700, "G51.31", "JZ"))}, "mue_with_records", "151"),
    ("day 83", {"day": date(2026, 10, 5), "asked_on": date(2026, 10, 5)}, "interval", "151"),
    ("day 86", {"day": date(2026, 10, 8), "asked_on": date(2026, 10, 8)}, "interval_months", "273"),
    ("coverage ended", {"coverage_to": date(2026, 9, 30)}, "coverage_ended", "27"),
    ("payer says not eligible", {"eligible": False}, "coverage_ended", "27"),
    ("coverage not begun", {"coverage_from": date(2026, 11, 1)}, "coverage_not_begun", "26"),
    ("never checked", {"asked_on": None}, "eligibility_stale", "27"),
    ("checked eight days before", {"asked_on": date(2026, 10, 12)}, "eligibility_stale", "27"),
    ("no referral", {"referral_missing": True}, "referral", "288"),
    ("no approval", {"approval_missing": True}, "authorization", "197"),
    ("not the preferred product", {"preferred": ("J0586",)}, "preferred_product", "169"),
    ("large vial", {"large_vial": "200 units were opened"}, "large_vial", "153"),
    ("waste not paid", {"waste_paid": False}, "waste_not_paid", "153"),
    ("GA without a paper", {"lines": (line("64612", 1, "G51.31", "RT", "GA"),)}, "abn", "50"),
    (
        "GA to Medicare Advantage",
        {"lines": (line("64612", 1, "G51.31", "RT", "GA"),), "payer_class": "medicare_advantage_enrollee"},
        "abn",
        "50",
    ),
    ("no procedure note", {"missing": ("procedure note",)}, "documents", "252"),
]


@pytest.mark.parametrize(("case", "change", "rule", "carc"), CASES, ids=[case[0] for case in CASES])
def test_what_would_be_denied_is_seen(case, change, rule, carc):
    finding = found(**change)[rule]
    assert carc in finding.carcs
    assert finding.cure
    assert f"CARC {carc}" in finding.codes


def test_every_check_of_the_rules_is_proved_above():
    assert {case[2] for case in CASES} == set(BOOK.checks)


@pytest.mark.parametrize(
    "change",
    [
        {"day": date(2026, 10, 6), "last_injection": date(2026, 7, 14), "asked_on": date(2026, 10, 2)},
        {"asked_on": date(2026, 10, 13)},
        {"lines": (line("64612", 1, "G24.5", "50"),)},
        {"lines": (line("64612", 1, "G24.5", "RT"), line("64612", 1, "G24.5", "LT")), "place": "24"},
        {"lines": (line("64612", 1, "G51.31", "RT", "GA"),), "abn_on_file": True},
        {
            "day": date(2023, 6, 30),
            "lines": (RIGHT, line("J0585", 100)),
            "last_injection": None,
            "asked_on": date(2023, 6, 30),
        },
    ],
    ids=["day 84", "checked in the week", "50 alone", "two lines in a surgery center", "GA signed", "before JZ"],
)
def test_the_day_and_the_case_that_just_pass_stop_nothing(change):
    assert predenial.errors(predenial.run(replace(GOOD, **change), BOOK.checks, BOOK.codes)) == ()


def test_a_clinical_reason_lets_an_early_session_through():
    early = {"day": date(2026, 10, 5), "asked_on": date(2026, 10, 5)}
    assert "interval" not in found(**early, early_reason="Corneal exposure; discussed with the payer's physician")


def test_errors_come_first():
    findings = predenial.run(replace(GOOD, asked_on=None, approval_missing=True), BOOK.checks, BOOK.codes)
    assert [finding.severity for finding in findings] == ["error", "warning"]
