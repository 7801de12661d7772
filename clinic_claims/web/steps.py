"""The steps of a record: what its page offers, and the form that takes one. The same for all four tables."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import func, select
from wtforms import Field, HiddenField, SelectField, TextAreaField

from ..clock import today
from ..db import db, transaction
from ..domain.lifecycle import LIFECYCLES, Step, StepRefused
from ..domain.permissions import Permission, for_step
from ..models import Appeal, Authorization, Claim, Denial, Event
from ..services import moves, steps
from ..services.deeds import Refused
from ..services.grants import GRANTED
from ..services.readiness import Subject
from ..services.steps import Given
from . import grant_fields, undo
from .addresses import page_of
from .forms import DateField, Form, LineField, optional, required
from .security import demand, needs, record_access, this_deed

KINDS: dict[str, type[Subject]] = {
    "authorization": Authorization,
    "claim": Claim,
    "denial": Denial,
    "appeal": Appeal,
}
POSTED = {"post_payment", "post_part_payment", "post_denial", "reverse", "recoup"}  # a remittance takes these
SELDOM = {"note_not_required", "cancel", "withdraw", "dismiss", "expire", "revoke", "resume", "hand_back"}
FIRST = ("approve", "deny")  # what most often comes next where much is open
WITH_REASON = {"hand_back", "refuse_write_off", "revoke"}
MOSTLY_TODAY = {"submitted_on", "filed_on"}
OWN = {"reason", "version", "seen", "csrf_token"}  # fields that every step has
DONE_BY_YOU = "You did this a moment ago."

blueprint = Blueprint("steps", __name__)


@dataclass(frozen=True)
class Offer:
    """A step that the person may take on a record. `asks` says that it needs a form; others go with one press."""

    action: str
    label: str
    address: str
    asks: bool
    seldom: bool


@dataclass(frozen=True)
class Offers:
    """What a record's page offers: steps open now, the likely ones first, and those still blocked with reasons."""

    open: list[Offer]
    blocked: list[tuple[str, list[str]]]
    version: int
    seen: int


def offers(record: Subject) -> Offers:
    """Return what the person signed in may do with the record; steps that only a remittance takes are left out."""
    deed, kind = this_deed(), record.__tablename__
    ways = [(step, why) for step, why in steps.ways(record, deed) if _is_for_me(kind, step)]
    found = [_offer(record, step) for step, why in ways if not why]
    return Offers(
        open=sorted(found, key=lambda offer: (offer.seldom, offer.action not in FIRST)),
        blocked=[(step.label, why) for step, why in ways if why],
        version=record.version_id,
        seen=last_event(record),
    )


def _is_for_me(kind: str, step: Step) -> bool:
    return step.action not in POSTED and current_user.may(for_step(kind, step.action))


def _offer(record: Subject, step: Step) -> Offer:
    kind, asks = record.__tablename__, bool(steps.fields(record, step.action)) or step.action in WITH_REASON
    address = url_for("steps.form", kind=kind, id=record.id, action=step.action)
    rarely = step.action in SELDOM or (step.action == "modify" and record.state in GRANTED)
    return Offer(step.action, step.label, address, asks, rarely)


def last_event(record: Subject) -> int:
    """Return the number of the record's newest line of history, so that a form can tell what came after."""
    query = select(func.max(Event.id)).where(Event.subject == record.__tablename__, Event.subject_id == record.id)
    return db.session.scalar(query) or 0


@blueprint.route("/steps/<kind>/<int:id>/<action>", methods=["GET", "POST"])
@needs(Permission.CLAIM_READ)
def form(kind: str, id: int, action: str) -> ResponseReturnValue:
    """Ask for what a step needs, and take it."""
    if (kind, action) not in ACTIONS:
        abort(404)
    demand(for_step(kind, action))
    return _answer(kind, id, action) if request.method == "POST" else _ask(kind, id, action)


def _ask(kind: str, id: int, action: str) -> ResponseReturnValue:
    with transaction():
        record = db.get_or_404(KINDS[kind], id)
        record_access("view", record, page="step")
    asked = form_for(record, action)()
    _mark(asked, record)
    return _page(record, action, asked)


def _answer(kind: str, id: int, action: str) -> ResponseReturnValue:
    record = db.get_or_404(KINDS[kind], id)
    asked = form_for(record, action)()
    if asked["version"].data != str(record.version_id):
        return _answer_change(record, action, asked)
    if not asked.validate():
        return _page(record, action, asked, code=422)
    return _take(record, action, asked)


def _mark(asked: Form, record: Subject) -> None:
    """Note in the form which version of the record it shows."""
    asked["version"].data, asked["seen"].data = str(record.version_id), str(last_event(record))


def _take(record: Subject, action: str, asked: Form) -> ResponseReturnValue:
    """Take the step, or show the form again with the reasons and what was typed."""
    given: dict[str, Any] = {field.name: asked[field.name].data or None for field in steps.fields(record, action)}
    if reason := asked["reason"].data:
        given["reason"] = reason
    if granted := grant_fields.granted(record, action, asked):
        given["granted"] = granted
    try:
        with transaction():
            target = moves.take(record, action, this_deed(), **given)
            told = undo.told(record, action)
    except (Refused, StepRefused) as refused:
        asked.form_errors.extend(refused.reasons)
        return _page(record, action, asked, code=409)
    flash(*told)
    return redirect(page_of(target))


ACTIONS = {(table.name, step.action) for table in LIFECYCLES.values() for step in table.steps} - {
    ("claim", action) for action in POSTED
}


def form_for(record: Subject, action: str) -> type[Form]:
    """Make the form of a step: its fields, filled with what is on file, and a note for the history."""
    members: dict[str, Any] = {given.name: _field(given, record) for given in steps.fields(record, action)}
    members |= grant_fields.fields(record, action)
    said = "Say why; it goes into the history." if action in WITH_REASON else "Goes into the history."
    validators = [required("Enter a reason.")] if action in WITH_REASON else [optional()]
    members["reason"] = LineField("Reason" if action in WITH_REASON else "Note", validators, description=said)
    members |= {"version": HiddenField(), "seen": HiddenField()}
    return type("StepForm", (Form,), members)


def _field(given: Given, record: Subject) -> Field:
    checks = [required(_please(given)) if given.required else optional()]
    known = getattr(record, given.name)
    match given.kind:
        case "date":
            usual: date | None = today() if given.name in MOSTLY_TODAY else None
            return DateField(given.label, checks, default=known or usual, render_kw={"type": "date"})
        case "choice":
            choices = {"": "Choose…"} | {choice: choice.capitalize() for choice in given.choices}
            return SelectField(given.label, checks, choices=choices, default=known or "")
        case "words":
            return TextAreaField(given.label, checks, default=known, render_kw={"rows": 4})
        case _:
            return LineField(given.label, checks, default=known)


def _please(given: Given) -> str:
    if given.kind == "date":
        return DateField.MESSAGE
    return f"{'Choose' if given.kind == 'choice' else 'Enter'}: {given.label[:1].lower()}{given.label[1:]}."


def _step(record: Subject, action: str) -> Step:
    return next(step for step in LIFECYCLES[record.__tablename__].steps if step.action == action)


def changes_since(record: Subject, seen: str | None) -> list[Event]:
    """Return what happened to the record since a form was shown, views left out, oldest first."""
    after = int(seen) if seen and seen.isdecimal() else 0
    mine = select(Event).where(Event.subject == record.__tablename__, Event.subject_id == record.id, Event.id > after)
    return list(db.session.scalars(mine.where(Event.action != "view").order_by(Event.id)))


def _answer_change(record: Subject, action: str, asked: Form) -> ResponseReturnValue:
    """Somebody was faster: say who changed what and keep the typing; one's own double press is no conflict."""
    happened = changes_since(record, asked["seen"].data)
    if any(event.action == action and event.actor == current_user.email for event in happened):
        flash(DONE_BY_YOU, "info")
        return redirect(page_of(record))
    _mark(asked, record)
    return _page(record, action, asked, happened, code=409)


def _page(
    record: Subject, action: str, asked: Form, happened: list[Event] | None = None, code: int = 200
) -> ResponseReturnValue:
    step, deed = _step(record, action), this_deed()
    blocked = next((why for other, why in steps.blocked(record, deed) if other.action == action), [])
    shown = {
        "record": record,
        "about": about(record),
        "step": step,
        "form": asked,
        "fields": [field for field in asked if field.name not in OWN],
        "happened": happened or [],
        "blocked": blocked,
        "is_open": record.state in step.leaves and not blocked,
        "danger": step.action in {"cancel", "withdraw", "close", "revoke", "sign_write_off", "propose_write_off"},
    }
    return render_template("steps/form.html", **shown), code


def about(record: Subject) -> Claim | Authorization:
    """Return the claim or authorization that a record is about, which knows patient and payer."""
    if isinstance(record, Appeal):
        return record.denial.subject
    return record.subject if isinstance(record, Denial) else record
