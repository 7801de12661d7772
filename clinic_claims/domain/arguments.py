"""Choose the arguments a case allows. Their words live in templates/letters/arguments/<id>.html."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from .citations import Citation
from .exhibits import DOCUMENT_KINDS
from .facts import LetterFacts, question


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One [[argument]] of rules/arguments.toml. An empty list of categories, conditions and so on means all.

    `answers` holds denial categories, `needs` yes/no properties of LetterFacts, `cites` citation ids in the order
    they are mentioned, `exhibits` kinds of document that must be enclosed, `never` phrases not to be said,
    `grounds` kinds of hook that the payer class may lend it. A leading argument stands before the history, right
    under the denial reason. `papers_alone` says that dates and papers answer the denial: while nothing else is
    argued, the letter tells nothing of the treatment and encloses none of it.
    """

    id: str
    heading: str
    summary: str
    kinds: tuple[str, ...]
    answers: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    payer_classes: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    exhibits: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    lead: bool = False
    papers_alone: bool = False

    def answers_case(self, facts: LetterFacts, kind: str) -> bool:
        """Whether it speaks to this denial, treatment, condition, payer class and level, its needs aside."""
        asked: list[tuple[str | int, Container[str | int]]] = [
            (kind, self.kinds),
            (facts.treatment.treatment, self.treatments),
            (facts.treatment.condition, self.conditions),
            (facts.coverage.payer_class, self.payer_classes),
        ]
        if facts.denial:
            asked += [(facts.denial.category, self.answers), (facts.denial.level, self.levels)]
        return all(not allowed or here in allowed for here, allowed in asked)

    def lacks(self, facts: LetterFacts) -> tuple[str, ...]:
        """The needs that the facts do not meet, by name."""
        return tuple(need for need in self.needs if not getattr(facts, need))


@dataclass(frozen=True)
class Options:
    """The arguments a case allows: `ready` can be made now, `waiting` once what they lack is on file."""

    ready: tuple[Argument, ...]
    waiting: tuple[Argument, ...]


def choose(facts: LetterFacts, arguments: Iterable[Argument], kind: str) -> Options:
    """Sort the arguments that speak to the case into ready and waiting, in file order: strongest first."""
    fitting = [argument for argument in arguments if argument.answers_case(facts, kind)]
    ready = tuple(argument for argument in fitting if not argument.lacks(facts))
    return Options(ready, tuple(argument for argument in fitting if argument.lacks(facts)))


def faults(
    arguments: Mapping[str, Argument], citations: Mapping[str, Citation], kinds: Container[str]
) -> Iterable[tuple[str, str]]:
    """Name each argument that cites what may not be printed, needs what nobody can know, or fits no letter."""
    for argument in arguments.values():
        for kind in argument.kinds:
            if kind not in kinds:
                yield argument.id, f"kinds holds {kind}, which is no letter of letters.toml"
        for exhibit in argument.exhibits:
            if exhibit not in DOCUMENT_KINDS:
                yield argument.id, f"exhibits holds {exhibit}, which is no kind of document"
        for cite in argument.cites:
            if cite not in citations:
                yield argument.id, f"cites {cite}, which is not in citations.toml"
            elif not citations[cite].printable:
                yield argument.id, f"cites {cite}, which may not be printed"
        for need in argument.needs:
            if not question(need):
                yield argument.id, f"needs {need}, which is no yes/no property of LetterFacts"
