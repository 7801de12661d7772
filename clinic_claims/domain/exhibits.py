"""The documents that go with a letter, in the order in which reviewers expect them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .words import dated

DOCUMENT_KINDS = {
    "denial_notice": "denial notice or remittance, with proof of receipt",
    "approval_letter": "approval letter",
    "eligibility_proof": "eligibility response of the day of service",
    "claim_copy": "claim as billed",
    "comparison": "approved, performed and billed side by side",
    "necessity_letter": "letter of medical necessity",
    "clinic_notes": "clinic notes",
    "procedure_note": "procedure notes",
    "severity_record": "severity scale with dates",
    "medication_history": "medicine trials with pharmacy history",
    "imaging_report": "MRI and MRA report",
    "emg_report": "EMG report",
    "quality_of_life": "quality-of-life questionnaire",
    "photographs": "photographs, with consent",
    "policy_page": "the payer's policy, marked up",
    "articles": "articles cited",
    "representative_form": "appointment of representative",
    "waiver_of_liability": "waiver of liability",
    "appeal_form": "the payer's appeal form",
    "timely_filing_proof": "proof of timely filing",
    "vial_log": "vial log with units given and discarded",
    "network_search": "search for an in-network specialist",
    "payer_statement": "the payer's own statement",
    "demand_letter": "demand letter",
    "abn": "advance beneficiary notice",
    "other": "other document",
}
"""Kinds of document, in the order in which reviewers expect them enclosed."""

CLINICAL = frozenset({
    "necessity_letter", "clinic_notes", "procedure_note", "severity_record", "medication_history", "imaging_report",
    "emg_report", "quality_of_life", "photographs", "policy_page", "articles", "vial_log",
})  # fmt: skip
"""Kinds of document that speak of the need for the treatment."""


@dataclass(frozen=True, kw_only=True)
class DocumentFacts:
    """A document on file that goes with the letter; `dated` is the day printed on it."""

    id: str
    kind: str
    title: str
    pages: int
    dated: date | None = None

    @property
    def day(self) -> date | None:
        """The day printed on it, else the first day that its title names."""
        return self.dated or dated(self.title)


@dataclass(frozen=True)
class Exhibit:
    """A document under the letter by which a letter names it."""

    letter: str
    document: DocumentFacts


def lettered(documents: Iterable[DocumentFacts]) -> tuple[Exhibit, ...]:
    """Letter the documents: the denial first, forms last."""
    order = {kind: place for place, kind in enumerate(DOCUMENT_KINDS)}
    ordered = sorted(documents, key=lambda document: order.get(document.kind, len(order)))
    return tuple(Exhibit(_letter(place), document) for place, document in enumerate(ordered))


def _letter(place: int) -> str:
    """Return A to Z, then AA, AB and so on."""
    more, last = divmod(place, 26)
    return (_letter(more - 1) if more else "") + chr(ord("A") + last)
