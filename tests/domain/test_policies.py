from datetime import date

import pytest

from clinic_claims.domain.policies import version_on
from clinic_claims.rulebook import load

POLICIES = load().policies


@pytest.mark.parametrize(("day", "old", "new"), [(date(2026, 2, 14), True, False), (date(2026, 2, 15), False, True)])
def test_an_old_service_keeps_the_policy_of_its_day(day: date, old: bool, new: bool) -> None:
    held = {policy.id for policy in POLICIES.values() if policy.topic == "toxin" and policy.held_on(day)}
    assert ("lcd_l34635" in held, "lcd_l39909" in held) == (old, new)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.id)
def test_only_a_policy_that_was_read_to_cover_hfs_may_be_quoted(policy) -> None:
    says_so = any(word in policy.hfs_position for word in ("covered", "listed"))
    refuses = any(word in policy.hfs_position.lower() for word in ("not ", "unknown", "unread"))
    assert policy.source
    if policy.may_be_quoted:
        assert says_so
        assert not refuses
    if "NOT covered" in policy.hfs_position:
        assert policy.hfs == "not_covered"


def test_a_replaced_policy_names_its_successor() -> None:
    assert all(policy.replaced_by in POLICIES for policy in POLICIES.values() if policy.replaced_by)
    assert len(POLICIES) == 49
    assert set(load().patterns) == {"interval", "continuation", "stop_rule", "product", "cosmetic"}


@pytest.mark.parametrize("asked", ["lcd_l34635", "lcd_l39909"])
@pytest.mark.parametrize(
    ("day", "held"),
    [(date(2026, 2, 14), "lcd_l34635"), (date(2026, 2, 15), "lcd_l39909"), (date(2026, 11, 20), "lcd_l39909")],
)
def test_whichever_version_a_plan_names_the_one_of_the_day_is_asked(asked: str, day: date, held: str) -> None:
    found = version_on(POLICIES, asked, day)
    assert found is not None
    assert found.id == held


def test_a_policy_that_is_not_on_file_for_the_day_is_not_guessed() -> None:
    assert version_on(POLICIES, "no_such_policy", date(2026, 2, 14)) is None
    assert version_on(POLICIES, "aetna_cpb_0113", date(2025, 12, 31)) is None
