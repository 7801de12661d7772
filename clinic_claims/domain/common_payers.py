"""Payers that many clinics bill, to be chosen from a list when a clinic is set up."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from .payer_classes import Confidence


@dataclass(frozen=True, kw_only=True)
class CommonPayer:
    """One [[common_payer]] of rules/common_payers.toml. Addresses and numbers are left to the clinic's own papers."""

    id: str
    name: str
    group: str
    classes: tuple[str, ...]
    policies: tuple[str, ...] = ()
    note: str = ""
    source: str
    confidence: Confidence


def faults(
    payers: Iterable[CommonPayer], classes: Collection[str], policies: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the id of each payer that names a class or a policy unknown to the rulebook, with what is wrong."""
    for payer in payers:
        if unknown := [name for name in payer.classes if name not in classes]:
            yield payer.id, f"classes: unknown {', '.join(unknown)}"
        if unknown := [name for name in payer.policies if name not in policies]:
            yield payer.id, f"policies: unknown {', '.join(unknown)}"
