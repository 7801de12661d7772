"""The references in force at this clinic: those shipped, less the retired ones, with its own; and those against us."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .citations import Citation
from .facts import LetterFacts
from .letters import LetterBook

GOOD_FOR = timedelta(days=365)
TOPICS = {"hemifacial_spasm": "hfs", "trigeminal_neuralgia": "tn", "glossopharyngeal_neuralgia": "gpn"}
METHODS = {"toxin": "botulinum", "mvd": "mvd"}


@dataclass(frozen=True)
class Reading:
    """The last time somebody read a reference in its source: `retired` says that it must no longer be cited."""

    on: date
    by: str
    source: str
    retired: bool = False

    def is_stale(self, today: date) -> bool:
        """Whether it was read so long ago that it should be read again."""
        return today - self.on > GOOD_FOR


def in_force(book: LetterBook, retired: Collection[str], own: Sequence[tuple[Citation, str]]) -> LetterBook:
    """Return the rules for letters without what leans on a retired reference, and with the clinic's own references.

    `own` pairs each confirmed reference with the argument that it supports.
    """
    added: dict[str, tuple[str, ...]] = {}
    for citation, argument in own:
        added[argument] = (*added.get(argument, ()), citation.id)
    return replace(
        book,
        citations={**book.citations, **{citation.id: citation for citation, _ in own}},
        arguments={
            name: replace(argument, cites=(*argument.cites, *added.get(name, ())))
            for name, argument in book.arguments.items()
            if not set(argument.cites) & set(retired)
        },
        hooks={name: hook for name, hook in book.hooks.items() if not set(hook.cites) & set(retired)},
    )


def leaning_on(citation: str, book: LetterBook) -> tuple[str, ...]:
    """Return the arguments that cite a reference, by heading."""
    return tuple(argument.heading for argument in book.arguments.values() if citation in argument.cites)


def against(citations: Mapping[str, Citation], facts: LetterFacts) -> tuple[Citation, ...]:
    """Return what the payer is likely to cite against this treatment of this condition; staff see it, letters never."""
    return tuple(one for one in citations.values() if one.answer and set(one.supports) & _topics(facts))


def _topics(facts: LetterFacts) -> set[str]:
    condition = TOPICS.get(facts.treatment.condition, facts.treatment.condition)
    method = METHODS.get(facts.treatment.treatment, facts.treatment.treatment)
    more = ("natural_history", f"{method}_monitoring", "imaging" if method == "mvd" else "oral_medicines")
    return {f"{condition}_{method}", *(f"{condition}_{topic}" for topic in more)}


def stale(cited: Iterable[Citation], readings: Mapping[str, Reading], today: date) -> tuple[str, ...]:
    """Say of each reference of a letter that was last read too long ago, in plain sentences."""
    late = ((one, readings[one.id]) for one in cited if one.id in readings and readings[one.id].is_stale(today))
    return tuple(f"{one.title} was last read in its source more than a year ago, by {read.by}." for one, read in late)
