"""What somebody promised in a call or a note, as items of the worklist until it is done."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.permissions import Role
from ..models import Authorization, Claim, Denial, Note, Patient

ABOUT: dict[str, Any] = {"claim": Claim, "authorization": Authorization, "denial": Denial, "patient": Patient}
STAGES = {"claim": 1, "denial": 2}
NEXT = "Follow up"


def follow_ups(numbers: list[int]) -> Iterator[dict[str, Any]]:
    """Give the worklist's values of each promise that is still open."""
    promised = Note.promised_on.is_not(None) & Note.done_at.is_(None)
    for note in db.session.scalars(select(Note).where(Note.id.in_(numbers), promised)):
        about = db.session.get(ABOUT[note.subject], note.subject_id)
        if about is not None and note.promised_on is not None:
            yield _values(note, about, note.promised_on)


def _values(note: Note, about: Any, promised_on: date) -> dict[str, Any]:
    held = about.subject if isinstance(about, Denial) else about
    patient = held if isinstance(held, Patient) else held.case.patient
    who = f" by {note.spoke_to}" if note.spoke_to else ""
    reference = f", reference {note.call_reference}" if note.call_reference else ""
    return {
        "subject": "note",
        "subject_id": note.id,
        "item": note.reference,
        "kind": "note",
        "claim": held.number if isinstance(held, Claim) else None,
        "patient": patient.name,
        "patient_id": patient.id,
        "payer": "" if isinstance(held, Patient) else held.coverage.plan.payer.name,
        "codes": "",
        "due": None,
        "act_by": promised_on,
        "because": [f"Promised{who}{reference}", note.text],
        "caution": "",
        "amount": Decimal(0),
        "next_action": NEXT,
        "owner_id": note.owner_id,
        "role": Role.AUTHORIZATION_COORDINATOR if isinstance(held, Authorization) else Role.BILLER,
        "stage": STAGES.get(note.subject, 0),
        "from_on": date.min,
        "sort_on": promised_on,
        "minus_cents": 0,
        "minus_worth": 0,
    }
