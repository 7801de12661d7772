"""The cases of an approval that turns into a denial, each as a difference between three columns."""

from dataclasses import replace
from datetime import date

import pytest

from clinic_claims.domain.matching import Column, Item, column, compare, failing_examples
from clinic_claims.rulebook import load

BOOK = load()
CODES = BOOK.codes
ITEMS = [
    Item(code="64612", units=1, diagnosis="G51.31", modifiers=("RT",)),
    Item(code="J0585", units=100, diagnosis="G51.31"),
]
PARTIES = {
    "rendering": "1002003006",
    "billing": "1234567893",
    "facility": "1234567893",
    "place": "11",
    "plan": "Choice PPO",
    "member_id": "LPX 1",
}
APPROVED = column(ITEMS, CODES, first_day=date(2026, 10, 6), last_day=date(2027, 1, 6), **PARTIES)
GIVEN = column(
    ITEMS,
    CODES,
    first_day=date(2026, 10, 20),
    last_day=date(2026, 10, 20),
    sides=("right",),
    drug_source="buy_and_bill",
    **PARTIES,
)
BILLED = column(
    [*ITEMS[:1], replace(ITEMS[1], units=30), replace(ITEMS[1], units=70, modifiers=("JW",))],
    CODES,
    first_day=date(2026, 10, 20),
    drug_source="buy_and_bill",
    **PARTIES,
)


def different(approved: Column | None = APPROVED, performed: Column | None = GIVEN, billed: Column | None = BILLED):
    return {
        match.rule.id: match for match in compare(approved, performed, billed, BOOK.mismatches, CODES) if not match.same
    }


def test_what_agrees_is_all_green_and_every_row_speaks():
    rows = compare(APPROVED, GIVEN, BILLED, BOOK.mismatches, CODES)
    assert [match.says for match in rows if not match.same] == []
    assert {match.rule.id for match in rows} == set(BOOK.mismatches)


def test_every_row_proves_itself_by_example():
    assert failing_examples(BOOK.mismatches.values()) == ()
    wrong = replace(BOOK.mismatches["side"], compare="among", carcs=("284",))
    assert failing_examples([wrong]) == ()
    flipped = [replace(example, differs=not example.differs) for example in wrong.example]
    assert len(failing_examples([replace(wrong, example=tuple(flipped))])) == len(flipped)


@pytest.mark.parametrize("rule", BOOK.mismatches.values(), ids=lambda rule: rule.id)
def test_a_row_has_a_case_that_agrees_one_that_differs_a_code_and_a_cure(rule):
    assert {example.differs for example in rule.example} == {True, False}
    assert rule.carcs
    assert rule.cure
    assert rule.source


# One row for each pre-service check: what is changed in the plan, which row tells of it, which denial it would draw.
BEFORE_THE_VISIT = [
    ("scheduled before the approval", {"first_day": date(2026, 10, 5)}, "dates", "302"),
    (
        "scheduled after the approval",
        {"first_day": date(2027, 1, 7), "last_day": date(2027, 1, 7)},
        "dates",
        "302",
    ),
    ("other side", {"sides": ("left",)}, "side", "284"),
    ("other code", {"units": {"64616": 1, "J0585": 100}}, "procedure", "284"),
    ("other drug", {"units": {"64612": 1, "J0588": 100}}, "product", "284"),
    ("other diagnosis", {"diagnoses": ("G24.5",)}, "diagnosis", "284"),
    ("other clinician", {"rendering": "1003004003"}, "rendering", "296"),
    ("other billing NPI", {"billing": "1003004003"}, "billing", "296"),
    ("other facility", {"facility": "1467560003"}, "facility", "296"),
    ("hospital, not office", {"place": "22"}, "place", "5"),
    ("a larger vial than approved", {"units": {"64612": 1, "J0585": 200}}, "units", "198"),
    ("other plan", {"plan": "Gold HMO"}, "plan", "109"),
    ("other card", {"member_id": "LPX 2"}, "member_id", "31"),
]


@pytest.mark.parametrize(
    ("case", "change", "row", "carc"), BEFORE_THE_VISIT, ids=[case[0] for case in BEFORE_THE_VISIT]
)
def test_a_planned_visit_is_held_against_the_approval(case, change, row, carc):
    found = different(performed=replace(GIVEN, **change), billed=None)
    assert carc in found[row].rule.carcs
    assert set(found) == {row}


# Approved, then denied: what the claim says otherwise than the approval or the record.
ON_THE_CLAIM = [
    ("units beyond the record", {"units": {"64612": 1, "J0585": 95}}, {"units_recorded": "16"}),
    ("waste beyond the approval", {"units": {"64612": 1, "J0585": 120}}, {"units": "198", "units_recorded": "16"}),
    ("modifier of the other side", {"sides": ("left",)}, {"side": "284"}),
    ("diagnosis of the other side", {"diagnosis_sides": ("left",)}, {"side_of_diagnosis": "11"}),
    ("diagnosis without a side", {"diagnosis_sides": ("unspecified",)}, {"side_of_diagnosis": "11"}),
    ("another day", {"first_day": date(2026, 10, 21)}, {"date_of_service": "16"}),
    ("billed in another place", {"place": "22"}, {"place": "5"}),
    ("procedure not recorded", {"units": {"64616": 1, "J0585": 100}}, {"procedure": "284", "units_recorded": "16"}),
]


@pytest.mark.parametrize(("case", "change", "rows"), ON_THE_CLAIM, ids=[case[0] for case in ON_THE_CLAIM])
def test_a_claim_is_held_against_approval_and_record(case, change, rows):
    found = different(billed=replace(BILLED, **change))
    assert {name: match.rule.carcs[0] for name, match in found.items()} == rows


def test_a_drug_that_was_never_approved_is_the_missing_half():
    procedure = column(ITEMS[:1], CODES, **PARTIES)
    found = different(approved=procedure)
    assert set(found) == {"half_approved"}
    assert found["half_approved"].says == (
        "Drug and procedure: approved procedure, performed procedure, drug, billed procedure, drug"
    )


def test_a_pharmacys_drug_is_not_billed_by_the_clinic():
    sent = replace(GIVEN, drug_source="specialty_pharmacy")
    assert different(performed=sent)["drug_source"].rule.carcs == ("280",)
    alone = column(ITEMS[:1], CODES, first_day=date(2026, 10, 20), **PARTIES)
    assert different(performed=sent, billed=alone) == {}


def test_an_office_visit_beside_the_injection_is_no_mismatch():
    both = [*ITEMS, Item(code="99213", units=1, diagnosis="G51.31", modifiers=("25",))]
    billed = column(both, CODES, first_day=date(2026, 10, 20), **PARTIES)
    assert different(billed=billed) == {}


def test_a_denial_without_a_record_compares_approval_and_bill():
    assert different(performed=None) == {}
    assert set(different(performed=None, billed=replace(BILLED, facility="1467560003"))) == {"facility"}
