"""The list of common payers leans on the rulebook's own classes and policies."""

from clinic_claims.domain.common_payers import CommonPayer, faults

PAYER = CommonPayer(
    id="aetna",
    name="Aetna",
    group="National",
    classes=("erisa",),
    policies=("p1",),
    source="ours",
    confidence="recalled",
)


def test_unknown_classes_and_policies_are_named():
    assert list(faults([PAYER], {"ffs"}, {"p2"})) == [
        ("aetna", "classes: unknown erisa"),
        ("aetna", "policies: unknown p1"),
    ]
    assert list(faults([PAYER], {"erisa"}, {"p1"})) == []
