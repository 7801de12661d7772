"""Composing: identifiers, exhibits, citations, gaps, and the law of the payer's own class."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_claims import pdf
from clinic_claims.domain.facts import LetterFacts
from clinic_claims.domain.own_words import OwnParagraph
from clinic_claims.examples import facts_example, facts_examples, letter_kind
from clinic_claims.reading import Misread, from_json
from clinic_claims.rulebook import load
from tests.letter_cases import PAYER_CLASSES, book, changed, compose, every_letter, facts, letter, texts, words

LAW = {
    "commercial_fully_insured": r"147\.136|ILCS|Tex\. Ins|Ins\. Law|Health & Safety|O\.C\.G\.A|Alaska Stat",
    "erisa_self_funded": r"ERISA|2560\.503|2590\.715|Employee Retirement",
    "medicare_ffs": r"42 CFR 405|redetermination|Qualified Independent",
    "medicare_advantage": r"42 CFR 422|Medicare Advantage|Independent Review Entity",
    "medicaid_managed_care": r"42 CFR 438|fair hearing",
    "tricare": r"TRICARE|32 CFR",
    "fehb": r"890\.105|Personnel Management|brochure",
    "va_community_care": r"authorized referral",
    "part_d": r"42 CFR 423",
}
"""Words that give away a payer class's law."""


EVERY_LAW = (
    "45 CFR 147.136(b); 29 CFR 2560.503-1(h); 42 CFR 405.942; 42 CFR 422.582; 42 CFR 438.402; 42 CFR part 431;"
    " 32 CFR 199.10; 5 CFR 890.105(b); 42 CFR 423.582; 215 ILCS 200/55"
)


def own(payer_class: str) -> str:
    return "medicare_advantage" if payer_class.startswith("medicare_advantage") else payer_class


@pytest.mark.parametrize("payer_class", PAYER_CLASSES)
@pytest.mark.parametrize("name", facts_examples())
@pytest.mark.parametrize("level", [1, 2])
def test_no_letter_names_the_law_of_another_payer_class(name, payer_class, level):
    case = changed(facts(name), coverage={"payer_class": payer_class, "plan": "Plan", "funding": "-"})
    if case.denial:
        case = changed(case, denial={"level": level, "time_rule": EVERY_LAW})
    said = words(compose(case, book(), letter_kind(name)))
    strangers = {group: re.findall(law, said) for group, law in LAW.items() if group != own(payer_class)}
    assert {group: hits for group, hits in strangers.items() if hits} == {}


def test_state_law_protects_approvals_in_its_own_state_alone():
    said = {
        state: words(letter("appeal_toxin_approved", coverage={"state": state})) for state in ("TX", "IL", "CA", "OH")
    }
    assert "Tex. Ins. Code" in said["TX"]
    assert "215 ILCS" in said["IL"]
    assert "1371.8" in said["CA"]
    assert "Ins. Code" not in said["OH"]


def test_a_self_funded_plan_is_never_shown_state_law():
    said = words(letter("appeal_toxin_approved", coverage={"payer_class": "erisa_self_funded"}))
    assert "Texas a preauthorized" not in said


@pytest.mark.parametrize("name", facts_examples())
def test_examples_are_complete(name):
    assert letter(name).gaps == ()


ARGUED = [
    name
    for name in facts_examples()
    if any(argument.cites for argument in letter(name).arguments) and "references" in letter(name).kind.ending
]


def test_most_letters_argue_from_the_literature():
    assert {"appeal_toxin_necessity", "appeal_mvd_approved", "external_review", "lmn_renewal"} <= {*ARGUED}


@pytest.mark.parametrize("name", ARGUED)
def test_a_letter_cites_two_or_more_verified_sources_by_number(name):
    made = letter(name)
    said = words(made)
    assert len(made.citations) >= 2
    assert all(citation.status == "verified" and citation.use != "adverse" for citation in made.citations)
    numbers = [int(found) for found in re.findall(r" \[(\d+)\]", said)]
    assert set(numbers) == set(range(1, len(made.citations) + 1))
    first = list(dict.fromkeys(numbers))
    assert first == sorted(first), "references are numbered in the order of their mention"


@pytest.mark.parametrize("name", facts_examples())
def test_every_number_of_a_letter_stands_in_its_facts_or_rules(name):
    made = letter(name)
    known = set(re.findall(r"\d+", " ".join([repr(made.facts), *map(repr, made.citations), *map(repr, made.requests)])))
    known |= {str(day.day) for day in _dates(made.facts)} | {str(made.facts.age)} | set(map(str, made.facts.intervals))
    known |= {str(tried.weeks) for tried in made.facts.prior_treatments} | set(map(str, range(1, 10)))
    known |= set(re.findall(r"\d+", repr(made.grounds) + repr(made.facts.compared)))
    known |= {str(sum(exhibit.document.pages for exhibit in made.exhibits))}
    known |= {str((made.facts.following or 0) + 1)}  # a fax with its cover
    for argument in made.arguments:
        known |= set(re.findall(r"\d+", _template(argument.id)))
    printed = set(re.findall(r"\d+", words(made).replace(",", "")))
    assert {number.lstrip("0") for number in printed} - {
        number.lstrip("0") for number in known | _joined(made)
    } == set()


def _dates(case):
    found = re.findall(r"datetime\.date\((\d+), (\d+), (\d+)\)", repr(case))
    return [date(*map(int, parts)) for parts in found]


def _joined(made):
    """Money and counts of thousands, whose commas the test takes out."""
    source = " ".join([repr(made.facts), *(_template(argument.id) for argument in made.arguments)])
    return set(re.findall(r"\d+", source.replace(",", "")))


def _template(name):
    return (pdf.LETTERS / "arguments" / f"{name}.html").read_text("utf-8")


def test_every_identifier_is_printed():
    for made in every_letter():
        said = words(made)
        if made.kind.identified:
            assert [item.label for item in made.identifiers if item.value.replace("\u00a0", " ") not in said] == []


def test_the_denial_reason_is_quoted_and_the_letter_proves_that_it_is_in_time():
    said = words(letter("appeal_toxin_necessity"))
    assert "“This service is not medically necessary. The information submitted does not show" in said
    assert "notice is dated October 12, 2026, and reached us through the payer portal on October 15, 2026" in said
    assert "The time to file ends on April 13, 2027 (29 CFR 2560.503-1(h)(3)(i)); this letter" in said


def test_exhibits_are_lettered_in_the_order_reviewers_expect():
    made = letter("appeal_toxin_necessity")
    assert [exhibit.letter for exhibit in made.exhibits] == list("ABCDEFG")
    assert made.exhibits[0].document.kind == "denial_notice"
    assert made.exhibit("notes").letter == "B"
    assert made.exhibit("nothing") is None


def test_thirty_exhibits_go_on_after_z():
    case = facts("appeal_toxin_necessity")
    many = tuple(replace(case.documents[0], id=f"d{index}") for index in range(30))
    letters = [e.letter for e in compose(replace(case, documents=many), book()).exhibits]
    assert letters[25:28] == ["Z", "AA", "AB"]


@pytest.mark.parametrize(
    ("part", "field", "what"),
    [
        ("coverage", "member_id", "Member ID is missing"),
        ("coverage", "group_number", "Group number is missing"),
        ("clinic", "npi", "Clinic NPI is missing"),
        ("clinic", "tin", "Clinic TIN is missing"),
        ("claim", "payer_control_number", "Claim number is missing"),
        ("denial", "quoted", "Denial reason in the payer's words is missing"),
        ("denial", "legal", "Last day to file is missing"),
        ("signer", "credentials", "Signer credentials is missing"),
    ],
)
def test_a_missing_identifier_is_a_gap(part, field, what):
    empty = None if field in ("legal", "group_number") else ""
    gaps = letter("appeal_toxin_necessity", **{part: {field: empty}}).gaps
    assert [gap.what for gap in gaps] == [what]
    assert gaps[0].field == f"{part}.{field}"


def test_medicare_needs_no_group_number():
    made = letter("appeal_toxin_necessity", coverage={"payer_class": "medicare_ffs", "group_number": None})
    assert made.gaps == ()


@pytest.mark.parametrize("unfilled", ["[insert date]", "TBD", "XXX", "{{ name }}", "____"])
def test_a_placeholder_in_a_fact_is_a_gap(unfilled):
    gaps = letter("appeal_mvd_necessity", treatment={"plan": f"Surgery on {unfilled}"}).gaps
    assert [gap.field for gap in gaps] == ["treatment.plan"]


def test_a_late_letter_a_wrong_side_and_a_long_address_are_gaps():
    case = facts("appeal_toxin_necessity")
    late = replace(case, today=case.denial.legal + timedelta(1))
    assert [gap.what for gap in compose(late, book()).gaps] == ["The time to appeal ended on April 13, 2027"]
    assert "is in time" not in words(compose(late, book()))
    assert letter("appeal_toxin_necessity", treatment={"side": "right"}).gaps[0].what == (
        "Modifier and treated side differ"
    )
    long = letter("appeal_toxin_necessity", coverage={"appeals_address": ("a", "b", "c", "d", "e")}).gaps
    assert long[0].what == "The address has 5 lines"


def test_missing_evidence_and_enclosures_are_gaps_that_say_what_to_do():
    case = facts("appeal_toxin_necessity")
    bare = compose(replace(case, findings=()), book()).gaps
    assert "A severity scale with its date is not on file" in [gap.what for gap in bare]
    assert all(gap.do and gap.why for gap in bare)
    without = compose(replace(case, documents=case.documents[1:]), book()).gaps
    assert without == ()
    unproved = compose(replace(case, documents=case.documents[:1]), book()).gaps
    assert "Enclosure missing: the payer's policy, marked up" in [gap.what for gap in unproved]


def test_an_unanswered_criterion_is_a_gap():
    case = facts("appeal_toxin_necessity")
    blank = tuple(replace(criterion, met=None) for criterion in case.policy.criteria[:1])
    gaps = compose(replace(case, policy=replace(case.policy, criteria=blank)), book()).gaps
    assert [gap.field for gap in gaps] == ["policy.criteria.0"]


def test_arguments_can_be_picked_and_ordered():
    case = facts("appeal_toxin_necessity")
    made = compose(case, book(), chosen=["toxin_response", "criteria_are_met"])
    assert [argument.id for argument in made.arguments] == ["toxin_response", "criteria_are_met"]
    with pytest.raises(KeyError):
        compose(case, book(), chosen=["mvd_imaging"])


def test_no_argument_at_all_is_a_gap():
    (gap,) = compose(facts("appeal_toxin_necessity"), book(), chosen=[]).gaps
    assert gap.field == "arguments"
    assert gap.do.startswith("Switch one on: “The payer’s own criteria")
    bare = changed(facts("appeal_toxin_necessity"), denial={"category": "timely_filing"})
    needed = {gap.field: gap.do for gap in compose(bare, book()).gaps}
    assert needed["arguments"].endswith("once this holds: Proof that the claim was accepted in time is on file.")


def test_a_facts_document_with_unknown_or_missing_keys_is_refused_by_name():
    document = facts_example("lmn_toxin")
    document["patient"]["nickname"] = "Dot"
    del document["coverage"]["member_id"]
    with pytest.raises(Misread) as refused:
        from_json(document, LetterFacts)
    assert "patient: unknown key nickname" in refused.value.faults
    assert "coverage.member_id: missing key member_id" in refused.value.faults


def test_only_facts_speak_of_the_patient():
    """The made-up name stands nowhere in the templates, so nothing of one case can leak into another."""
    said = words(letter("appeal_mvd_necessity"))
    for other in texts(facts("appeal_toxin_necessity").patient):
        assert other not in said


def test_every_kind_of_letter_has_an_example():
    assert {letter_kind(name) for name in facts_examples()} == set(book().kinds)


THANKS = OwnParagraph(id="1", after="plan", text="Thank you.")


def test_edited_arguments_and_own_paragraphs_print_as_typed_and_lose_their_references():
    case = facts("appeal_toxin_necessity")
    made = compose(case, book(), edits={"toxin_hfs_evidence": "My words.\n\nAnd <more>."}, own=[THANKS])
    said = words(made)
    assert "My words. And <more>." in said
    assert "Thank you." in said
    assert "tambasco_2021" not in [citation.id for citation in made.citations]
    assert made.gaps == ()


def test_overstatements_typed_by_hand_are_gaps_with_better_words():
    gaps = letter("appeal_mvd_necessity", treatment={"without": "MVD is the only cure."}).gaps
    assert [gap.field for gap in gaps] == ["treatment.without"]
    assert "prospect of a definitive cure" in gaps[0].do
    mine = OwnParagraph(id="7", after="plan", text="Botox is FDA-approved for hemifacial spasm.")
    own = compose(facts("appeal_mvd_necessity"), book(), own=[mine])
    assert [gap.field for gap in own.gaps] == ["own:7"]


def test_what_the_payer_wrote_is_quoted_even_when_it_overstates():
    assert letter("appeal_mvd_necessity", denial={"quoted": "MVD is the only cure."}).gaps == ()


def test_rules_name_payer_classes_and_denial_categories_that_exist():
    rules = load()
    classes, categories = set(rules.clocks.classes), set(rules.denial_codes.categories)
    rows = [*book().arguments.values(), *book().hooks.values()]
    assert {name for row in [*rows, *book().columns.values()] for name in row.payer_classes} <= classes
    assert {name for row in rows for name in row.answers} <= categories
    assert {name for row in book().evidence.values() for name in row.costs} <= categories
    assert set(PAYER_CLASSES) == classes
