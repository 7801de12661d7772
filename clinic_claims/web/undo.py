"""Take a step back: from the message that tells of it, and from the record's history."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Flask, flash, redirect
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..db import db, transaction
from ..domain.lifecycle import LIFECYCLES
from ..domain.permissions import Permission, for_step
from ..models import Event, TakenStep
from ..services import undoing
from ..services.deeds import Refused
from ..services.readiness import Subject
from .addresses import page_at
from .security import demand, needs, this_deed

MOST = 3  # steps of a history that are offered: older ones were built on by these

blueprint = Blueprint("undo", __name__, url_prefix="/undo")


@dataclass(frozen=True)
class Back:
    """What a line of history says of taking its step back: which one, or why not."""

    id: int
    label: str
    why_not: str


def init_app(app: Flask) -> None:
    """Let the history's lines offer it."""
    app.add_template_global(ways_back)


@blueprint.post("/<int:step_id>")
@needs(Permission.CLAIM_READ)
def take(step_id: int) -> ResponseReturnValue:
    """Put back what a step changed, unless something was built on it."""
    step = db.get_or_404(TakenStep, step_id)
    demand(for_step(step.subject, step.action))
    try:
        with transaction():
            undoing.undo(step, this_deed())
    except Refused as refused:
        flash(f"Not taken back. {' '.join(refused.reasons)}", "error")
    else:
        flash(f"Taken back: {_label(step.subject, step.action)}.", "success")
    return redirect(page_at(step.subject, step.subject_id))


def told(record: Subject, action: str) -> tuple[str, str]:
    """Return what to tell after a step, and how: with a way back, or with the reason why there is none."""
    said, step = f"Done: {_label(record.__tablename__, action)}.", undoing.last(record)
    if step is None:
        return said, "success"
    if reasons := undoing.lasting_reasons(step):
        return f"{said} This cannot be undone. {' '.join(reasons)}", "success"
    return said, f"success:{step.id}"


def ways_back(events: Iterable[Event]) -> dict[int, Back]:
    """Return the way back from each step of the last day among these lines, by the line's number."""
    if not current_user.is_authenticated:
        return {}
    told = [row for row in events if isinstance(row, Event)]  # pyright: ignore[reportUnnecessaryIsInstance] (samples)
    found = sorted(undoing.lately(told, this_deed()).items(), reverse=True)
    return {number: _back(step) for number, step in found[:MOST]}


def _back(step: TakenStep) -> Back:
    reasons = undoing.why_not(step, this_deed())
    if not current_user.may(for_step(step.subject, step.action)):
        reasons = ["Your role does not take such steps."]
    return Back(step.id, _label(step.subject, step.action), " ".join(reasons))


def _label(table: str, action: str) -> str:
    return next(step.label for step in LIFECYCLES[table].steps if step.action == action)
