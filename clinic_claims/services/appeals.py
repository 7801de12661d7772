"""Appeal a denial level by level: draft, sign, file with proof, note the decision."""

from typing import Any

from ..db import db
from ..domain.lifecycle import AppealState
from ..models import Appeal, Denial
from . import clocks, denials, ladders, steps
from .deeds import Deed, Refused
from .history import record

OUTCOMES = {
    "decide_overturned": "note_overturned",
    "decide_partly": "note_partly",
    "decide_upheld": "note_upheld",
    "dismiss": "note_upheld",
    "withdraw": "resume",
}
DECIDED = {
    "decide_overturned": AppealState.OVERTURNED,
    "decide_partly": AppealState.PARTLY_OVERTURNED,
    "decide_upheld": AppealState.UPHELD,
    "dismiss": AppealState.DISMISSED,
}
CORRECTED = {
    "decided_on": "its date",
    "decision_received_on": "day received",
    "decision_deadline": "last day printed",
    "decision_words": "their words",
}


def start(denial: Denial, deed: Deed) -> Appeal:
    """Open the next level of appeal. Raises StepRefused when the ladder has ended or one is under way."""
    level = ladders.next_level(denial, deed.book)
    last = ladders.last_appeal(denial)
    denials.move(denial, "appeal", deed)
    if level is None:
        raise Refused("The payer class has no further level of appeal.")
    if last is not None and last.state == AppealState.WITHDRAWN and last.level == level.level:
        return _again(last, deed)
    appeal = Appeal(
        denial=denial, previous=last, level=level.level, name=level.name, owner_id=denial.owner_id, created_at=deed.at
    )
    record(appeal, "start_appeal", deed, sentence=f"{level.name} started.", reached="drafting")
    return appeal


def _again(appeal: Appeal, deed: Deed) -> Appeal:
    """Take up an appeal that was withdrawn before it was decided."""
    record(appeal, "start_again", deed, sentence="Taken up again.", left="withdrawn", reached="drafting")
    appeal.state = AppealState.DRAFTING
    db.session.flush()
    return appeal


def move(appeal: Appeal, action: str, deed: Deed, **given: Any) -> None:
    """Take a step; filing stops the denial's filing clocks, a decision moves the denial."""
    if action == "file":
        _check_order(appeal, given)
    steps.take(appeal, action, deed, **given)
    denial = appeal.denial
    if action == "file":
        clocks.follow_denial(denial, "file", deed)
    if action in OUTCOMES:
        _tell(denial, action, appeal, deed)


def correct_decision(appeal: Appeal, deed: Deed, **told: Any) -> None:
    """Correct what the payer's decision says: its dates, the last day it prints, its words; the clocks that count from
    it start anew. Raises Refused for an appeal that is not decided, or dates out of order."""
    action = next((name for name, state in DECIDED.items() if appeal.state == state), None)
    if action is None:
        raise Refused("This appeal is not decided yet.")
    changed = {name: [getattr(appeal, name), day] for name, day in told.items() if getattr(appeal, name) != day}
    if not changed:
        return
    steps.correct(appeal, action, told, deed)
    named = ", ".join(label for name, label in CORRECTED.items() if name in changed)
    record(appeal, "correct_decision", deed, sentence=f"Decision corrected: {named}.", changed=changed)
    if ladders.last_decision(appeal.denial) is appeal:
        for clock in {row.clock for row in ladders.running(appeal.denial)}:
            clocks.start(appeal.denial, clock, deed)


def _check_order(appeal: Appeal, given: dict[str, Any]) -> None:
    filed, received = given.get("filed_on"), given.get("payer_received_on")
    if filed and received and received < filed:
        raise Refused("The payer cannot have received the appeal before it was sent.")


def _tell(denial: Denial, action: str, appeal: Appeal, deed: Deed) -> None:
    """Carry the outcome to the denial; what it won back is counted when the money comes."""
    denials.move(denial, OUTCOMES[action], deed, reason=f"{appeal.name}: {action.replace('_', ' ')}.")
