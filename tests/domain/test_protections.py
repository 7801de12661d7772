import pytest

from clinic_claims.domain.protections import protections_for
from clinic_claims.rulebook import load

BOOK = load()
ROWS = BOOK.protections.values()


@pytest.mark.parametrize(
    ("payer_class", "state", "found"),
    [
        ("medicare_advantage_enrollee", "CA", ["ma_422_138_c", "ma_ncd_lcd"]),
        ("commercial_fully_insured", "CA", ["ca"]),
        ("commercial_fully_insured", "ca", ["ca"]),
        ("erisa_self_funded", "CA", ["erisa"]),
        ("commercial_fully_insured", "HI", []),
        ("commercial_fully_insured", None, []),
        ("medicare_ffs", "TX", ["opd_affirmation"]),
    ],
)
def test_a_state_statute_never_reaches_a_self_funded_or_federal_plan(
    payer_class: str, state: str | None, found: list[str]
) -> None:
    assert [row.id for row in protections_for(ROWS, payer_class, state)] == found


def test_a_statute_that_was_not_read_is_not_cited() -> None:
    assert {row.state for row in ROWS if row.state and row.may_be_cited} == {"AK", "CA", "GA", "IL", "NY", "TX"}
    assert not BOOK.protections["mn"].may_be_cited
    assert not BOOK.protections["erisa"].may_be_cited


def test_every_payer_class_named_exists() -> None:
    assert len(BOOK.protections) == 4 + 17
    assert {name for row in ROWS for name in row.payer_classes} <= set(BOOK.clocks.classes)
