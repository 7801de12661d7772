"""Words typed into one letter: an edit keeps tables and references, a paragraph stands where it was put."""

import re
from html import unescape

import pytest

from clinic_claims import pdf
from clinic_claims.domain.own_words import OwnParagraph, compared, editable, pieces, reworded, tables
from clinic_claims.examples import facts_examples
from tests.letter_cases import book, compose, facts, letter, plain, words

NECESSITY = "appeal_toxin_necessity"


def rewritten(name: str, **edits: str):
    made = letter(name)
    return compose(made.facts, book(), made.kind.id, edits=edits)


@pytest.mark.parametrize("name", [name for name in facts_examples() if letter(name).arguments])
def test_standard_words_taken_as_they_are_print_the_same_letter(name):
    made = letter(name)
    same = rewritten(name, **{one.id: pdf.standard(made, one) for one in made.arguments})
    assert words(same) == words(made)
    assert (same.citations, same.gaps) == (made.citations, made.gaps)


@pytest.mark.parametrize("name", [name for name in facts_examples() if letter(name).arguments])
def test_edited_words_are_plain(name):
    made = letter(name)
    for argument in made.arguments:
        said = pdf.standard(made, argument)
        assert said
        assert not re.search(r"<|&\w+;|  ", said)
        assert set(re.findall(r"\[([\w-]+)\]", said)) <= {"table", *(one.id for one in made.citations)}


def test_an_edit_keeps_the_references_it_names_and_drops_the_others():
    made = rewritten(NECESSITY, toxin_hfs_evidence="It works [defazio_2002].\n\nAnd lasts.")
    cited = [one.id for one in made.citations]
    assert "defazio_2002" in cited
    assert "tambasco_2021" not in cited
    assert f"It works [{made.note('defazio_2002')}]. And lasts." in words(made)


def test_a_table_left_out_is_left_out_and_a_second_mark_prints_nothing():
    made = letter(NECESSITY)
    argument = next(one for one in made.arguments if "[table]" in pdf.standard(made, one))
    without = words(rewritten(NECESSITY, **{argument.id: "No table."}))
    twice = pdf.html(rewritten(NECESSITY, **{argument.id: "Once [table] and [table] again."}))
    assert "Criteria of" in words(made)
    assert "Criteria of" not in without
    assert twice.count('class="crosswalk"') == 1
    assert "Once" in twice


def test_an_edit_is_marked_on_screen_and_names_its_argument():
    page = pdf.html(rewritten(NECESSITY, toxin_response="Mine."))
    assert '<p class="edited" data-src="edited:toxin_response">Mine.</p>' in page
    assert ".edited" not in (pdf.LETTERS / "letter.css").read_text("utf-8")


def test_own_paragraphs_follow_the_section_or_argument_they_name():
    own = [
        OwnParagraph(id="1", after="plan", text="After the plan."),
        OwnParagraph(id="2", after="toxin_response", text="After the argument."),
        OwnParagraph(id="3", after="an argument since switched off", text="Stray."),
    ]
    said = words(compose(facts(NECESSITY), book(), own=own))
    order = [
        said.index(part) for part in ("After the argument.", "Plan of care", "After the plan.", "What I ask", "Stray.")
    ]
    assert order == sorted(order)
    assert [said.count(paragraph.text) for paragraph in own] == [1, 1, 1]


HOSTILE = (
    "<b>bold</b> <script>alert(1)</script>",
    '"><img src="file:///etc/passwd"> url(http://198.51.100.1/x)',
    "</section><style>p { display: none }</style>",
    "{{ facts }} {% include 'letter.css' %}",
    "Ann\u202egnp.exe \u2066left\u2069",
    "&lt;b&gt; &amp;",
    "x" * 10_000,
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["edit", "own"])
def test_hostile_words_print_as_text(text, where):
    edits = {"toxin_response": text} if where == "edit" else {}
    own = [OwnParagraph(id="1", after="plan", text=text)] if where == "own" else []
    page = pdf.html(compose(facts(NECESSITY), book(), edits=edits, own=own))
    assert not re.search(r"<(?:img|script|style|b)\b", page)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    shown = plain(unescape(re.sub(r"<[^>]*>", " ", page)))
    assert re.sub("[\u202a-\u202e\u2066-\u2069]", "", text) in shown


def test_two_texts_are_compared_by_words():
    runs = [(run.kind, run.text) for run in compared("The left eye closes.", "The right eye closes at noon.")]
    assert runs == [
        ("same", "The "), ("gone", "left "), ("new", "right "), ("same", "eye "),
        ("gone", "closes."), ("new", "closes at noon."),
    ]  # fmt: skip
    assert [run.kind for run in compared("Same words.", "Same words.")] == ["same"]
    assert compared("", "") == ()


def test_better_words_take_the_place_of_a_phrase_however_it_was_spaced():
    typed = "MVD is the only\n  cure. The only cure."
    assert reworded(typed, "only cure", "prospect") == "MVD is the prospect. The only cure."
    assert reworded(typed, "only cure", "the only option") == "MVD is the only option. The only cure."
    assert reworded("only cure", "only cure", r"\1 as typed") == r"\1 as typed"


def test_tables_stand_in_paragraphs_of_their_own():
    fragment = '<p>One <em>two</em>.</p>\n<div class="keep"><table><tr><td>3</td></tr></table></div>\n<p> </p>'
    assert editable(fragment) == "One two.\n\n[table]"
    assert tables(fragment) == ['<div class="keep"><table><tr><td>3</td></tr></table></div>']
    assert pieces("One [table] two\nthree\n\nfour") == ["One", "[table]", "two three", "four"]
