"""What a strong file holds, and which gap costs which denial."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .facts import LetterFacts, question

Weight = Literal["must", "helps"]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One [[evidence]] of rules/evidence.toml.

    `holds` is a yes/no property of LetterFacts; `weight` says how much it matters in each treatment; `costs` are the
    denial categories that its absence brings about.
    """

    id: str
    label: str
    holds: str
    weight: dict[str, Weight]
    why: str
    fix: str
    source: str
    costs: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """One line of the checklist of a case."""

    evidence: Evidence
    weight: Weight
    on_file: bool


def checklist(facts: LetterFacts, evidence: Iterable[Evidence]) -> tuple[Checked, ...]:
    """Return what the file of this treatment should hold and whether it does."""
    treatment = facts.treatment
    return tuple(
        Checked(item, item.weight[treatment.treatment], bool(getattr(facts, item.holds)))
        for item in evidence
        if treatment.treatment in item.weight and (not item.conditions or treatment.condition in item.conditions)
    )


def missing(facts: LetterFacts, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return what must be on file for this denial (or, before any denial, for this request) and is not."""
    category = facts.denial.category if facts.denial else None
    return tuple(
        line.evidence
        for line in checklist(facts, evidence)
        if line.weight == "must" and not line.on_file and (category is None or category in line.evidence.costs)
    )


def faults(evidence: Iterable[Evidence]) -> Iterable[tuple[str, str]]:
    """Name each line whose `holds` is no yes/no property of LetterFacts."""
    for item in evidence:
        if not question(item.holds):
            yield item.id, f"holds {item.holds}, which is no yes/no property of LetterFacts"
