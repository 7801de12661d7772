"""What the codes of a line turned out to mean: a frozen answer, with its reasons and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass

from .denial_codes import Confidence, Kind, Remedy

UNCLASSIFIED = "unclassified"

KIND_IN_WORDS: Mapping[Kind, str] = {
    "denial": "This is a denial",
    "rejection": "Not a denial: the claim was never processed, so fix it and send it again",
    "records_request": "Not a denial yet: the payer waits for documents",
    "patient_responsibility": "Not a denial: this is the patient's share",
    "contractual": "Not a denial: a contractual write-down",
    "information": "Not a denial: information only",
    "unclassified": "Not classified: a person must read the notice",
}
_FIXABLE: frozenset[Remedy | None] = frozenset({"correct_resubmit", "either", "records", "reroute"})


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the codes of a line mean.

    `remedy` is what to do. `appealable` says whether a right of appeal exists at all, also where correcting is the
    better way: the appeal clock is kept either way. `rule` names the combination that decided, else the code.
    `confidence` speaks of the codes' meaning, `action_confidence` of the advice.
    """

    category: str
    remedy: Remedy | None
    kind: Kind
    appealable: bool
    next_action: str
    plain: str
    rule: str
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    deciding_codes: tuple[str, ...] = ()
    confidence: Confidence = "recalled"
    action_confidence: Confidence = "recalled"
    alerts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_denial(self) -> bool:
        """Whether it belongs among the denials; the unclassified stay there so that no clock is missed."""
        return self.kind in ("denial", "unclassified")

    @property
    def fixable(self) -> bool:
        """Whether a correction, a document or another payer may still bring the money."""
        return self.remedy in _FIXABLE
