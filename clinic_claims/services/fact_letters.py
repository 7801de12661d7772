"""Compose and print letters from facts alone: nothing here knows of a database."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import pdf
from ..domain import letters as composing
from ..domain.facts import LetterFacts
from ..domain.letters import Letter as Composed
from ..domain.own_words import OwnParagraph
from ..examples import facts_example, facts_examples, letter_kind
from ..reading import Misread, from_json
from ..rulebook import Rulebook
from .deeds import Refused
from .drafts import APPEAL, NECESSITY


def composed(
    known: LetterFacts,
    book: Rulebook,
    kind: str,
    chosen: Sequence[str] | None = None,
    edits: Mapping[str, str] | None = None,
    own: Sequence[OwnParagraph] = (),
) -> Composed:
    """Compose a letter with the arguments chosen and the words typed. Raises Refused for an unknown kind of letter."""
    if kind not in book.letters.kinds:
        raise Refused(f"“{kind}” is no kind of letter. Choose one of: {', '.join(book.letters.kinds)}.")
    whole = composing.compose(known, book.letters, kind, edits=edits, own=own)
    if chosen is None:
        return whole
    ready = {argument.id for argument in whole.arguments}
    return composing.compose(known, book.letters, kind, [name for name in chosen if name in ready], edits, own)


def printed(letter: Composed, *, draft: bool) -> bytes:
    """Print a letter; without `draft`, raises Refused with every gap that is left."""
    if letter.gaps and not draft:
        raise Refused("The letter is not ready:", *(f"{gap.what}: {gap.do}" for gap in letter.gaps))
    return pdf.pdf(letter, draft=draft)


def from_facts(document: Any, book: Rulebook, *, kind: str | None, draft: bool) -> bytes:
    """Print a letter from a facts document alone. Raises Refused with what is unknown or missing."""
    try:
        known = from_json(document, LetterFacts)
    except Misread as error:
        raise Refused(*error.faults) from None
    known = _of_known_class(known, book)
    usual = APPEAL if known.denial else NECESSITY[known.treatment.treatment]
    return printed(composed(known, book, kind or usual), draft=draft)


def _of_known_class(known: LetterFacts, book: Rulebook) -> LetterFacts:
    """Name the payer class as the rulebook does: under a name it does not know, a letter would ask by no law."""
    name = known.coverage.payer_class
    found = book.clocks.find_class(name)
    if found is None:
        raise Refused(
            f"coverage.payer_class: “{name}” is no payer class. Choose one of: {', '.join(book.clocks.classes)}."
        )
    return replace(known, coverage=replace(known.coverage, payer_class=found.id))


def example(kind: str) -> dict[str, Any]:
    """Return made-up facts for a kind of letter or a case, by name. Raises Refused, naming those there are."""
    names = facts_examples()
    name = next((name for name in names if kind in (name, letter_kind(name))), None)
    if name is None:
        raise Refused(f"“{kind}” has no example. There are: {', '.join(names)}.")
    return facts_example(name)
