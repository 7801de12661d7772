"""The quality gate: each fault leaves its own item to do, and no other."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_claims.domain.comparison import DIAGNOSIS_SIDES
from clinic_claims.domain.own_words import OwnParagraph
from clinic_claims.domain.quality_gate import Course, gate, open_items
from clinic_claims.domain.words import dated
from clinic_claims.examples import facts_examples
from clinic_claims.rulebook import load
from tests.letter_cases import book, changed, compose, facts, letter

CASE = facts("appeal_toxin_necessity")
ITEMS = ("time", "level", "law", "filled", "enclosed", "side", "interval", "cited", "policy", "claims")
LATE = CASE.denial.legal + timedelta(1)
POLICY = CASE.policy
RETIRED = replace(book(), citations={k: replace(c, status="recalled") for k, c in book().citations.items()})


def own(text):
    return [OwnParagraph(id="1", after="plan", text=text)]


def early():
    """A denial for frequency with a session after 70 days, whose explanation is left out of the letter."""
    denial = {"category": "frequency", "explanation": "It wore off."}
    return changed(CASE, denial=denial, claim={"service_from": CASE.injections[-1].on + timedelta(70)})


FAULTS = {
    "late": ("time", lambda: compose(replace(CASE, today=LATE), book())),
    "last day not known": ("time", lambda: compose(changed(CASE, denial={"legal": None}), book())),
    "second level without the first": ("level", lambda: compose(changed(CASE, denial={"level": 2}), book())),
    "another class's law typed": (
        "law",
        lambda: compose(CASE, book(), own=own("Under 42 CFR 422.101 the plan must follow LCDs.")),
    ),
    "no member number": ("filled", lambda: compose(changed(CASE, coverage={"member_id": ""}), book())),
    "no address": ("filled", lambda: compose(changed(CASE, coverage={"appeals_address": ()}), book())),
    "a blank in a fact": ("filled", lambda: compose(changed(CASE, treatment={"plan": "30 units [sites]."}), book())),
    "a blank typed": ("filled", lambda: compose(CASE, book(), own=own("Since [date] she cannot read."))),
    "a reference that is none": (
        "filled",
        lambda: compose(CASE, book(), edits={"toxin_response": "It works [smith_1999]."}),
    ),
    "a criterion not answered": (
        "filled",
        lambda: compose(
            replace(CASE, policy=replace(POLICY, criteria=(replace(POLICY.criteria[0], met=None),))), book()
        ),
    ),
    "no policy page": (
        "enclosed",
        lambda: compose(replace(CASE, documents=tuple(d for d in CASE.documents if d.kind != "policy_page")), book()),
    ),
    "the modifier of another side": (
        "side",
        lambda: compose(
            changed(CASE, claim={"lines": tuple(replace(x, modifiers=("RT",)) for x in CASE.claim.lines)}), book()
        ),
    ),
    "a code of another side": (
        "side",
        lambda: compose(changed(CASE, treatment={"diagnosis_codes": ("G51.31",)}), book()),
    ),
    "a note of another side": (
        "side",
        lambda: compose(
            replace(
                CASE,
                findings=tuple(replace(f, words=f.words.replace("left", "right")) for f in CASE.findings),
            ),
            book(),
        ),
    ),
    "an early session not explained": ("interval", lambda: compose(early(), book(), chosen=["criteria_are_met"])),
    "a reference not verified": ("cited", lambda: compose(CASE, RETIRED)),
    "a policy without a version": (
        "policy",
        lambda: compose(replace(CASE, policy=replace(POLICY, version=" ")), book()),
    ),
    "a policy younger than the service": (
        "policy",
        lambda: compose(changed(CASE, policy={"version": "effective January 1, 2027"}), book()),
    ),
    "overstated by hand": ("claims", lambda: compose(CASE, book(), own=own("MVD is the only cure."))),
    "overstated in an edit": (
        "claims",
        lambda: compose(CASE, book(), edits={"toxin_response": "Spasm never goes away."}),
    ),
    "a word banned from the argument": ("claims", lambda: banned()),
}


def banned():
    """An edit that says what its argument must never say."""
    argument = next(one for one in letter("appeal_toxin_necessity").arguments if one.never)
    return compose(CASE, book(), edits={argument.id: f"We say {argument.never[0]} here."})


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_its_own_item_to_do_and_no_other(name):
    item, make = FAULTS[name]
    checks = gate(make(), Course())
    assert {check.item for check in open_items(checks)} == {item}
    assert all(gap.what and gap.why and gap.do for check in checks for gap in check.gaps)


def test_every_item_has_a_fault_that_the_table_tries():
    assert {item for item, _ in FAULTS.values()} == set(ITEMS)


@pytest.mark.parametrize("name", facts_examples())
def test_a_complete_letter_has_every_item_done_and_says_so(name):
    checks = gate(letter(name), Course())
    assert [check.item for check in checks] == [*ITEMS, "signed", "sent", "after"]
    assert open_items(checks) == ()
    assert all(check.said for check in checks)


def test_no_gap_escapes_the_gate():
    bare = replace(CASE, findings=(), injections=(), documents=(), claim=None, denial=None, policy=None)
    made = compose(bare, book())
    assert made.gaps
    assert {gap for check in gate(made, Course()) for gap in check.gaps} == set(made.gaps)


def test_what_comes_later_is_told_and_then_done():
    before = {check.item: check for check in gate(letter("appeal_toxin_necessity"), Course())}
    assert (before["signed"].state, before["sent"].state) == ("later", "later")
    assert "Elena R. Park, MD signs it" in before["signed"].said
    course = Course(signed="Signed by E. Park.", sent="By fax on November 22, 2026.", after="External review.")
    after = {check.item: check for check in gate(letter("appeal_toxin_necessity"), course)}
    assert [after[item].state for item in ("signed", "sent", "after")] == ["done"] * 3
    assert after["after"].said == "External review."


def test_the_sides_of_the_codes_are_those_of_the_rulebook():
    known = load().codes.diagnoses
    assert {code: row.side for code, row in known.items() if row.side in ("right", "left", "both")} == DIAGNOSIS_SIDES


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("effective January 1, 2027", date(2027, 1, 1)),
        ("rev. 03/09/2026", date(2026, 3, 9)),
        ("2026-02-22", date(2026, 2, 22)),
        ("13/45/2026", None),
        ("L33458, version 12", None),
    ],
)
def test_a_version_names_its_day(version, day):
    assert dated(version) == day
