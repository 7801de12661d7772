"""Every sentence of every letter can say where it comes from."""

import re

import pytest

from clinic_claims import pdf
from clinic_claims.domain.provenance import Origin, origins
from clinic_claims.examples import facts_examples
from tests.letter_cases import book, compose, facts, letter

SOURCES = re.compile(r'data-src="([^"]*)"')


@pytest.mark.parametrize("name", facts_examples())
def test_every_source_named_in_a_letter_leads_somewhere(name):
    made = letter(name)
    found = [origins(made, tokens) for tokens in SOURCES.findall(pdf.html(made))]
    assert len(found) > 5
    assert all(found)


@pytest.mark.parametrize("name", [name for name in facts_examples() if name.startswith(("appeal", "lmn"))])
def test_no_sentence_of_the_body_stands_without_a_source(name):
    body = pdf.html(letter(name)).partition('class="salutation"')[2].partition('<p class="sincerely"')[0]
    bare = re.sub(r'<(span|tr|li|p|strong|blockquote)[^>]*data-src="[^"]*"[^>]*>.*?</\1>', "", body, flags=re.DOTALL)
    headings = re.sub(r"<(h2|caption|thead)[^>]*>.*?</\1>", "", bare, flags=re.DOTALL)
    left = " ".join(re.sub(r"<[^>]*>", " ", headings).split())
    known = ("To the Appeals Reviewer:", "To the Medical Director:", "Severity on a published scale, by date.")
    for words in known:
        left = left.replace(words, "")
    assert re.sub(r"The notice gives this reason.*?:", "", left).strip(' ">') == ""


def test_a_finding_tells_its_words_exhibit_and_page():
    found = origins(letter("appeal_toxin_necessity"), "finding:driving")
    assert found[0].kind == "fact"
    assert found[0].place == "Exhibit B, page 2"
    assert found[0].text.startswith("The left eye closes by force")


def test_a_citation_tells_its_status_and_limits():
    (found,) = origins(letter("appeal_toxin_necessity"), "citation:defazio_2002")
    assert found.status == "verified"
    assert "biased upwards" in found.limits


def test_a_request_tells_its_law():
    (found,) = origins(letter("appeal_toxin_necessity"), "hook:erisa_decide")
    assert (found.kind, found.place) == ("law", "29 CFR 2560.503-1(h)(3)(ii)")


def test_an_edited_argument_is_staffs_own_word():
    made = compose(facts("appeal_toxin_necessity"), book(), edits={"toxin_response": "Mine."})
    assert origins(made, "edited:toxin_response") == (Origin("own", "edited:toxin_response", "Mine."),)


def test_a_source_that_leads_nowhere_is_an_error():
    with pytest.raises(LookupError):
        origins(letter("appeal_toxin_necessity"), "denial.mood")
