"""The patient's share never exceeds what the plan allows, and the page says which way is cheaper."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.domain.estimates import Benefits, advice, share

DOLLARS = st.decimals(0, 20_000, places=2)
MAYBE = st.none() | DOLLARS


def dollars(*amounts):
    return [None if amount is None else Decimal(amount) for amount in amounts]


@pytest.mark.parametrize(
    ("allowed", "benefits", "parts", "total", "capped"),
    [
        ("900", ("500", "30", "20", "2000"), ("500", "80.00", "30"), "610.00", False),
        ("900", ("0", "30", "20", "100"), ("0", "180.00", "30"), "100", True),
        ("300", ("500", "30", "20", None), ("300", "0.00", "0"), "300", False),
        ("900", (None, None, None, None), ("0", "0.00", "0"), "0", False),
        ("900", ("0", "30", "0", "0"), ("0", "0.00", "30"), "0", True),
    ],
)
def test_the_share_is_deductible_then_coinsurance_then_copay(allowed, benefits, parts, total, capped):
    left, copay, percent, limit = dollars(*benefits)
    told = Benefits(deductible_left=left, copay=copay, coinsurance=percent, out_of_pocket_left=limit)
    found = share(Decimal(allowed), told)
    assert [found.deductible, found.coinsurance, found.copay] == dollars(*parts)
    assert (found.total, found.capped) == (Decimal(total), capped)


@given(
    DOLLARS,
    st.builds(
        Benefits,
        deductible_left=MAYBE,
        copay=MAYBE,
        coinsurance=st.none() | st.decimals(0, 100, places=1),
        out_of_pocket_left=MAYBE,
    ),
)
def test_the_share_stays_between_nothing_and_the_allowed_amount(allowed, benefits):
    found = share(allowed, benefits)
    assert 0 <= found.total <= allowed
    assert min(found.deductible, found.coinsurance, found.copay) >= 0
    assert found.capped or found.total == found.deductible + found.coinsurance + found.copay
    if benefits.out_of_pocket_left is not None:
        assert found.total <= benefits.out_of_pocket_left


def test_what_the_plan_did_not_tell_is_named():
    assert share(Decimal(100), Benefits(copay=Decimal(30))).unknown == (
        "deductible left",
        "coinsurance",
        "out of pocket left",
    )
    with pytest.raises(ValueError, match="below zero"):
        share(Decimal(-1), Benefits())


@pytest.mark.parametrize(
    ("plan", "cash", "appeal", "said"),
    [
        ("610", "350", "360", ["$260.00 cheaper", "may cost less than appealing"]),
        ("100", "350", "60", ["not above the cash price", "appealing is worth it"]),
        ("100", "350", None, ["not above the cash price"]),
    ],
)
def test_the_cheaper_way_is_said_with_figures(plan, cash, appeal, said):
    told = advice(Decimal(plan), Decimal(cash), appeal and Decimal(appeal))
    assert len(told) == len(said)
    assert all(word in sentence for word, sentence in zip(said, told, strict=True))
