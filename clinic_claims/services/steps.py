"""The one door to every state: take a step, write the history, stop and start the clocks."""

from dataclasses import dataclass
from typing import Any

from ..db import db
from ..domain import lifecycle
from ..domain.lifecycle import StepRefused, words
from . import clocks
from .deeds import Deed, Refused
from .history import record
from .readiness import Subject, holds


@dataclass(frozen=True)
class Given:
    """A field a step takes from the person who does it. `kind` is date, text or choice."""

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()


HOW = ("portal", "fax", "certified mail", "telephone", "in person", "electronic")
_WINDOW = (Given("valid_from", "Approved from", "date"), Given("valid_to", "Approved to", "date"))
_GRANT = (Given("number", "Authorization number or UTN"), Given("decided_on", "Decided on", "date"), *_WINDOW)
_WHY = Given("decision_reason", "Payer's reason, word for word")
_DECISION = (
    Given("decided_on", "Date on the decision", "date"),
    Given("decision_received_on", "Received on", "date", required=False),
    Given("decision_words", "Payer's words", required=False),
)

# What each step asks for; a step that is not listed asks for nothing.
FIELDS: dict[tuple[str, str], tuple[Given, ...]] = {
    ("authorization", "submit"): (
        Given("submitted_on", "Submitted on", "date"),
        Given("submitted_by", "Sent by", "choice", choices=HOW),
        Given("proof", "Proof (confirmation number)", required=False),
    ),
    ("authorization", "note_not_required"): (Given("proof", "Who said so: name, date, call reference"),),
    ("authorization", "approve"): _GRANT,
    ("authorization", "approve_in_part"): (*_GRANT, _WHY),
    ("authorization", "modify"): (*_GRANT, _WHY),
    ("authorization", "deny"): (Given("decided_on", "Date on the notice", "date"), _WHY),
    ("claim", "record_service"): (
        Given("service_from", "Date of service", "date"),
        Given("service_to", "To (if more than a day)", "date", required=False),
    ),
    ("claim", "submit"): (Given("submitted_on", "Submitted on", "date"),),
    ("denial", "propose_write_off"): (Given("write_off_reason", "Reason for the write-off"),),
    ("appeal", "file"): (
        Given("filed_on", "Sent on", "date"),
        Given("filed_by", "Sent by", "choice", choices=HOW),
        Given("proof", "Proof: fax report, certified-mail number or portal receipt", required=False),
        Given("no_proof_reason", "No proof because", required=False),
        Given("payer_received_on", "Payer received it on", "date", required=False),
    ),
    ("appeal", "decide_overturned"): _DECISION,
    ("appeal", "decide_partly"): _DECISION,
    ("appeal", "decide_upheld"): _DECISION,
    ("appeal", "dismiss"): _DECISION,
}


def fields(subject: Subject, action: str) -> tuple[Given, ...]:
    """Return what this step asks for."""
    return FIELDS.get((subject.__tablename__, action), ())


def take(subject: Subject, action: str, deed: Deed, *, reason: str | None = None, **given: Any) -> lifecycle.Step:
    """Move a record one step: set what was given, change the state, tell the history, mind the clocks.

    Raises StepRefused when the step is not open or a need does not hold, Refused when a field is missing;
    either way the caller's transaction is rolled back and nothing has changed.
    """
    table = lifecycle.LIFECYCLES[subject.__tablename__]
    left = subject.state
    lifecycle.find(table, left, action)
    with db.session.no_autoflush:
        _set(subject, action, given)
        step = lifecycle.take(table, left, action, holds(subject, deed))
        subject.state = table.states(step.reaches)  # pyright: ignore[reportAttributeAccessIssue] (its own table's state)
        sentence = f"{words(left).capitalize()} → {words(step.reaches)}." + (f" {reason}" if reason else "")
        record(subject, action, deed, sentence=sentence, left=left, reached=step.reaches, **given)
    db.session.flush()
    clocks.follow(subject, step, deed)
    return step


def _set(subject: Subject, action: str, given: dict[str, Any]) -> None:
    allowed = {field.name: field for field in fields(subject, action)}
    if unknown := given.keys() - allowed.keys():
        raise Refused(f"“{words(action)}” takes no {', '.join(sorted(unknown))}.")
    missing = [field.label for field in allowed.values() if field.required and not _given(subject, field, given)]
    if missing:
        raise Refused(*(f"{label} is missing." for label in missing))
    for name, value in given.items():
        setattr(subject, name, value)


def _given(subject: Subject, field: Given, given: dict[str, Any]) -> bool:
    return bool(given.get(field.name) or getattr(subject, field.name))


__all__ = ["FIELDS", "HOW", "Given", "StepRefused", "fields", "take"]
