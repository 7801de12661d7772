"""Booked visits that lie too early: an injection came on record, or moved, after they were booked."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from ..db import db
from ..domain.counting import spoken
from ..models import Deadline, Override, Visit

NEXT = "Move the visit, or say why early"


def too_early(visits: Iterable[Visit]) -> dict[int, list[str]]:
    """Say why for each visit, by its key, that lies before its earliest payable day with no reason given for it."""
    unexplained = [visit for visit in visits if not visit.early_reason]
    clocks, let_pass = _clocks({visit.case_id for visit in unexplained}), _let_pass([each.id for each in unexplained])
    found: dict[int, list[str]] = {}
    for visit in unexplained:
        clock = clocks.get(visit.case_id)
        if clock and clock.legal and visit.on < clock.legal and not _passed(let_pass.get(visit.id, ()), clock.legal):
            days = f"The visit is on {spoken(visit.on)}", f"the earliest payable day is {spoken(clock.legal)}"
            found[visit.id] = [*days, *clock.because]
    return found


def _clocks(cases: set[int]) -> dict[int | None, Deadline]:
    """Return the clock of each case that runs from its newest injection."""
    running = (Deadline.clock == "next_injection", Deadline.stopped_at.is_(None))
    query = select(Deadline).where(Deadline.treatment_case_id.in_(cases), *running).order_by(Deadline.legal)
    return {row.treatment_case_id: row for row in db.session.scalars(query)}


def _let_pass(visits: list[int]) -> dict[int | None, list[str]]:
    """Return what somebody let pass about these visits' intervals, in the words it was said in."""
    query = select(Override).where(Override.visit_id.in_(visits), Override.rule == "interval")
    found: dict[int | None, list[str]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.visit_id, []).append(row.says)
    return found


def _passed(said: Iterable[str], earliest: date) -> bool:
    """A reason holds for the words it was given to: another earliest day must be looked at again."""
    return any(spoken(earliest) in words for words in said)
