"""Standard paragraphs: what their merge fields print, what may be left out, and what is refused with its place."""

import re

import pytest

from clinic_claims.domain.letters import compose
from clinic_claims.domain.merge_fields import FIELDS, Shown
from clinic_claims.domain.paragraphs import Paragraph, blocks, field_faults, filled, merged, paragraph_faults
from clinic_claims.examples import facts_examples
from tests.letter_cases import book, changed, facts, letter

CASE = "appeal_toxin_approved"
SHOWN = letter(CASE).shown()


def said(text: str, shown: Shown = SHOWN) -> list[list[tuple[str, str]]]:
    return [[(s.text, s.source) for line in block.lines for s in line] for block in blocks(text, shown)]


def test_each_sentence_names_the_facts_that_it_tells():
    found = said("I treat {patient} for {condition}. {payer} refused it. We differ.")
    assert found == [
        [
            ("I treat Ms. Castellano for right hemifacial spasm.", "patient.called treatment"),
            ("Lone Prairie Insurance Company refused it.", "coverage.payer"),
            ("We differ.", ""),
        ]
    ]


def test_a_blank_line_begins_a_paragraph_and_dashes_make_points():
    one, two, points = blocks("One.\nStill one.\n\nTwo.\n\n- First.\n- Second {patient}.", SHOWN)
    assert [one.lines[0][0].text, two.lines[0][0].text] == ["One.", "Two."]
    assert one.lines[0][1].text == "Still one."
    assert [points.is_list, len(points.lines)] == [True, 2]
    assert not one.is_list


def test_brackets_are_left_out_where_a_field_is_not_known():
    text = "It ended[ on {deadline}][ ({time rule})]."
    assert filled(text, SHOWN) == "It ended on April 5, 2027 (45 CFR 147.136(b)(2)(i))."
    bare = compose(changed(facts(CASE), denial={"legal": None, "time_rule": None}), book()).shown()
    assert filled(text, bare) == "It ended."


def test_a_fact_is_never_read_as_a_field():
    shown = compose(changed(facts(CASE), patient={"called": "{payer} [x]"}), book()).shown()
    assert filled("For {patient}.", shown) == "For {payer} [x]."
    assert merged("For {patient} [kept].", shown) == "For {payer} [x] [kept]."


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Dear\n{patint},", "Line 2: {patint} is no merge field here. Do you mean {patient}?"),
        ("{{ facts.clinic }}", "Line 1: { facts.clinic } is no merge field here."),
        ("{% include 'x' %}", "Line 1: {% include 'x' %} is no merge field here."),
        ("{", "Line 1: { is no merge field here."),
        ("It was due {due on}.", "Line 1: {due on} is no merge field here."),
        ("[open", "Line 1: a square bracket is open."),
    ],
)
def test_what_is_no_merge_field_here_is_named_with_its_line(text, fault):
    allowed = Paragraph(id="x", name="X", where="x", text="{patient}").allowed
    assert next(field_faults(text, allowed)).startswith(fault)


def test_a_shipped_paragraph_with_an_unknown_field_is_a_fault_of_the_rules():
    wrong = Paragraph(id="x", name="X", where="x", text="{nobody}", fields=("nothing",))
    assert [fault for _, fault in paragraph_faults([wrong])] == [
        "Line 1: {nobody} is no merge field here.",
        "nothing is no merge field",
    ]


@pytest.mark.parametrize("name", facts_examples())
def test_every_field_can_be_told_of_every_case(name):
    shown = letter(name).shown()
    for field in FIELDS.values():
        told = field.told(shown)
        assert "None" not in told
        assert told or not field.everywhere


def test_no_shipped_paragraph_names_a_law():
    laws = [column.marks for column in book().columns.values()]

    texts = [paragraph.text for paragraph in book().paragraphs.values()]
    assert not [text for text in texts for law in laws if re.search(law, text)]
