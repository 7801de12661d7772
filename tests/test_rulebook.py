"""Every rule proves itself by example, and a rulebook that does not add up is refused with file and line."""

import re
import shutil
from dataclasses import replace
from datetime import date

import pytest

from clinic_claims import rulebook
from clinic_claims.calendars import federal_holiday
from clinic_claims.domain import clock_checks
from clinic_claims.domain.reckoning import evaluate

CLOCKS = rulebook.load().clocks
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in CLOCKS.rules.values()
    for number, example in enumerate(rule.example, 1)
]
OVERSTATED = re.compile(r"github|public rules|\bPRD\b", re.IGNORECASE)


@pytest.fixture
def folder(tmp_path):
    """A copy of the rules that a test may spoil."""
    return shutil.copytree(rulebook.FOLDER, tmp_path / "rules")


def spoil(folder, file, old, new):
    """Write one thing wrong into a rule file and return the faults found."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(rulebook.RulebookError) as caught:
        rulebook.load(folder)
    return caught.value.faults


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_clock_rule_agrees_with_its_own_example(rule, example):
    found = evaluate(rule, example.dates, federal_holiday, printed=example.printed)
    assert (found.legal, found.act_by) == (example.legal, example.act_by)


def test_a_wrong_example_is_told_with_both_answers():
    rule = CLOCKS.rules["medicare-redetermination"]
    wrong = replace(rule, example=(replace(rule.example[0], legal=date(2026, 5, 11)),))
    told = clock_checks.failing_examples(replace(CLOCKS, rules={wrong.id: wrong}), federal_holiday)
    assert [name for name, _ in told] == [rule.id]
    assert "2026-05-11" in told[0][1]
    assert "2026-05-10" in told[0][1]


@pytest.mark.parametrize("rule", CLOCKS.rules.values(), ids=lambda rule: rule.id)
def test_a_clock_rule_names_its_authority_and_source(rule):
    assert rule.citation
    assert rule.source
    assert not OVERSTATED.search(rule.source + rule.citation + rule.note)
    assert rule.confidence == "recalled" or rule.checked


def test_stale_rules_are_those_recalled_ended_or_long_unread():
    told = dict(clock_checks.stale(CLOCKS, date(2026, 11, 22)))
    assert told["part-d-redetermination"] == "source never read: recalled only"
    assert told["medicare-opd-decision-before-2025"] == "in force until Dec 31, 2024"
    assert "medicare-redetermination" not in told
    assert dict(clock_checks.stale(CLOCKS, date(2028, 1, 1)))["medicare-redetermination"].startswith("source last read")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("length = { days = 120 }\n", "", "needs either a length or, in unknown, why there is none"),
        ("length = { days = 120 }", "length = { weeks = 17 }", "unknown key weeks"),
        ("length = { days = 120 }", "length = { days = 0 }", "a length needs exactly one unit, above zero"),
        ('payer_class = ["medicare_ffs"], level = ["1"]', 'payer_class = ["medicare"]', "payer class medicare is not"),
        (
            'payer_class = ["medicare_ffs"], level = ["1"]',
            'payer_class = ["medicare_ffs"], level = ["8"]',
            "no level 8",
        ),
        ('level = ["2"] }\nnote = "Last', 'level = ["1"] }\nnote = "Last', "same cases and days"),
        (
            'starts = "notice_dated"\nlength = { days = 65 }',
            'starts = "whim"\nlength = { days = 65 }',
            "expected one of",
        ),
        ("since = 2025-01-01", 'since = "2025-01-01"', "expected a date"),
    ],
)
def test_a_faulty_clock_rule_is_refused_with_its_place(folder, old, new, fault):
    faults = spoil(folder, "deadlines.toml", old, new)
    assert any(re.match(r"deadlines\.toml:\d+: ", told) and fault in told for told in faults), faults
