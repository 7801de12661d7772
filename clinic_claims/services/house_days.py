"""Days that the house sets where the rules set none, or a far one."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import func, select

from ..calendars import federal_holiday
from ..clock import day_of
from ..db import db
from ..domain.business_days import on_or_before
from ..domain.lifecycle import AppealState, ClaimState, DenialState
from ..models import Deadline, Event

FOLLOW_UP = timedelta(days=30)  # where no rule says how long a payer may take
WEEK = timedelta(days=7)
A_WEEK: dict[str, str] = {  # states that only wait for a short deed of ours, and what is done about them
    **dict.fromkeys((ClaimState.SERVICE_GIVEN, ClaimState.READY_TO_BILL, ClaimState.REJECTED), "a claim goes out"),
    DenialState.WRITE_OFF_PROPOSED: "a write-off is signed or refused",
    AppealState.IN_REVIEW: "a letter is signed",
    AppealState.READY: "a signed letter goes out",
}


def once_late(clock: Deadline | None, sent_on: date | None) -> tuple[date, tuple[str, ...], date | None]:
    """Say from when a payer's silence is work: the day after its last one, else a house reminder."""
    if clock is not None and clock.legal is not None:
        return clock.legal + timedelta(days=1), tuple(clock.because), None
    reminder = (sent_on or date.max - FOLLOW_UP) + FOLLOW_UP
    because = (f"House reminder: {FOLLOW_UP.days} days without an answer", *(clock.because if clock else ()))
    return reminder, because, on_or_before(reminder, federal_holiday)


def soon(state: str, clock: Deadline | None, since: date | None) -> tuple[date, tuple[str, ...]] | None:
    """Say by when, and why, the house does what only waits for us, where the rule leaves more time than that."""
    if state not in A_WEEK or since is None or clock is None or clock.act_by is None:
        return None
    reminder = on_or_before(since + WEEK, federal_holiday)
    if reminder >= clock.act_by:
        return None
    return reminder, (f"House reminder: {A_WEEK[state]} within a week", *clock.because)


def reached_on(subject: str, states: Mapping[int, str]) -> dict[int, date]:
    """Return the clinic's day on which each record, given with its state, came into it, of those that wait for us."""
    waiting = {number: state for number, state in states.items() if state in A_WEEK}
    if not waiting:
        return {}
    came = select(Event.subject_id, Event.reached, func.max(Event.at)).group_by(Event.subject_id, Event.reached)
    steps = (Event.reached.in_(waiting.values()), Event.action != "take_back")  # what is taken back never counted
    query = came.where(Event.subject == subject, Event.subject_id.in_(waiting), *steps)
    came_on = {(number, state): day_of(at) for number, state, at in db.session.execute(query)}
    return {number: came_on[number, state] for number, state in waiting.items() if (number, state) in came_on}
