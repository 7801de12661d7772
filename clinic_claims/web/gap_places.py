"""Where to go to close a gap of a letter."""

from dataclasses import dataclass

from flask import url_for

from ..domain.gaps import Gap
from ..models import Denial
from ..services import drafts
from .addresses import page_of
from .letter_desk import Desk


@dataclass(frozen=True)
class Place:
    """A page with words for its link."""

    label: str
    address: str


def place_of(gap: Gap, desk: Desk) -> Place | None:
    """Return the page where what is missing is entered; None for what an administrator keeps."""
    subject = drafts.record_of(desk.subject)
    kind, _, name = gap.field.partition(":")
    if kind == "edited":
        return Place("Edit the words", url_for("letter_words.argument", **desk.here, name=name))
    if kind == "own":
        return Place("Edit the paragraph", url_for("letter_words.paragraph", **desk.here, name=name))
    return _of_fact(gap.field, subject)


def _of_fact(field: str, subject: drafts.Record) -> Place | None:
    top = field.partition(".")[0]
    if field in ("recipient", "coverage.appeals_address", "denial.explanation", "explained", "urgency_stated"):
        return Place("Enter it below", "#particulars")
    if top == "arguments":
        return Place("See the arguments", "#arguments")
    if top in ("clinic", "signer"):
        return None
    about = subject.subject if isinstance(subject, Denial) else subject
    if isinstance(subject, Denial):
        if top == "denial":
            return Place("Note it on the denial", url_for("denials.show", denial_id=subject.id, _anchor="notice"))
        if top == "authorization" and (
            request := subject.authorization or (subject.claim and subject.claim.authorization)
        ):
            return Place("Open the approval", page_of(request))
    if top in ("documents", "claim", "lines", "authorization"):
        is_claim = isinstance(subject, Denial) and subject.claim
        return Place("Open the claim" if is_claim else "Open the request", page_of(about))
    return Place("Open the chart", page_of(about.case.patient))
