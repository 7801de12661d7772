"""What proves a row of the rulebook, and what leans on it now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import String, cast, func, select

from ..calendars import federal_holiday
from ..db import db
from ..domain.clock_rules import Example, Rule
from ..domain.counting import spoken
from ..domain.denials import read_line
from ..domain.lifecycle import words
from ..domain.reckoning import evaluate
from ..models import Deadline, Denial, Plan, TreatmentCase
from ..rulebook import Rulebook
from .catalogue import Entry, plain
from .readiness import SETTLED

LISTED = 20  # open items named on a rule's page


@dataclass(frozen=True)
class Proof:
    """One example of a rule, run now: what was given, what is expected, what the rule answers."""

    given: str
    expected: str
    answer: str

    @property
    def holds(self) -> bool:
        """Whether the rule answers as expected."""
        return self.expected == self.answer


def proofs(entry: Entry, book: Rulebook) -> list[Proof]:
    """Run the examples of a clock rule or a code combination."""
    if entry.kind.name == "clock":
        return [_clock_proof(entry.row, example) for example in entry.row.example]
    if entry.kind.name == "combination":
        read = ((example, read_line(book.denial_codes, example).rule) for example in entry.row.examples)
        return [Proof(str(plain(example)), entry.id, rule) for example, rule in read]
    return []


def _clock_proof(rule: Rule, example: Example) -> Proof:
    found = evaluate(rule, example.dates, federal_holiday, printed=example.printed)
    given = [f"{words(name)} {spoken(day)}" for name, day in example.dates.items()]
    given += [f"printed {spoken(example.printed)}"] if example.printed else []
    return Proof(", ".join(given), _days(example.legal, example.act_by), _days(found.legal, found.act_by))


def _days(legal: date | None, act_by: date | None) -> str:
    said = (spoken(day) if day else "not known" for day in (legal, act_by))
    return "last lawful day {}, act by {}".format(*said)


@dataclass(frozen=True)
class Use:
    """What leans on a rule now: how many open items, and the first of them as (name, record)."""

    total: int
    first: list[tuple[str, Any]]


def used_by(entry: Entry) -> Use:
    """Find the running clocks, open denials or plans that lean on a row."""
    match entry.kind.name:
        case "clock":
            query = select(Deadline).where(Deadline.rule == entry.id, Deadline.stopped_at.is_(None))
            return _use(query.order_by(Deadline.act_by, Deadline.id), _of_clock)
        case "carc" | "rarc":
            column = Denial.carcs if entry.kind.name == "carc" else Denial.rarcs
            held = cast(column, String).contains(f'"{entry.id}"')
            query = select(Denial).where(held, Denial.state.not_in(SETTLED))
            return _use(query.order_by(Denial.id), lambda denial: (denial.reference, denial))
        case "policy":
            query = select(Plan).where(Plan.policy_id == entry.id).order_by(Plan.name)
            return _use(query, lambda plan: (f"{plan.payer.name}, {plan.name}", plan))
        case _:
            return Use(0, [])


def _use(query: Any, name: Callable[[Any], tuple[str, Any]]) -> Use:
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return Use(total, [name(row) for row in db.session.scalars(query.limit(LISTED))])


def _of_clock(deadline: Deadline) -> tuple[str, Any]:
    """Name a clock by its record; that of a treatment stands on the patient's page."""
    subject = deadline.subject
    if isinstance(subject, TreatmentCase):
        return f"{deadline.label}, case {subject.id}", subject.patient
    return f"{deadline.label}, {subject.reference}", subject
