"""How letters read: commas, articles, nothing said twice, for every kind, condition and reason; no more than needed."""

import re
from collections import Counter
from dataclasses import replace
from html import unescape

import pytest

from clinic_claims import pdf
from clinic_claims.domain.exhibits import DocumentFacts
from clinic_claims.domain.facts import CONDITIONS
from clinic_claims.domain.own_words import OwnParagraph
from clinic_claims.examples import facts_examples, letter_kind
from tests.letter_cases import book, changed, compose, facts, letter, plain, texts, words

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
LOOSE_DATE = re.compile(rf"(?:{MONTHS}) \d+, \d{{4}} [a-z]\w*")
SLIPS = re.compile(r"\.\.|,,|;;|:;| [,.;:]|\( | \)|\ban? an?\b|\ba [aeio]\w*|\ban [bcdfgjklmnpqrstvwyz]\w*")
OF_SURGERY = ("trigeminal_neuralgia", "glossopharyngeal_neuralgia")
CATEGORIES = sorted({answer for argument in book().arguments.values() for answer in argument.answers})


def sentences(made) -> list[str]:
    """The sentences of the letter's own running text, without tables, references and what the facts say verbatim."""
    page = pdf.html(made).partition('class="salutation"')[2].partition('class="refs"')[0]
    text = re.sub(r"<(table|blockquote|h2)\b.*?</\1>", " ", page, flags=re.DOTALL)
    said = plain(unescape(re.sub(r"<[^>]*>", " ", text)))
    for fact in sorted(texts(made.facts), key=len, reverse=True):
        said = said.replace(plain(fact), "·") if len(fact) > 40 else said
    return [one.strip() for one in re.split(r"(?<=[.?!])\s", said)]


def of(condition, category):
    surgical = condition in OF_SURGERY
    case = facts("appeal_mvd_necessity" if surgical else "appeal_toxin_necessity")
    told = {"category": category, "explanation": "The clinic explains it here."}
    return changed(case, treatment={"condition": condition}, denial=told)


def faults_of(made) -> list[str]:
    said = sentences(made)
    twice = [one for one, times in Counter(said).items() if times > 1 and len(one) > 25]
    text = " ".join(said)
    return [*twice, *LOOSE_DATE.findall(text), *(found[0] for found in SLIPS.finditer(text))]


@pytest.mark.parametrize("name", facts_examples())
def test_every_example_reads_without_a_slip(name):
    assert faults_of(letter(name)) == []


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_and_reason_reads_without_a_slip(condition):
    found = {category: faults_of(compose(of(condition, category), book())) for category in CATEGORIES}
    assert {category: faults for category, faults in found.items() if faults} == {}


@pytest.mark.parametrize("name", facts_examples())
def test_reasons_are_summed_up_in_the_order_in_which_they_are_argued(name):
    made, said = letter(name), words(letter(name))
    shown = [argument.heading for argument in (*_leading(made), *_others(made)) if argument.heading in said]
    places = [said.index(heading) for heading in shown]
    assert places == sorted(places)
    assert list(made.shown().reasons) == [argument.summary for argument in (*_leading(made), *_others(made))]


def _leading(made):
    return [argument for argument in made.arguments if argument.lead]


def _others(made):
    return [argument for argument in made.arguments if not argument.lead]


def test_a_specialty_takes_its_own_article():
    said = words(letter("appeal_toxin_necessity", denial={"category": "wrong_benefit"}))
    other = letter(
        "appeal_toxin_necessity",
        denial={"category": "wrong_benefit"},
        signer={"specialty": "oculoplastic surgeon"},
    )
    assert "with a procedure by a neurologist" in said
    assert "with a procedure by an oculoplastic surgeon" in words(other)


def test_one_session_is_one_and_a_name_in_a_response_keeps_its_capital():
    case = facts("appeal_toxin_necessity")
    first = replace(case.injections[0], response="Sunnybrook 41 to 58")
    said = words(compose(replace(case, injections=(first,)), book()))
    assert "through one recorded session before this one." in said
    assert "30 units: Sunnybrook 41 to 58" in said


def test_a_session_whose_response_nobody_noted_is_told_without_one():
    case = facts("appeal_toxin_necessity")
    silent = replace(case.injections[-1], response="")
    said = words(compose(replace(case, injections=(*case.injections[:-1], silent)), book()))
    assert "June 29, 2026, 30 units (Exhibit C, page 3)." in said


@pytest.mark.parametrize("name", ["appeal_toxin_necessity", "corrected_cover", "patient_letter"])
def test_words_of_the_payer_that_are_not_on_file_are_shown_as_missing(name):
    said = words(letter(name, denial={"quoted": ""}))
    assert "“”" not in said
    assert "missing" in said


def test_imaging_that_does_not_name_the_side_is_not_said_to_agree_with_it():
    case = facts("appeal_mvd_necessity")
    other = [replace(f, words=f.words.replace("right", "left")) if f.kind == "imaging" else f for f in case.findings]
    made = compose(replace(case, findings=tuple(other)), book())
    assert "mvd_imaging" not in [argument.id for argument in made.arguments]
    assert "mvd_imaging" in [argument.id for argument in made.waiting]
    assert "left facial nerve" in words(made), "the finding itself is still told"


def test_no_regained_function_is_claimed_where_nothing_was_given_before():
    case = changed(facts("appeal_toxin_necessity"), coverage={"payer_class": "medicare_ffs"})
    case = replace(changed(case, denial={"category": "cosmetic"}), injections=())
    assert "regained" not in words(compose(case, book()))


def test_no_referral_is_said_to_be_named_where_none_is():
    said = words(letter("appeal_toxin_necessity", coverage={"payer_class": "va_community_care"}))
    assert "under the authorized referral for this care" in said


@pytest.mark.parametrize("category", ["cosmetic", "experimental", "frequency", "medical_necessity"])
def test_medicare_advantage_is_not_told_that_it_denied_for_necessity(category):
    case = {"coverage": {"payer_class": "medicare_advantage_enrollee"}, "denial": {"category": category}}
    assert "Because the denial is for lack" not in words(letter("appeal_toxin_necessity", **case))


PROOF = DocumentFacts(id="proof", kind="timely_filing_proof", title="Acceptance by the payer", pages=1)


def late_claim(**more):
    case = changed(facts("appeal_toxin_necessity"), denial={"category": "timely_filing"})
    return compose(replace(case, documents=(*case.documents, PROOF)), book(), **more)


def test_a_claim_filed_in_time_is_proved_without_the_chart():
    made, said = late_claim(), words(late_claim())
    assert [exhibit.document.kind for exhibit in made.exhibits] == ["denial_notice", "timely_filing_proof"]
    assert not re.search("Clinical history|What has been tried|Plan of care|MRI|oculoplastic", said)
    assert "acceptance is enclosed (Exhibit B)" in said
    assert made.gaps == ()


def test_a_paragraph_of_the_clinic_stands_even_where_its_section_is_not_told():
    mine = OwnParagraph(id="1", after="plan", text="We thank you.")
    assert words(late_claim(own=[mine])).count("We thank you.") == 1


@pytest.mark.parametrize("name", ["appeal_mvd_necessity", "external_review", "expedited"])
def test_a_refused_request_is_called_a_request(name):
    made = letter(name)
    assert "denied request REF-5520198" in made.subject
    assert letter_kind(name) == made.kind.id
