"""Find the running clocks that today's rules and contracts would date otherwise, and date them anew."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain import deadlines
from ..domain.counting import spoken
from ..domain.deadlines import Deadline as Computed
from ..models import Appeal, Authorization, Claim, ContractTerm, Coverage, Deadline, Denial, Plan, TreatmentCase
from . import clocks, contracts, questions
from .deeds import Deed
from .history import record
from .questions import Question

OF_PLAN = joinedload(Coverage.plan).joinedload(Plan.payer)
ON_CLAIM = joinedload(Claim.coverage).options(OF_PLAN)
ON_REQUEST = joinedload(Authorization.coverage).options(OF_PLAN)
ON_DENIAL = (joinedload(Denial.claim).options(ON_CLAIM), joinedload(Denial.authorization).options(ON_REQUEST))


@dataclass(frozen=True)
class Moved:
    """A clock on record, the question it asks today and what the rulebook answers. `why` is what changed."""

    deadline: Deadline
    question: Question
    new: Computed
    why: str


def moved(deed: Deed) -> list[Moved]:
    """Return the running clocks whose days would change, the nearest first. Changes nothing."""
    terms: dict[int, list[ContractTerm]] = {}
    found = [_again(deadline, terms, deed) for deadline in db.session.scalars(_running())]
    return [each for each in found if each is not None]


def _again(deadline: Deadline, terms: dict[int, list[ContractTerm]], deed: Deed) -> Moved | None:
    """Ask a clock's question again; `terms` keeps each plan's contract terms once read. None if nothing changes."""
    asked, plan = clocks.question_of(deadline), questions.plan_of(deadline.subject)
    if asked is None:
        return None
    if plan is not None and plan.id not in terms:
        terms[plan.id] = contracts.holding(plan)
    question = questions.under_plan(asked, deadline, plan, deed)
    new = deadlines.contest(clocks.hear(question, terms[plan.id] if plan else [], deed.book)).act_on
    same = (new.legal, new.act_by) == (deadline.legal, deadline.act_by)
    if same and (question.case == asked.case or new.rule == deadline.rule):
        return None
    return Moved(deadline, question, new, "rules" if question.case == asked.case else "facts of the plan")


def redate(found: Iterable[Moved], deed: Deed) -> int:
    """Write the new days, each with a line in its record's history. Return how many."""
    chosen = list(found)
    for each in chosen:
        clocks.write(each.deadline, each.new)
        each.deadline.asked = each.question.to_json()
        subject = each.deadline.subject
        about = subject.patient if isinstance(subject, TreatmentCase) else subject
        record(about, "redate", deed, sentence=sentence(each), clock=each.deadline.clock, rule=each.new.rule)
    db.session.flush()
    return len(chosen)


def sentence(each: Moved) -> str:
    """Say what a change did to a clock: "Internal appeal: act by Jan 5, 2027, by changed rules."."""
    day = f"act by {spoken(each.new.act_by)}" if each.new.act_by else "act-by day no longer known"
    return f"{each.deadline.label}: {day}, by changed {each.why}."


def _running() -> Select[Deadline]:
    """Select the running clocks with the plans that govern them, earliest act-by first."""
    return (
        select(Deadline)
        .where(Deadline.stopped_at.is_(None))
        .order_by(Deadline.act_by.is_(None), Deadline.act_by, Deadline.id)
        .options(
            joinedload(Deadline.claim).options(ON_CLAIM),
            joinedload(Deadline.authorization).options(ON_REQUEST),
            joinedload(Deadline.denial).options(*ON_DENIAL),
            joinedload(Deadline.appeal).joinedload(Appeal.denial).options(*ON_DENIAL),
            joinedload(Deadline.treatment_case),
        )
    )
