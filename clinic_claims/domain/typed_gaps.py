"""What must not leave in words typed by hand: overstatements, blanks, bans of an argument, another payer's law."""

from collections.abc import Iterable, Iterator, Mapping

from .arguments import Argument
from .citations import Overstatement
from .citations import overstatements as claims
from .facts import LetterFacts
from .gaps import UNFILLED, Gap, texts, undrawn
from .hooks import Column, foreign_law


def typed_gaps(
    facts: LetterFacts,
    typed: Mapping[str, str],
    arguments: Iterable[Argument],
    overstatements: Iterable[Overstatement],
    columns: Iterable[Column],
) -> Iterator[Gap]:
    """Give a gap for what must not leave in the words typed, by their place in the letter.

    A place is own: and the paragraph, or edited: and the argument; `arguments` are those whose words were changed.
    """
    yield from overstated(facts, typed, overstatements)
    yield from _unfilled(typed)
    yield from _banned(typed, arguments)
    yield from _foreign(typed, facts.coverage.payer_class, columns)


def overstated(facts: LetterFacts, typed: Mapping[str, str], known: Iterable[Overstatement]) -> Iterator[Gap]:
    """Give a gap for each overstatement in what staff typed: into the chart, or at a place of the letter."""
    rows = tuple(known)
    chart = [(field, text) for field, text in texts(facts, "") if not field.startswith("denial.")]
    for field, text in (*chart, *typed.items()):
        for phrase, better in claims(text, rows):
            do = f"Write instead: {better}."
            yield Gap(f"Overstated: “{phrase}”", "Reviewers check such words.", do, field, "claims", phrase, better)


def _unfilled(typed: Mapping[str, str]) -> Iterator[Gap]:
    """Give a gap for each placeholder left in what staff typed, and for each reference that cannot be printed there."""
    for field, text in typed.items():
        if found := UNFILLED.search(text):
            do = f"Replace {found[0]}: it is no reference of this argument and no fact."
            yield Gap(f"Unfilled: {found[0]}", "A reviewer would see it.", do, field)
        yield from undrawn(text, field)


def _banned(typed: Mapping[str, str], arguments: Iterable[Argument]) -> Iterator[Gap]:
    """Give a gap for each phrase that an argument must never say and staff typed into it."""
    for argument in arguments:
        text = typed.get(f"edited:{argument.id}", "")
        for phrase in argument.never:
            if phrase.lower() in text.lower():
                why = "A reviewer uses such words against the case."
                yield Gap(
                    f"“{phrase}” hurts this argument",
                    why,
                    "Say it without these words.",
                    f"edited:{argument.id}",
                    "claims",
                )


def _foreign(typed: Mapping[str, str], payer_class: str, columns: Iterable[Column]) -> Iterator[Gap]:
    rows = tuple(columns)
    for place, text in typed.items():
        for words in foreign_law(text, payer_class, rows):
            why = "A reviewer sees at once that it is the law of another kind of plan."
            yield Gap(f"“{words}” is not the law of this payer", why, "Leave it out.", place, "law")
