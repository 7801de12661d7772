"""Vials that patients share balance to zero, in toxin units and in billing units."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.domain import vials
from clinic_claims.domain.codes import DrugLine
from clinic_claims.domain.vials import Draw, OpenVial
from clinic_claims.rulebook import load

BOOK = load().codes
DAY = date(2026, 11, 10)
ONE = OpenVial(id=1, product="J0585", lot="C1", size=100)
TWO = OpenVial(id=2, product="J0585", lot="C2", size=100)


def test_two_patients_sharing_a_vial_leave_nothing_and_the_last_one_bears_the_waste():
    draws = [Draw(vial=1, visit=10, injected=Decimal(25)), Draw(vial=1, visit=11, injected=Decimal("27.5"))]
    draws += vials.rest(vials.log([ONE], draws))
    (balance,) = vials.log([ONE], draws)
    assert (balance.left, balance.fault, balance.visits) == (0, "", (10, 11))
    first, second = vials.shares(BOOK.products["J0585"], [ONE], draws)
    assert first.lines(DAY, BOOK.wastage_dates) == (DrugLine(units=25, modifier="JZ"),)
    assert second.lines(DAY, BOOK.wastage_dates) == (DrugLine(units=28), DrugLine(units=47, modifier="JW"))


def test_a_dose_runs_over_into_the_next_vial():
    balances = vials.log([ONE, TWO], [Draw(vial=1, visit=9, injected=Decimal(80))])
    assert vials.fill(balances, Decimal(50), 10) == (
        Draw(vial=1, visit=10, injected=Decimal(20)),
        Draw(vial=2, visit=10, injected=Decimal(30)),
    )
    with pytest.raises(ValueError, match="30 units are missing"):
        vials.fill(balances, Decimal(150), 10)


@pytest.mark.parametrize(
    ("injected", "fault"),
    [("70", "30 units are neither"), ("120", "20 units more were taken"), ("100", "")],
)
def test_a_vial_that_does_not_add_up_says_so(injected, fault):
    (balance,) = vials.log([ONE], [Draw(vial=1, visit=10, injected=Decimal(injected))])
    assert fault in balance.fault
    assert bool(fault) == bool(balance.fault)


def test_a_vial_sent_for_one_patient_goes_to_nobody_else():
    own = OpenVial(id=3, product="J0585", lot="P7", size=100, kept_for=5)
    draws = [Draw(vial=3, visit=10, injected=Decimal(20)), Draw(vial=3, visit=11, injected=Decimal(20))]
    assert vials.faults([own], draws, {10: 5, 11: 6}) == ("Vial P7 was sent by a pharmacy for another patient",)
    assert vials.faults([own], draws[:1], {10: 5}) == ()


def test_no_jz_before_it_existed():
    (share,) = vials.shares(BOOK.products["J0585"], [ONE], [Draw(vial=1, visit=1, injected=Decimal(100))])
    assert share.lines(date(2022, 12, 31), BOOK.wastage_dates) == (DrugLine(units=100),)


DOSES = st.lists(st.integers(1, 400).map(lambda quarter: Decimal(quarter) / 4), min_size=1, max_size=6)


@given(DOSES, st.sampled_from(sorted(BOOK.products)))
def test_a_day_always_balances_in_both_kinds_of_units(doses, code):
    product = BOOK.products[code]
    size = max(vial.toxin_units for vial in product.vials)
    opened = [OpenVial(id=number, product=code, lot=f"L{number}", size=size) for number in range(len(doses))]
    draws: list[Draw] = []
    for visit, dose in enumerate(doses):
        draws += vials.fill(vials.log(opened, draws), dose, visit)
    draws += vials.rest(vials.log(opened, draws))
    used = [each for each in vials.log(opened, draws) if each.visits]
    assert all(each.left == 0 and not each.fault for each in used)
    shares = vials.shares(product, [each.vial for each in used], draws)
    whole = sum(size // product.toxin_units_per_billing_unit for _ in used)
    assert sum(share.used + share.wasted for share in shares) == whole
    assert all(share.used >= 0 and share.wasted >= 0 for share in shares)
