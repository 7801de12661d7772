from dataclasses import replace

import pytest

from clinic_claims.domain.denial_checks import contradictions, failing_examples
from clinic_claims.domain.denials import read
from clinic_claims.rulebook import load

CODES = load().denial_codes


@pytest.mark.parametrize(
    ("carc", "rarcs", "letter", "flagged"),
    [
        ("197", [], "This procedure is considered Cosmetic under your plan.", True),
        ("197", [], "There was no prior\n   authorization for this service.", False),
        ("284", [], "There is no authorization on file, no authorization was asked for.", True),
        ("50", [], "The service is not medically necessary.", False),
        ("50", [], "Botulinum toxin for this use is investigational.", True),
        ("96", ["N383"], "This is cosmetic.", False),
        ("96", ["N130"], "This is cosmetic.", False),
        ("151", [], "Not medically necessary at this frequency.", False),
        ("50", [], "You may appeal within 180 days.", False),
        ("193", [], "We uphold our decision: the service is cosmetic.", False),
        ("9999", [], "The service is cosmetic.", False),
        ("16", ["MA130"], "The claim was received after the timely filing limit.", True),
    ],
)
def test_a_letter_that_says_something_else_is_flagged(carc: str, rarcs: list[str], letter: str, flagged: bool) -> None:
    found = contradictions(CODES, read(CODES, "CO", [carc], rarcs), letter)
    assert bool(found) == flagged


def test_the_flag_names_both_sides() -> None:
    (sentence,) = contradictions(CODES, read(CODES, "CO", ["197"]), "This is cosmetic.")
    assert '"cosmetic"' in sentence
    assert "197" in sentence
    assert "Prior authorization missing" in sentence


def test_an_approval_taken_back_agrees_with_any_doubt_of_need() -> None:
    reading = read(CODES, "CO", ["50"], approved_before=True)
    assert not contradictions(CODES, reading, "Experimental and not medically necessary.")


def test_every_phrase_is_written_as_it_is_compared() -> None:
    for row in CODES.letter_words.values():
        assert all(word == " ".join(word.lower().split()) for word in row.words)


def test_an_example_that_another_rule_decides_is_found() -> None:
    assert not failing_examples(CODES)
    row = CODES.combinations["unprocessable"]
    spoilt = replace(row, examples=CODES.combinations["local_coverage"].examples)
    (sentence,) = failing_examples(replace(CODES, combinations={**CODES.combinations, row.id: spoilt}))
    assert "local_coverage" in sentence
