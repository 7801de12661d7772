"""Dates, counts and the beginnings of sentences, as a letter writes them."""

from datetime import date

import pytest

from clinic_claims.domain.letter_parts import EarlierDecision
from clinic_claims.domain.words import counted, lowered, period, with_article


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (date(2026, 6, 24), date(2026, 6, 24), "June 24, 2026"),
        (date(2026, 6, 24), date(2026, 6, 26), "June 24 to 26, 2026"),
        (date(2026, 6, 29), date(2026, 7, 1), "June 29 to July 1, 2026"),
        (date(2026, 12, 30), date(2027, 1, 2), "December 30, 2026, to January 2, 2027"),
    ],
)
def test_a_stretch_of_days_says_once_what_both_ends_share(start, end, said):
    assert period(start, end) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Eye closure stopped", "eye closure stopped"),
        ("MRI shows no tumor", "MRI shows no tumor"),
        ("Sunnybrook 41 to 58", "Sunnybrook 41 to 58"),
        ("Bell’s palsy in 2019", "Bell’s palsy in 2019"),
        ("Medicare Appeals Council review", "Medicare Appeals Council review"),
        ("Independent Review Entity", "Independent Review Entity"),
        ("Claim LP-7", "claim LP-7"),
        ("Internal appeal, first level", "internal appeal, first level"),
        ("", ""),
    ],
)
def test_a_name_or_an_acronym_in_front_keeps_its_capital(text, said):
    assert lowered(text) == said


def test_counts_and_articles_read_as_prose():
    assert [counted(number) for number in (1, 9, 10)] == ["one", "nine", "10"]
    assert [with_article(noun) for noun in ("neurologist", "oculoplastic surgeon")] == [
        "a neurologist",
        "an oculoplastic surgeon",
    ]


@pytest.mark.parametrize(
    ("outcome", "said"), [("upheld", "the denial was upheld"), ("dismissed", "the appeal was dismissed")]
)
def test_a_denial_is_upheld_and_an_appeal_dismissed(outcome, said):
    day = date(2026, 1, 5)
    assert EarlierDecision(level_name="Appeal", filed_on=day, decided_on=day, outcome=outcome, reasons="").ended == said
