"""What somebody has to get or do for a case by a day, as items of the worklist until it is done."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..clock import day_of
from ..db import db
from ..domain.permissions import Role
from ..models import Authorization, Coverage, Plan, Task, TreatmentCase


def tasks(numbers: list[int]) -> Iterator[dict[str, Any]]:
    """Give the worklist's values of each task that is still open."""
    payer = joinedload(Task.authorization).joinedload(Authorization.coverage).joinedload(Coverage.plan)
    parties = (joinedload(Task.case).joinedload(TreatmentCase.patient), payer.joinedload(Plan.payer))
    query = select(Task).where(Task.id.in_(numbers), Task.done_on.is_(None)).options(*parties)
    yield from map(_values, db.session.scalars(query))


def _values(task: Task) -> dict[str, Any]:
    asked = task.authorization
    return {
        "subject": "task",
        "subject_id": task.id,
        "item": f"TASK-{task.id:05d}",
        "kind": "task",
        "claim": None,
        "patient": task.case.patient.name,
        "patient_id": task.case.patient_id,
        "payer": asked.coverage.plan.payer.name if asked else "",
        "codes": "",
        "due": None,
        "act_by": task.due,
        "because": [task.what, f"Asked for by {task.created_by} on {task.created_at:%Y-%m-%d}"],
        "caution": "",
        "amount": Decimal(0),
        "next_action": "Do the task",
        "owner_id": task.owner_id,
        "role": Role.AUTHORIZATION_COORDINATOR,
        "stage": 0,
        "from_on": day_of(task.created_at),
        "sort_on": task.due,
        "minus_cents": 0,
        "minus_worth": 0,
    }
