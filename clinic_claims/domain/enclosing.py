"""Leave documents behind that a decision does not need."""

from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from .facts import LetterFacts
from .letter_parts import CriterionFacts, Finding, PriorInjection, PriorTreatment

Pointing = TypeVar("Pointing", Finding, PriorTreatment, PriorInjection, CriterionFacts)


def without(facts: LetterFacts, documents: Collection[str]) -> LetterFacts:
    """Return the facts without these documents; nothing points at them any more."""
    if not documents:
        return facts

    def kept(told: Pointing) -> Pointing:
        return replace(told, document=None, page=None) if told.document in documents else told

    policy = facts.policy
    return replace(
        facts,
        documents=tuple(one for one in facts.documents if one.id not in documents),
        findings=tuple(map(kept, facts.findings)),
        prior_treatments=tuple(map(kept, facts.prior_treatments)),
        injections=tuple(map(kept, facts.injections)),
        policy=replace(policy, criteria=tuple(map(kept, policy.criteria))) if policy else None,
    )
