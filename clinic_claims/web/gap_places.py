"""Where to go to close a gap of a letter."""

from dataclasses import dataclass

from flask import url_for

from ..domain.gaps import Gap
from ..models import Appeal
from .addresses import page_of


@dataclass(frozen=True)
class Place:
    """A page with words for its link."""

    label: str
    address: str


def place_of(gap: Gap, appeal: Appeal) -> Place | None:
    """Return the page where the missing fact is entered; None for what an administrator keeps."""
    denial = appeal.denial
    about = denial.subject
    top = gap.field.partition(".")[0]
    if top == "denial":
        return Place("Note it on the denial", url_for("denials.show", denial_id=denial.id, _anchor="notice"))
    if top in ("clinic", "signer", "recipient") or gap.field == "coverage.appeals_address":
        return None
    if top in ("documents", "claim", "lines"):
        return Place("Open the claim" if denial.claim else "Open the request", page_of(about))
    if top == "authorization" and (request := denial.authorization or (denial.claim and denial.claim.authorization)):
        return Place("Open the approval", page_of(request))
    return Place("Open the chart", page_of(about.case.patient))
