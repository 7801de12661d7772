"""What each kind of letter must say, and must not: its reader, its level, its pages, what it encloses."""

import re
from dataclasses import replace
from datetime import date

import pytest

from clinic_claims.domain.exhibits import DocumentFacts
from clinic_claims.domain.quality_gate import Course, gate
from clinic_claims.examples import facts_examples
from tests.letter_cases import book, changed, compose, facts, letter, words

NO_APPEAL = ("retro_auth", "corrected_cover", "file_request", "records_cover", "complaint")
HINGED = ("corrected_cover", "records_cover")


def labels(made):
    return {item.label for item in made.identifiers}


@pytest.mark.parametrize("name", NO_APPEAL)
def test_a_letter_that_is_no_appeal_is_not_filed_as_one(name):
    assert {"Level", "Last day to file"}.isdisjoint(labels(letter(name)))


@pytest.mark.parametrize("name", ["appeal_toxin_necessity", "external_review", "dispute", "takeback", "p2p_brief"])
def test_what_must_be_filed_in_time_names_its_level_and_its_last_day(name):
    assert {"Level", "Last day to file"} <= labels(letter(name))


def test_an_outside_reviewer_is_asked_to_decide_for_the_plan():
    made = letter("external_review")
    said, payer = words(made), made.facts.coverage.payer
    assert f"I ask you to review the decision of {payer} of December 14, 2026." in said
    assert said.count(f"Please overturn this decision and require {payer} to approve") == 2
    assert f"I ask {payer}" not in said


def test_an_expedited_request_says_first_why_it_cannot_wait():
    said = words(letter("expedited"))
    assert said.index("Why this cannot wait") < said.index("The request") < said.index("gives this reason")


def test_a_fax_cover_counts_the_pages_that_follow_and_names_no_claim():
    made = letter("fax_cover")
    said = words(made)
    assert "16 pages, not counting this sheet" in said
    assert "17, this sheet included" in said
    assert made.facts.claim.payer_control_number not in said
    assert made.facts.coverage.member_id not in said


def test_a_fax_cover_without_a_bound_packet_counts_nothing():
    said = words(compose(replace(facts("fax_cover"), following=None), book(), "fax_cover"))
    assert "The letter and its enclosures follow. If a page is missing" in said


@pytest.mark.parametrize("name", facts_examples())
def test_no_letter_claims_a_way_by_which_it_was_sent(name):
    assert "Also by fax" not in words(letter(name))


def test_the_notice_is_pointed_at_as_the_exhibit_of_its_own_day():
    second = letter("appeal_second_level")
    assert "reached us through the payer portal on January 14, 2027 (Exhibit A)" in words(second)
    assert second.exhibits[0].document.id == "decision"
    old = tuple(document for document in second.facts.documents if document.id != "decision")
    said = words(compose(replace(second.facts, documents=old), book()))
    assert "on January 14, 2027. The time to file" in said, "the first notice is no proof of the second"


def test_a_document_is_of_the_day_on_file_else_of_the_day_in_its_title():
    one = DocumentFacts(id="a", kind="denial_notice", title="Notice of October 12, 2026", pages=1)
    assert one.day == date(2026, 10, 12)
    assert replace(one, dated=date(2026, 10, 15)).day == date(2026, 10, 15)
    assert replace(one, title="Notice").day is None


def test_the_second_level_tells_what_the_first_notice_said():
    said = words(letter("appeal_second_level"))
    assert "The first notice, of October 12, 2026 (CO-50, N661), gave this reason: “This service" in said
    assert said.count("interval between sessions is not documented") == 1, "the reason answered is quoted once"


def test_a_higher_level_that_does_not_answer_the_new_reasons_is_not_ready():
    gaps = letter("appeal_second_level", denial={"explanation": None}).gaps
    assert [(gap.item, gap.field) for gap in gaps] == [("level", "denial.explanation")]


def test_findings_carry_the_day_they_were_noted():
    said = words(letter("appeal_toxin_necessity"))
    assert "in the two weeks before injection (June 29, 2026; Exhibit B, page 2)" in said
    assert "by her husband’s account (Exhibit B, page 5)" in said, "the day of the examination was told just before"
    assert not re.search(r"\) \((?:Exhibit|May)", said)


@pytest.mark.parametrize("name", HINGED)
def test_a_letter_that_speaks_of_an_enclosure_waits_for_it(name):
    bare = tuple(one for one in facts(name).documents if one.kind == "denial_notice")
    gaps = compose(replace(facts(name), documents=bare), book(), name).gaps
    assert [gap.item for gap in gaps] == ["enclosed"]


def test_permission_speaks_of_a_form_only_where_there_is_one():
    case = facts("patient_consent")
    form = DocumentFacts(id="form", kind="representative_form", title="Form", pages=1)
    assert "The form is enclosed" not in words(compose(case, book(), "patient_consent"))
    assert "The form is enclosed (Exhibit A)." in words(
        compose(replace(case, documents=(form,)), book(), "patient_consent")
    )


@pytest.mark.parametrize("kind", ["fax_cover", "patient_letter", "patient_consent"])
def test_a_letter_without_identifiers_is_not_held_up_by_them(kind):
    case = changed(facts("patient_letter"), coverage={"group_number": ""}, denial={"legal": None})
    assert compose(case, book(), kind).gaps == ()


def test_only_what_quotes_the_payer_waits_for_its_words():
    silent = {kind.id for kind in book().kinds.values() if not kind.quotes}
    case = changed(facts("patient_consent"), denial={"quoted": ""})
    assert {"fax_cover", "patient_consent", "status_request", "complaint", "good_cause"} <= silent
    assert compose(case, book(), "patient_consent").gaps == ()
    assert [gap.field for gap in compose(case, book(), "patient_letter").gaps] == ["denial.quoted"]


def test_a_letter_says_what_it_asks_for_without_brackets_in_brackets():
    assert letter("appeal_mvd_necessity").ask.endswith("(microvascular decompression of a cranial nerve)")


def test_money_taken_back_is_told_as_such():
    shown = {item.label: item.value for item in letter("takeback").identifiers}
    assert (shown["Billed"], shown["Asked back"]) == ("$1,372.00", "$1,098.00")
    assert "Billed and paid" not in shown


def test_original_medicare_speaks_of_the_medicare_id():
    assert "Medicare ID" in labels(letter("appeal_toxin_necessity", coverage={"payer_class": "medicare_ffs"}))


@pytest.mark.parametrize("name", ["status_request", "patient_letter", "fax_cover"])
def test_a_letter_that_lists_no_enclosure_takes_no_record_along(name):
    made = letter(name)
    assert (made.exhibits, made.gaps) == ((), ())


def test_the_gate_asks_no_level_and_no_signature_of_what_has_none():
    told = {check.item: (check.state, check.said) for check in gate(letter("fax_cover"), Course())}
    assert told["level"] == ("done", "No appeal: it takes no level.")
    assert told["signed"] == ("done", "It carries none.")


@pytest.mark.parametrize(
    ("name", "condition", "category", "unfounded"),
    [
        ("appeal_toxin_necessity", "blepharospasm", "cosmetic", "arise from the nerve"),
        ("appeal_toxin_necessity", "hemifacial_spasm", "cosmetic", "to read and to drive"),
        ("appeal_toxin_necessity", "chronic_migraine", "medical_necessity", "records the condition and its course"),
        ("appeal_mvd_necessity", "hemifacial_spasm", "medical_necessity", "reviews recommend"),
    ],
)
def test_no_argument_says_more_than_chart_and_source_do(name, condition, category, unfounded):
    said = words(letter(name, treatment={"condition": condition}, denial={"category": category}))
    assert unfounded not in said
