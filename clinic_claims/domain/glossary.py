"""Words of the trade, explained once; pages lead to them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from .payer_classes import Confidence

_LINK = re.compile(r"[^a-z0-9_]")


@dataclass(frozen=True, kw_only=True)
class Term:
    """One [[term]] of rules/glossary.toml. `rules` names the table of the rulebook with every code of a family."""

    id: str
    term: str
    family: str
    says: str
    also: tuple[str, ...] = ()
    more: str = ""
    see: tuple[str, ...] = ()
    rules: str = ""
    source: str
    confidence: Confidence

    def holds(self, asked: Collection[str]) -> bool:
        """Say whether every word asked for stands somewhere in the entry."""
        text = " ".join((self.term, *self.also, self.says, self.more)).lower()
        return all(word in text for word in asked)

    def is_named(self, words: str) -> bool:
        """Say whether this is the very term, or another name of it."""
        return words.lower() in (self.term.lower(), *(name.lower() for name in self.also))


def search(terms: Iterable[Term], words: str) -> list[Term]:
    """Return the terms that hold every word, those of that very name first, else in the order of the alphabet."""
    asked = words.lower().split()
    found = [term for term in terms if term.holds(asked)]
    return sorted(found, key=lambda term: (not term.is_named(words), term.term.lower()))


def faults(terms: Mapping[str, Term]) -> Iterator[tuple[str, str]]:
    """Yield the id of each term whose own id is no word, or that leads to a term that is not there."""
    for term in terms.values():
        if _LINK.search(term.id):
            yield term.id, "id: use small letters, digits and _ alone"
        if unknown := [name for name in term.see if name not in terms]:
            yield term.id, f"see: unknown {', '.join(unknown)}"
