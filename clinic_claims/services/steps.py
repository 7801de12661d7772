"""The one door to every state: take a step, write the history, stop and start the clocks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ..db import db
from ..domain import lifecycle
from ..domain.lifecycle import StepRefused, words
from . import clocks, strokes
from .deeds import Deed, Refused
from .history import record
from .readiness import Subject, holds


@dataclass(frozen=True)
class Given:
    """A field a step takes from the person who does it. `kind` is date, text, words (several lines) or choice.

    `answers` names the need of the lifecycle table that the field itself meets; `ahead` lets a date lie in the future.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    answers: str = ""
    ahead: bool = False


HOW = ("portal", "fax", "certified mail", "telephone", "in person", "electronic")
_WINDOW = (
    Given("valid_from", "Approved from", "date", ahead=True),
    Given("valid_to", "Approved to", "date", ahead=True),
)
_GRANT = (
    Given("number", "Authorization number or UTN", answers="number_on_file"),
    Given("decided_on", "Decided on", "date"),
    *_WINDOW,
)
_WHY = Given("decision_reason", "Payer's reason, word for word", "words")
_DECISION = (
    Given("decided_on", "Date on the decision", "date"),
    Given("decision_received_on", "Received on", "date", required=False),
    Given("decision_deadline", "Last day to go on, as printed", "date", required=False, ahead=True),
    Given("decision_words", "Payer's words", "words", required=False),
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
    ("authorization", "deny"): (
        Given("decided_on", "Date on the notice", "date"),
        _WHY,
        Given("number", "Payer's reference number", required=False),
    ),
    ("claim", "record_service"): (
        Given("service_from", "Date of service", "date", answers="service_date_on_file"),
        Given("service_to", "To (if more than a day)", "date", required=False),
    ),
    ("claim", "submit"): (Given("submitted_on", "Submitted on", "date"),),
    ("denial", "propose_write_off"): (Given("write_off_reason", "Reason for the write-off", "words"),),
    ("appeal", "file"): (
        Given("filed_on", "Sent on", "date"),
        Given("filed_by", "Sent by", "choice", choices=HOW),
        Given(
            "proof",
            "Proof: fax report, certified-mail number or portal receipt",
            required=False,
            answers="proof_or_reason",
        ),
        Given("no_proof_reason", "No proof because", required=False, answers="proof_or_reason"),
        Given("payer_received_on", "Payer received it on", "date", required=False),
    ),
    ("appeal", "decide_overturned"): _DECISION,
    ("appeal", "decide_partly"): _DECISION,
    ("appeal", "decide_upheld"): _DECISION,
    ("appeal", "dismiss"): _DECISION,
}

# First day, last day, and what to say when they are the wrong way round.
ORDER = (
    ("valid_from", "valid_to", "The approval cannot end before it begins."),
    ("service_from", "service_to", "The service cannot end before it begins."),
    ("service_from", "submitted_on", "The claim cannot be submitted before the service was given."),
    ("submitted_on", "decided_on", "The payer cannot have decided before the request was submitted."),
    ("filed_on", "decided_on", "The payer cannot have decided before the appeal was filed."),
    ("decided_on", "decision_received_on", "The decision cannot be received before it was made."),
    ("decided_on", "decision_deadline", "The last day printed cannot lie before the decision."),
)


def fields(subject: Subject, action: str) -> tuple[Given, ...]:
    """Return what this step asks for."""
    return FIELDS.get((subject.__tablename__, action), ())


def open_to(subject: Subject, deed: Deed) -> list[lifecycle.Step]:
    """Return the steps a person may take now; what a step's own fields will answer does not stand in its way."""
    return [step for step, reasons in ways(subject, deed) if not reasons]


def blocked(subject: Subject, deed: Deed) -> list[tuple[lifecycle.Step, list[str]]]:
    """Return the steps of this state that something still stands in the way of, each with its reasons."""
    return [(step, reasons) for step, reasons in ways(subject, deed) if reasons]


def ways(subject: Subject, deed: Deed) -> list[tuple[lifecycle.Step, list[str]]]:
    """Return every step of this state with the reasons that stand in its way; none means that it is open."""
    here = [step for step in lifecycle.LIFECYCLES[subject.__tablename__].steps if subject.state in step.leaves]
    known = holds(subject, deed, {need for step in here for need in step.needs})
    return [
        (step, lifecycle.unmet(step, known | {field.answers: True for field in fields(subject, step.action)}))
        for step in here
    ]


def take(subject: Subject, action: str, deed: Deed, *, reason: str | None = None, **given: Any) -> lifecycle.Step:
    """Move a record one step: set what was given, change the state, tell the history, mind the clocks.

    Raises StepRefused when the step is not open or a need does not hold, Refused when a field is missing;
    either way the caller's transaction is rolled back and nothing has changed.
    """
    table = lifecycle.LIFECYCLES[subject.__tablename__]
    left = subject.state
    needs = lifecycle.find(table, left, action).needs
    with db.session.no_autoflush:
        _set(subject, action, given, deed)
        step = lifecycle.take(table, left, action, holds(subject, deed, needs))
        strokes.put(subject, state=table.states(step.reaches))
        sentence = f"{words(left).capitalize()} → {words(step.reaches)}." + (f" {reason}" if reason else "")
        record(subject, action, deed, sentence=sentence, left=left, reached=step.reaches, **given)
    strokes.flush()
    clocks.follow(subject, step, deed)
    return step


def put_back(subject: Subject, state: str, deed: Deed, *, sentence: str) -> None:
    """Return a record to the state it was in before a step that is taken back; the history tells of it like of any."""
    left, subject.state = subject.state, lifecycle.LIFECYCLES[subject.__tablename__].states(state)  # pyright: ignore[reportAttributeAccessIssue] (its own table's state)
    record(subject, "take_back", deed, sentence=sentence, left=left, reached=state)


def _set(subject: Subject, action: str, given: dict[str, Any], deed: Deed) -> None:
    allowed = {field.name: field for field in fields(subject, action)}
    if unknown := given.keys() - allowed.keys():
        raise Refused(f"“{words(action)}” takes no {', '.join(sorted(unknown))}.")
    missing = [field.label for field in allowed.values() if field.required and not _given(subject, field, given)]
    if missing:
        raise Refused(*(f"{label} is missing." for label in missing))
    for name, value in given.items():
        setattr(subject, name, value)
    if faults := _date_faults(subject, [allowed[name] for name in given], deed.today):
        raise Refused(*faults)


def _date_faults(subject: Subject, given: list[Given], today: date) -> list[str]:
    """Find days that lie ahead or in the wrong order, among those just given."""
    days = {field.name: field for field in given if field.kind == "date"}
    found = [
        f"“{field.label}” lies in the future."
        for field in days.values()
        if not field.ahead and (getattr(subject, field.name) or today) > today
    ]
    for first, last, sentence in ORDER:
        begins, ends = getattr(subject, first, None), getattr(subject, last, None)
        if (first in days or last in days) and begins and ends and ends < begins:
            found.append(sentence)
    return found


def correct(subject: Subject, action: str, given: dict[str, Any], deed: Deed) -> None:
    """Set anew what a step was taken with; the state stays. Raises Refused for what the step would refuse."""
    if emptied := [each.label for each in fields(subject, action) if each.required and given.get(each.name, 1) is None]:
        raise Refused(*(f"{label} is missing." for label in emptied))
    with db.session.no_autoflush:
        _set(subject, action, given, deed)


def _given(subject: Subject, field: Given, given: dict[str, Any]) -> bool:
    return bool(given.get(field.name) or getattr(subject, field.name))


__all__ = [
    "FIELDS",
    "HOW",
    "Given",
    "StepRefused",
    "blocked",
    "correct",
    "fields",
    "open_to",
    "put_back",
    "take",
    "ways",
]
