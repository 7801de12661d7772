"""The glossary: what is found by a word, and what its file may not hold."""

import pytest

from clinic_claims.domain.glossary import Term, faults, search


def term(id: str, name: str, says: str = "A word.", **more) -> Term:
    return Term(id=id, term=name, family="Words", says=says, source="ours", confidence="verified", **more)


CARC = term("carc", "CARC", "A reason code.", also=("reason code",))
CAS = term("cas", "CAS", "A segment with reason codes.")
JW = term("jw", "JW", "Drug thrown away.", see=("carc",))


@pytest.mark.parametrize(
    ("words", "found"),
    [("reason", [CARC, CAS]), ("CAS", [CAS]), ("jw", [JW]), ("segment reason", [CAS]), ("nothing", [])],
)
def test_every_word_must_stand_in_the_entry(words, found):
    assert search([CAS, JW, CARC], words) == found


def test_the_very_name_comes_first():
    assert search([CAS, CARC], "reason code")[0] is CARC


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(term("a b", "A"), "id: use small letters, digits and _ alone"), (term("a", "A", see=("b",)), "see: unknown b")],
)
def test_a_wrong_row_is_named(wrong, said):
    assert list(faults({wrong.id: wrong})) == [(wrong.id, said)]


def test_sound_rows_have_no_fault():
    assert list(faults({"carc": CARC, "jw": JW})) == []
