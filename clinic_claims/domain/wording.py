"""The clinic's own wording: plain text with merge fields of a fixed list, filled from the facts and never run."""

import re
from collections.abc import Callable, Mapping

from .facts import LetterFacts
from .words import day

_FIELD = re.compile(r"\{\s*([^{}]*?)\s*\}")
_STRAY = re.compile(r"\{[{%#]|[%#}]\}")

FIELDS: Mapping[str, tuple[str, Callable[[LetterFacts], str]]] = {
    "patient": ("the patient, as letters call them", lambda facts: facts.patient.called),
    "condition": ("the condition with its side", lambda facts: facts.condition),
    "product": ("the product, or “the treatment”", lambda facts: facts.treatment.product or "the treatment"),
    "payer": ("the payer", lambda facts: facts.coverage.payer),
    "plan": ("the plan", lambda facts: facts.coverage.plan),
    "member": ("the member number", lambda facts: facts.coverage.member_id),
    "signer": ("the physician who signs", lambda facts: facts.signer.name),
    "clinic": ("the clinic", lambda facts: facts.clinic.name),
    "direct line": ("the physician's direct line", lambda facts: facts.signer.direct_line),
    "today": ("the date of the letter", lambda facts: day(facts.today)),
}
"""Every merge field, with what it prints."""


def unknown(text: str) -> list[str]:
    """Return what stands in braces and is no merge field, as typed."""
    strange = [found[0] for found in _FIELD.finditer(text) if found[1] not in FIELDS]
    return strange or [found[0] for found in _STRAY.finditer(text)]


def filled(text: str, facts: LetterFacts) -> str:
    """Put the facts in place of the merge fields; what a fact says is never read as a field again."""
    return _FIELD.sub(lambda found: FIELDS[found[1]][1](facts) if found[1] in FIELDS else found[0], text)
