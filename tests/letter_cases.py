"""Cases for the tests of letters: the facts documents shipped as examples, and changes to them."""

import re
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html import unescape

from clinic_claims import pdf
from clinic_claims.domain.facts import LetterFacts
from clinic_claims.domain.letters import Letter, LetterBook, compose
from clinic_claims.examples import facts_example, facts_examples, letter_kind
from clinic_claims.reading import from_json
from clinic_claims.rulebook import load

PAYER_CLASSES = (
    *("commercial_fully_insured", "erisa_self_funded", "medicare_ffs", "medicare_advantage_enrollee"),
    *("medicare_advantage_noncontract_provider", "medicaid_managed_care", "medicaid_ffs", "tricare", "fehb"),
    *("va_community_care", "part_d", "workers_comp", "chip"),
)


def book() -> LetterBook:
    return load().letters


@cache
def facts(name: str) -> LetterFacts:
    return from_json(facts_example(name), LetterFacts)


def letter(name: str, **parts: dict) -> Letter:
    return compose(changed(facts(name), **parts), book(), letter_kind(name))


def changed(case: LetterFacts, **parts: dict) -> LetterFacts:
    """Return the case with some fields of some parts replaced."""
    return replace(case, **{part: replace(getattr(case, part), **values) for part, values in parts.items()})


def every_letter() -> list[Letter]:
    return [letter(name) for name in facts_examples()]


def words(made: Letter) -> str:
    """The visible words of a letter, in one line."""
    page = pdf.html(made)
    text = re.sub(r"<[^>]*>", " ", page[page.index("<body") :])
    return plain(unescape(text))


def plain(text: str) -> str:
    """Undo what is there for line breaks alone."""
    return " ".join(text.replace("\u00a0", " ").replace("\u2060", "").split())


def texts(value: object) -> list[str]:
    """Every text of some facts."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for item in value for text in texts(item)]
    return (
        [text for field in fields(value) for text in texts(getattr(value, field.name))] if is_dataclass(value) else []
    )
