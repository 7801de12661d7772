from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.domain import codes as c
from clinic_claims.domain import drug_units as units
from clinic_claims.rulebook import load

BOOK = load().codes
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("code", "side"),
    [
        ("G51.31", "right"),
        ("G51.32", "left"),
        ("G51.33", "both"),
        ("G51.39", "unspecified"),
        ("G51.3", None),
        ("G24.5", None),
        ("Z99.9", None),
    ],
)
def test_a_diagnosis_states_its_side(code: str, side: str | None) -> None:
    assert c.side_of_diagnosis(BOOK, code) == side


@pytest.mark.parametrize(
    ("modifiers", "side"),
    [
        (["RT"], "right"),
        (["lt", "59"], "left"),
        (["50"], "both"),
        (["RT", "LT"], "both"),
        (["JZ"], None),
        ([], None),
    ],
)
def test_modifiers_state_their_side(modifiers: list[str], side: str | None) -> None:
    assert c.side_of_modifiers(modifiers) == side


@pytest.mark.parametrize(
    ("diagnosis", "modifiers", "wrong"),
    [
        ("G51.31", ["RT"], False),
        ("G51.31", ["LT"], True),
        ("G51.32", ["RT"], True),
        ("G51.31", ["50"], True),
        ("G51.33", ["RT"], False),
        ("G51.39", ["LT"], True),
        ("G51.31", [], False),
        ("G24.5", ["50"], False),
    ],
)
def test_diagnosis_and_modifier_must_name_one_side(diagnosis: str, modifiers: list[str], wrong: bool) -> None:
    assert (c.side_fault(BOOK, diagnosis, modifiers) is not None) == wrong


def test_a_parent_code_is_not_billable_and_its_children_are_named() -> None:
    fault = c.diagnosis_fault(BOOK, "G51.3")
    assert fault is not None
    assert "G51.31, G51.32, G51.33, G51.39" in fault
    assert c.diagnosis_fault(BOOK, "G51.31") is None


@pytest.mark.parametrize(
    ("code", "count", "over"),
    [
        ("64612", 1, False),
        ("64612", 2, True),
        ("J0585", 600, False),
        ("J0585", 601, True),
        ("95941", 1, True),
        ("J0589", 900, False),
    ],
)
def test_units_above_the_daily_limit(code: str, count: int, over: bool) -> None:
    assert (c.unit_fault(BOOK, code, count) is not None) == over


@pytest.mark.parametrize(
    ("code", "dose", "billed"),
    [
        ("J0585", Decimal(30), 30),
        ("J0585", Decimal("27.5"), 28),
        ("J0586", Decimal(120), 24),
        ("J0586", Decimal(122), 25),
        ("J0587", Decimal(2500), 25),
        ("J0587", Decimal(2501), 26),
        ("J0588", Decimal(0), 0),
    ],
)
def test_a_dose_in_billing_units(code: str, dose: Decimal, billed: int) -> None:
    assert units.billing_units(BOOK.products[code], dose) == billed


def test_a_dose_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        units.billing_units(BOOK.products["J0585"], -1)


def test_every_worked_case_of_discarded_drug_is_reproduced() -> None:
    assert len(BOOK.wastage_examples) == 4
    assert not units.failing_examples(BOOK)
    case, row = next(iter(BOOK.wastage_examples.items()))
    spoilt = replace(BOOK, wastage_examples={case: replace(row, injected="31")})
    (sentence,) = units.failing_examples(spoilt)
    assert case in sentence


@pytest.mark.parametrize(("dos", "modifier"), [(date(2022, 12, 31), ""), (date(2023, 1, 1), "JZ")])
def test_jz_stands_only_from_the_day_it_existed(dos: date, modifier: str) -> None:
    lines = units.waste_lines(BOOK.products["J0585"], 100, [100], dos, BOOK.wastage_dates)
    assert lines == (c.DrugLine(units=100, modifier=modifier),)


def test_a_last_billing_unit_that_covers_the_vial_leaves_no_waste() -> None:
    lines = units.waste_lines(BOOK.products["J0586"], 298, [300], TODAY, BOOK.wastage_dates)
    assert lines == (c.DrugLine(units=60, modifier="JZ"),)


@pytest.mark.parametrize("injected", [1, 25, 99, 100, 150, 200, 299])
def test_injected_and_discarded_add_up_to_the_vials(injected: int) -> None:
    lines = units.waste_lines(BOOK.products["J0585"], injected, [100, 200], TODAY, BOOK.wastage_dates)
    assert sum(line.units for line in lines) == 300


@pytest.mark.parametrize(
    ("injected", "vials", "reason"), [(101, [100], "cannot come out"), (0, [100], "cannot"), (10, [150], "not sold")]
)
def test_vials_that_cannot_be_right_are_refused(injected: int, vials: list[int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        units.waste_lines(BOOK.products["J0585"], injected, vials, TODAY, BOOK.wastage_dates)


@pytest.mark.parametrize(
    ("code", "dose", "vials"),
    [
        ("J0585", 25, (100,)),
        ("J0585", 150, (200,)),
        ("J0585", 201, (200, 100)),
        ("J0588", 25, (50,)),
        ("J0588", 60, (100,)),
        ("J0588", 110, (100, 50)),
        ("J0586", 700, (500, 300)),
    ],
)
def test_the_smallest_vials_that_cover_a_dose(code: str, dose: int, vials: tuple[int, ...]) -> None:
    assert units.smallest_vials(BOOK.products[code], dose) == vials


def test_too_large_a_vial_is_pointed_out() -> None:
    warning = units.waste_warning(BOOK.products["J0585"], 25, [200])
    assert warning is not None
    assert "100 units more" in warning
    assert units.waste_warning(BOOK.products["J0585"], 25, [100]) is None


@pytest.mark.parametrize("code", ["G51.31", "64612", "J0585", "RT", "g0453"])
def test_any_code_is_found(code: str) -> None:
    found = BOOK.find(code)
    assert found is not None
    assert found.code == code.upper()
    assert BOOK.find("00000") is None


def test_every_row_cites_its_source() -> None:
    rows = [*BOOK.diagnoses.values(), *BOOK.procedures.values(), *BOOK.products.values(), *BOOK.modifiers.values()]
    rows += [*BOOK.places.values(), *BOOK.ncci.values(), *BOOK.wastage_dates.values(), *BOOK.traps.values()]
    assert len(rows) == 48 + 42 + 5 + 29 + 5 + 4 + 5 + 14
    assert all(row.source and row.confidence for row in rows)


@pytest.mark.parametrize("code", list(BOOK.products))
def test_every_product_counts_whole_vials_in_whole_billing_units(code: str) -> None:
    product = BOOK.products[code]
    assert product.vials
    assert all(vial.toxin_units % product.toxin_units_per_billing_unit == 0 for vial in product.vials)
