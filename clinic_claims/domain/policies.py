"""Coverage policies of payers: what they say of hemifacial spasm, and which one held on a given day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .payer_classes import Confidence


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A payer's published policy as it was read. `hfs` says whether it covers hemifacial spasm."""

    id: str
    payer: str
    number: str
    title: str
    kind: str
    topic: Literal["toxin", "mvd_hfs", "mvd_tn", "ionm"]
    edition: str
    hfs: Literal["covered", "not_covered", "not_confirmed", "not_about_hfs"]
    hfs_position: str
    source: str
    confidence: Confidence
    criteria: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    frequency: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    approval_length: str | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    replaced_by: str | None = None
    read_on: date | None = None
    title_only: bool = False
    note: str | None = None

    @property
    def may_be_quoted(self) -> bool:
        """Whether a letter may say that this policy covers hemifacial spasm."""
        return self.hfs == "covered" and self.confidence == "verified" and not self.title_only

    def held_on(self, day: date) -> bool:
        """Whether nothing we know says that the policy was not in force on that day."""
        return (self.in_force_from or day) <= day <= (self.in_force_to or day)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Something that most policies ask for."""

    id: str
    pattern: str
    value: str
    use: str
    source: str
    confidence: Confidence


def version_on(policies: Mapping[str, Policy], policy_id: str, dos: date) -> Policy | None:
    """Return the version of a policy in force on the date of service: it, its successor or the one it replaced.

    None when the policy is not known, or when no version on file held on that day.
    """
    found, seen = policies.get(policy_id), set[str]()
    while found is not None and not found.held_on(dos) and found.id not in seen:
        seen.add(found.id)
        over = found.in_force_to is not None and dos > found.in_force_to
        found = policies.get(found.replaced_by or "") if over else _before(policies, found)
    return found if found is not None and found.held_on(dos) else None


def _before(policies: Mapping[str, Policy], policy: Policy) -> Policy | None:
    return next((other for other in policies.values() if other.replaced_by == policy.id), None)
