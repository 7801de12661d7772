"""What the payer wants to see for a request, criterion by criterion, and the tasks that close what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain import evidence
from ..domain.authorizations import VisitState
from ..domain.policies import Policy, version_on
from ..models import Authorization, ChecklistAnswer, Task, TreatmentCase, User
from . import facts, ledger
from .deeds import Deed, Refused
from .history import record

ANSWERS = ("met", "not_met", "waived")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion: who asks for it, how much it weighs, and how the file answers it.

    `answer` is met, not_met, waived, or open while nobody has answered and the file does not show it.
    """

    item: str
    text: str
    weight: str  # must, helps or policy
    answer: str
    why: str = ""
    fix: str = ""
    version: str | None = None
    given: ChecklistAnswer | None = None

    @property
    def missing(self) -> bool:
        """Whether the request would go out with a hole."""
        return self.weight != "helps" and self.answer in ("open", "not_met")


def day_of(authorization: Authorization, deed: Deed) -> date:
    """Return the date of service that decides which policy holds: the next visit, else the first approved day."""
    ahead = [visit.on for visit in ledger.visits_on(authorization) if visit.state == VisitState.SCHEDULED]
    return min(ahead, default=authorization.valid_from or deed.today)


def policy_of(authorization: Authorization, deed: Deed) -> Policy | None:
    """Return the payer's policy in the version in force on the date of service."""
    named = authorization.coverage.plan.policy_id
    return version_on(deed.book.policies, named, day_of(authorization, deed)) if named else None


def lines(authorization: Authorization, deed: Deed) -> list[Line]:
    """Return the checklist of a request: what a strong file holds, then the payer's own criteria."""
    query = select(ChecklistAnswer).where(ChecklistAnswer.case_id == authorization.case_id)
    given = {row.item: row for row in db.session.scalars(query)}
    return [*_evidence(authorization, given, deed), *_criteria(authorization, given, deed)]


def _evidence(authorization: Authorization, given: dict[str, ChecklistAnswer], deed: Deed) -> Iterator[Line]:
    known = facts.of_authorization(authorization, deed)
    for found in evidence.checklist(known, deed.book.letters.evidence.values()):
        item = f"evidence:{found.evidence.id}"
        answer = given.get(item)
        shown = "met" if found.on_file else "open"
        yield Line(
            item=item,
            text=found.evidence.label,
            weight=found.weight,
            answer=answer.answer if answer else shown,
            why=found.evidence.why,
            fix=found.evidence.fix,
            given=answer,
        )


def _criteria(authorization: Authorization, given: dict[str, ChecklistAnswer], deed: Deed) -> Iterator[Line]:
    policy = policy_of(authorization, deed)
    for number, text in enumerate(policy.criteria if policy else (), start=1):
        item = f"policy:{policy.id}:{number}" if policy else ""
        answer = given.get(item)
        yield Line(
            item=item,
            text=text,
            weight="policy",
            answer=answer.answer if answer else "open",
            why=f"{policy.payer} {policy.number}" if policy else "",
            version=policy.edition if policy else None,
            given=answer,
        )


def answer(
    authorization: Authorization, item: str, told: str, deed: Deed, *, reason: str | None = None, **where: Any
) -> ChecklistAnswer:
    """Answer one criterion: met on a document and page, not met, or waived with a reason. An earlier answer is replaced
    and stays on the history. Raises Refused for a line that the checklist does not hold, or an answer without proof."""
    line = next((line for line in lines(authorization, deed) if line.item == item), None)
    if line is None:
        raise Refused("This line is not on the checklist: the policy of the day may have changed.")
    _refuse_unproved(told, reason, where)
    row = line.given or ChecklistAnswer(case=authorization.case, item=item)
    row.text, row.version, row.answer, row.reason = line.text, line.version, told, reason
    row.document_id, row.page = where.get("document_id"), where.get("page")
    row.answered_by, row.answered_at = deed.actor, deed.at
    db.session.add(row)
    said = f"{line.text}: {told.replace('_', ' ')}." + (f" {reason}" if reason else "")
    record(authorization, "answer_criterion", deed, sentence=said, item=item, answer=told, **where)
    if told != "not_met":
        _close_tasks(authorization.case, item, deed)
    return row


def _refuse_unproved(told: str, reason: str | None, where: dict[str, Any]) -> None:
    if told not in ANSWERS:
        raise Refused(f"Answer met, not met or waived, not “{told}”.")
    if told == "waived" and not reason:
        raise Refused("Give the reason for waiving this criterion.")
    if told == "met" and not where.get("document_id") and not reason:
        raise Refused("Name the document and page that show it, or say where it stands.")


def missing(authorization: Authorization, deed: Deed) -> list[Line]:
    """Return what the request would go out without."""
    return [line for line in lines(authorization, deed) if line.missing]


def make_tasks(authorization: Authorization, owner: User | None, due: date, deed: Deed) -> list[Task]:
    """Make a task of everything missing that nobody has a task for yet."""
    known = {task.item for task in open_tasks(authorization.case)}
    return [
        add_task(
            authorization.case,
            line.fix or f"Get: {line.text}",
            due,
            deed,
            owner=owner,
            item=line.item,
            authorization=authorization,
        )
        for line in missing(authorization, deed)
        if line.item not in known
    ]


def add_task(
    case: TreatmentCase,
    what: str,
    due: date,
    deed: Deed,
    *,
    owner: User | None = None,
    item: str | None = None,
    authorization: Authorization | None = None,
) -> Task:
    """Give somebody something to do by a day. Raises Refused for a day that is past."""
    if due < deed.today:
        raise Refused("The day of the task has passed already.")
    task = Task(
        case=case,
        what=what,
        due=due,
        owner=owner,
        item=item,
        authorization=authorization,
        created_by=deed.actor,
        created_at=deed.at,
    )
    whose = f" for {owner.full_name}" if owner else ""
    record(task, "add_task", deed, sentence=f"Task{whose} until {due:%b} {due.day}, {due.year}: {what}")
    return task


def finish_task(task: Task, deed: Deed) -> None:
    """Note that a task is done. Raises Refused when it was done before."""
    if task.done_on is not None:
        raise Refused(f"{task.done_by} has done this already.")
    task.done_on, task.done_by = deed.today, deed.actor
    record(task, "finish_task", deed, sentence=f"Done: {task.what}")


def _close_tasks(case: TreatmentCase, item: str, deed: Deed) -> None:
    for task in open_tasks(case):
        if task.item == item:
            finish_task(task, deed)


def open_tasks(case: TreatmentCase) -> list[Task]:
    """Return what is still to do on a case, the earliest day first."""
    query = select(Task).where(Task.case_id == case.id, Task.done_on.is_(None))
    return list(db.session.scalars(query.order_by(Task.due, Task.id)))
