"""The requests a letter may make and the law it may name for each: the payer class's own, never another's."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .citations import Citation
from .facts import CONDITIONS, LetterFacts

SPECIALISTS = {
    ("toxin", "hemifacial_spasm"): "a neurologist, neurosurgeon or oculoplastic surgeon who treats hemifacial spasm",
    ("toxin", "blepharospasm"): "a neurologist or oculoplastic surgeon who treats blepharospasm",
    ("toxin", "spasmodic_dysphonia"): "a laryngologist who treats spasmodic dysphonia",
    ("mvd", "hemifacial_spasm"): "a neurosurgeon who performs microvascular decompression",
}
"""Who knows the treatment best; other pairs ask for a neurologist or a neurosurgeon."""


@dataclass(frozen=True, kw_only=True)
class Hook:
    """One [[hook]] of rules/hooks.toml: a request, and the law that grants it in these payer classes.

    `law` prints only when its confidence is verified. `text` may hold {payer}, {specialists} and {direct_line}.
    """

    id: str
    request: str
    text: str
    payer_classes: tuple[str, ...]
    confidence: Literal["verified", "recalled"]
    source: str
    law: str | None = None
    limits: str | None = None
    cites: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    moment: Literal["before", "after"] | None = None
    urgent: bool = False

    def applies(self, facts: LetterFacts) -> bool:
        """Whether this payer class, state, level and moment allow it."""
        denial = facts.denial
        asked = (
            (facts.treatment.treatment, self.treatments),
            (denial.category if denial else None, self.answers),
            (denial.level if denial else None, self.levels),
            (facts.coverage.state, self.states),
        )
        timely = self.moment in (None, "before" if facts.service_awaited else "after")
        own = facts.coverage.payer_class in self.payer_classes
        if self.urgent and not facts.urgency_stated:
            return False
        return own and timely and all(not allowed or here in allowed for here, allowed in asked)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One [[column]] of rules/hooks.toml: the law of some payer classes, known by the pattern `marks`."""

    id: str
    payer_classes: tuple[str, ...]
    marks: str


def own_law(citation: str | None, payer_class: str, columns: Iterable[Column]) -> str | None:
    """Return the parts of a citation (divided by semicolons) that are not the law of another payer class."""
    strange = [column.marks for column in columns if payer_class not in column.payer_classes]
    parts = [part.strip() for part in (citation or "").split(";")]
    own = [part for part in parts if part and not any(re.search(marks, part) for marks in strange)]
    return "; ".join(own) or None


def foreign_law(text: str, payer_class: str, columns: Iterable[Column]) -> list[str]:
    """Return the words of a text that name the law of another payer class, each once."""
    strange = (column.marks for column in columns if payer_class not in column.payer_classes)
    return list(dict.fromkeys(found[0] for marks in strange for found in re.finditer(rf"\b(?:{marks})\b", text)))


@dataclass(frozen=True)
class Request:
    """One sentence to the payer, with the law it rests on when there is one."""

    id: str
    request: str
    text: str
    law: str | None
    cites: tuple[str, ...]


def requests(facts: LetterFacts, hooks: Iterable[Hook], wanted: Iterable[str]) -> tuple[Request, ...]:
    """Return the requests of these kinds that this payer may be sent, in the order wanted."""
    fitting = [hook for hook in hooks if hook.applies(facts)]
    return tuple(_request(hook, facts) for want in wanted for hook in fitting if hook.request == want)


def _request(hook: Hook, facts: LetterFacts) -> Request:
    surgery = facts.treatment.treatment == "mvd"
    pair = (facts.treatment.treatment, facts.treatment.condition)
    condition = CONDITIONS.get(facts.treatment.condition, facts.treatment.condition)
    other = f"a {'neurosurgeon' if surgery else 'neurologist'} who treats {condition}"
    blanks = {
        "{payer}": facts.coverage.payer,
        "{specialists}": SPECIALISTS.get(pair, other),
        "{direct_line}": facts.signer.direct_line,
    }
    text = hook.text
    for blank, value in blanks.items():
        text = text.replace(blank, value)
    return Request(hook.id, hook.request, text, hook.law if hook.confidence == "verified" else None, hook.cites)


def faults(hooks: Mapping[str, Hook], citations: Mapping[str, Citation]) -> Iterable[tuple[str, str]]:
    """Name each hook that cites what may not be printed."""
    for hook in hooks.values():
        for cite in hook.cites:
            if cite not in citations or not citations[cite].printable:
                yield hook.id, f"cites {cite}, which may not be printed"
