"""What a payer answers to requests for approval (278): found by number, trace or patient, and noted on the request."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, select

from ..db import db
from ..domain.lifecycle import AUTHORIZATION, AuthorizationState
from ..edi.auth278 import Review
from ..models import Authorization, Coverage
from . import authorizations
from .deeds import Deed, Refused
from .history import record
from .import_runs import Tracker
from .pairing import packed
from .patients import name_key

OURS = re.compile(r"AUTH-0*(\d{1,9})")
WAITING = (AuthorizationState.SUBMITTED, AuthorizationState.PENDED, AuthorizationState.OVERDUE)
GRANTS = ("approve", "approve_in_part", "modify")


def find(review: Review) -> Authorization:
    """Find the request that is answered. Raises Refused with the reason when none or several may be meant."""
    number = review.decision.number if review.decision else ""
    if number and (found := db.session.scalar(select(Authorization).where(Authorization.number == number))):
        return found
    for trace in (review.trace, review.reference):
        if (match := OURS.fullmatch(trace)) and (found := db.session.get(Authorization, int(match[1]))):
            return found
    return _by_patient(review)


def _by_patient(review: Review) -> Authorization:
    """Find the one request that waits for an answer about this member; codes tell several apart."""
    member = review.patient.member_id or review.subscriber.member_id
    bare = func.upper(func.replace(func.replace(Coverage.member_id, " ", ""), "-", ""))
    query = select(Authorization).join(Authorization.coverage).where(Authorization.state.in_(WAITING))
    waiting = list(db.session.scalars(query.where(bare == packed(member)))) if member else []
    last = name_key(review.patient.last or review.subscriber.last, "")
    waiting = [each for each in waiting if name_key(each.case.patient.last_name, "") == last]
    codes = {service.procedure for service in review.services}
    fits = [each for each in waiting if codes & {line.code for line in each.lines}]
    found = fits if codes and len(waiting) > 1 else waiting
    if len(found) == 1:
        return found[0]
    raise Refused("Several requests for this patient wait." if found else "No request of ours waits for this patient.")


def post(review: Review, authorization: Authorization, tracker: Tracker, deed: Deed) -> int:
    """Note the answer and take the step it asks for; returns how many denials it opened.

    Raises Refused or StepRefused when the request cannot take that step.
    """
    told = in_words(review, deed)
    record(
        authorization,
        "note_review",
        deed,
        sentence=f"Payer's answer: {told}.",
        segment=review.segment,
        trace=review.payer_trace,
    )
    tracker.changed(review.segment, authorization)
    outcome = deed.book.x12.review_outcomes.get(_action(review))
    if outcome is None:
        return 0
    steps = (each for each in AUTHORIZATION.steps if each.reaches == outcome.state)
    step = next((each for each in steps if authorization.state in each.leaves), None)
    if step is None or outcome.state == AuthorizationState.SUBMITTED:
        return 0
    denial = authorizations.move(authorization, step.action, deed, **_given(review, step.action, told, deed))
    if step.action in GRANTS:
        _fill_lines(review, authorization)
    if denial is not None:
        tracker.changed(review.segment, denial)
    return 1 if denial else 0


def doubts(authorization: Authorization, before: str) -> Iterator[str]:
    """Say of a request that was decided before the answer came that the answer is kept, and changed nothing."""
    if before == authorization.state and before not in WAITING:
        decided = before.replace("_", " ")
        yield f"{authorization.reference} is {decided} already. The answer is in its history; enter a change by hand."


def _action(review: Review) -> str:
    """Return HCR01 of the whole request; where only its services are answered, the one answer they share."""
    if review.decision:
        return review.decision.action
    said = {service.decision.action for service in review.services if service.decision}
    if len(said) == 1:
        return said.pop()
    return "A2" if "A1" in said or "A6" in said else ""  # some of it granted: in part


def _number(review: Review) -> str:
    told = [review.decision, *(service.decision for service in review.services)]
    return next((each.number for each in told if each and each.number), "")


def _given(review: Review, action: str, told: str, deed: Deed) -> dict[str, Any]:
    """Fill the fields of a step from the answer."""
    decided = min(review.sent_on or deed.today, deed.today)
    if action == "note_not_required":
        return {"proof": f"278 of {decided}: {told}"}
    if action == "deny":
        return {"decided_on": decided, "decision_reason": told}
    if action not in GRANTS:
        return {}
    begins = review.valid_from or _earliest(service.valid_from for service in review.services) or decided
    ends = review.valid_to or _earliest(service.valid_to for service in review.services)
    if ends is None:
        raise Refused("The answer names no last approved day: enter it from the letter.")
    given: dict[str, Any] = {"decided_on": decided, "valid_from": begins, "valid_to": ends}
    if number := _number(review):
        given["number"] = number
    return given if action == "approve" else given | {"decision_reason": told}


def _earliest(days: Iterable[Any]) -> Any:
    return min((day for day in days if day), default=None)


def _fill_lines(review: Review, authorization: Authorization) -> None:
    """Put what was granted on the lines: the units of a service, none where it was not certified."""
    for service in review.services:
        action = service.decision.action if service.decision else _action(review)
        for line in authorization.lines:
            if line.code != service.procedure:
                continue
            if action == "A3":
                line.units_approved = 0
            elif action in ("A1", "A2", "A6") and service.units is not None:
                line.units_approved = int(service.units)
            elif action == "A1":
                line.units_approved = line.units_requested
    if review.quantity is not None and review.quantity_kind == "VS":
        for line in authorization.lines:
            line.visits_approved = int(review.quantity)


def in_words(review: Review, deed: Deed) -> str:
    """Say the answer: what the code means, its reason, the payer's words, and what could not be reviewed."""
    outcome = deed.book.x12.review_outcomes.get(_action(review))
    said = [outcome.meaning if outcome else "no decision"]
    told = [review.decision, *(service.decision for service in review.services)]
    said += [f"reason {each.reason}" for each in told if each and each.reason]
    said += [*review.messages, *(word for service in review.services for word in service.messages)]
    refused = (*review.rejections, *(each for service in review.services for each in service.rejections))
    said += [f"not reviewed: {each.level}, reason {each.reason}" for each in refused]
    return "; ".join(dict.fromkeys(said))
