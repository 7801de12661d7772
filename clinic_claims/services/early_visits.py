"""Booked visits that lie too early: an injection came on record, or moved, after they were booked."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from ..db import db
from ..domain.counting import spoken
from ..domain.predenial import INTERVAL
from ..models import Deadline, Override, TreatmentCase, Visit

NEXT = "Move the visit, or say why early"


def too_early(visits: Iterable[Visit]) -> dict[int, list[str]]:
    """Say why for each visit, by its key, that lies before its earliest payable day with no reason given for it."""
    unexplained = [visit for visit in visits if not visit.early_reason]
    clocks = _clocks({visit.patient_id for visit in unexplained if visit.case.treatment == "toxin"})
    let_pass = _let_pass([visit.id for visit in unexplained])
    found: dict[int, list[str]] = {}
    for visit in unexplained:
        clock = clocks.get(visit.patient_id)
        if clock and clock.legal and visit.on < clock.legal and (visit.id, clock.legal) not in let_pass:
            days = f"The visit is on {spoken(visit.on)}", f"the earliest payable day is {spoken(clock.legal)}"
            found[visit.id] = [*days, *clock.because]
    return found


def _clocks(patients: set[int]) -> dict[int, Deadline]:
    """Return the clock of each patient that runs from the newest injection, whichever case it was for."""
    running = (Deadline.clock == "next_injection", Deadline.stopped_at.is_(None))
    of_case = TreatmentCase.id == Deadline.treatment_case_id
    query = select(TreatmentCase.patient_id, Deadline).join(TreatmentCase, of_case).where(*running)
    query = query.where(TreatmentCase.patient_id.in_(patients)).order_by(Deadline.legal, Deadline.id)
    return {row.patient_id: row.Deadline for row in db.session.execute(query)}


def _let_pass(visits: list[int]) -> set[tuple[int | None, date | None]]:
    """Return visits with the earliest payable day that somebody let each come before: a reason holds for that day,
    and another one must be looked at again."""
    query = select(Override.visit_id, Override.earliest).where(
        Override.visit_id.in_(visits), Override.rule == INTERVAL, Override.earliest.is_not(None)
    )
    return {(visit, earliest) for visit, earliest in db.session.execute(query)}
