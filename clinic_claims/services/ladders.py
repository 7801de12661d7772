"""Where a denial stands on its payer class's ladder of appeals, and which clocks run on a record."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import load_only

from ..clock import day_of
from ..db import db
from ..domain.lifecycle import AppealState
from ..domain.payer_classes import Level, ladder
from ..models import Appeal, Claim, Deadline, Denial
from ..rulebook import Rulebook
from . import strokes

UNSENT = (AppealState.DRAFTING, AppealState.IN_REVIEW, AppealState.READY)
DECISION_LEVEL = "0"  # the payer's first decision, which is no step to file
FILING = ("appeal", "provider_dispute")  # the clocks of a denial that a filed appeal answers
CONTRACT: dict[str, Any] = {
    "name": "Provider payment dispute",
    "decides": "The plan, under the provider agreement,",
    "file_within": "As the agreement or the provider manual says.",
    "form": "",
    "letter": "dispute",
}
"""What stands in the place of a member's level for a clinic that may only dispute under its contract."""
BESIDE = ("peer_to_peer", "corrected_claim")  # ways that may pass by while the appeal stays open


def payer_class(denial: Denial) -> str:
    """Return the payer class id of the plan that denied."""
    return denial.subject.coverage.plan.payer_class


def steps_of(denial: Denial, book: Rulebook) -> tuple[Level, ...]:
    """Return the steps that can be filed, in order: of a claim, those open to a clinic of its standing; without a
    second internal level where the plan has only one."""
    found = book.clocks.find_class(payer_class(denial))
    whole = ladder(book.clocks.levels.values(), found.id) if found else ()
    standing = "in" if under_contract(denial) else "out"
    one = denial.subject.coverage.plan.internal_levels == "one"
    rest = (level for level in whole if level.level != DECISION_LEVEL and not (level.optional and one))
    return tuple(level for level in rest if level.network in ("", standing))


def last_appeal(denial: Denial) -> Appeal | None:
    """Return the newest appeal of the denial, or None."""
    if (stroke := strokes.current()) and stroke.bore(denial):
        return None
    return db.session.scalar(select(Appeal).where(Appeal.denial_id == denial.id).order_by(Appeal.id.desc()).limit(1))


def last_decision(denial: Denial) -> Appeal | None:
    """Return the newest appeal that the payer has decided: the one that an appeal under way answers."""
    appeal = last_appeal(denial)
    while appeal is not None and appeal.decided_on is None:
        appeal = appeal.previous
    return appeal


def next_level(denial: Denial, book: Rulebook) -> Level | None:
    """Return the step that may be filed next, or None at the end of the ladder (or off every ladder)."""
    steps = steps_of(denial, book)
    last = last_appeal(denial)
    fresh = last is None or last.state == "withdrawn"
    if no_member_route(denial, book):
        return replace(steps[0], **CONTRACT) if steps and fresh else None
    if last is None or fresh:
        return steps[0] if steps else None
    at = [level.level for level in steps]
    place = at.index(last.level) + 1 if last.level in at else len(steps)
    return steps[place] if place < len(steps) else None


def under_contract(denial: Denial) -> bool:
    """Whether a contracted clinic was refused its own payment, which its contract lets it dispute."""
    return denial.claim_id is not None and denial.subject.coverage.plan.in_network


def no_member_route(denial: Denial, book: Rulebook) -> bool:
    """A Medicare Advantage plan's contracted clinic has no appeal for its own payment, only the contract's dispute."""
    found = book.clocks.find_class(payer_class(denial))
    return under_contract(denial) and found is not None and found.id == "medicare_advantage_enrollee"


def level_to_file(denial: Denial, book: Rulebook) -> Level | None:
    """Return the step whose filing clock runs: of the appeal being prepared, else the next one."""
    last = last_appeal(denial)
    if last is not None and last.state in UNSENT:
        return next((level for level in steps_of(denial, book) if level.level == last.level), None)
    return next_level(denial, book)


def level_beside(denial: Denial, level: Level | None, book: Rulebook) -> Level | None:
    """Return the step after one that the plan may not have: unless it is known to, that one's time runs already."""
    if level is None or not level.optional or denial.subject.coverage.plan.internal_levels == "two":
        return None
    steps = steps_of(denial, book)
    return next((after for before, after in pairwise(steps) if before.level == level.level), None)


def running(subject: Any, clock: str | None = None) -> list[Deadline]:
    """Return the clocks that run on a record, earliest act-by first, unknown ones last."""
    stroke = strokes.current()
    known = stroke.clocks.get((subject.__tablename__, subject.id)) if stroke else None
    if known is not None:
        still = [each for each in known if each.stopped_at is None and clock in (None, each.clock)]
        return sorted(still, key=lambda each: each.act_by or date.max)
    query = select(Deadline).where(
        getattr(Deadline, f"{subject.__tablename__}_id") == subject.id, Deadline.stopped_at.is_(None)
    )
    if clock:
        query = query.where(Deadline.clock == clock)
    return list(db.session.scalars(query.order_by(Deadline.act_by.is_(None), Deadline.act_by, Deadline.id)))


def gather(stroke: strokes.Stroke, claims: Sequence[Claim]) -> None:
    """Ask once which clocks run on many claims, for the time of a stroke."""
    stroke.clocks |= {("claim", claim.id): [] for claim in claims}
    query = select(Deadline).where(Deadline.claim_id.in_([each.id for each in claims]), Deadline.stopped_at.is_(None))
    told = load_only(Deadline.claim_id, Deadline.clock, Deadline.act_by, Deadline.stopped_at)
    for row in db.session.scalars(query.options(told).order_by(Deadline.id)):
        stroke.clocks["claim", row.claim_id or 0].append(row)


def to_act_on(running: Iterable[Deadline]) -> Deadline | None:
    """Choose the clinic's clock that comes first; a way beside the appeal that was gone from the start is left out."""
    ours = [deadline for deadline in running if deadline.who == "clinic" and not deadline.not_before]
    still = [d for d in ours if d.clock not in BESIDE or (d.act_by is not None and d.act_by >= day_of(d.started_at))]
    known = [deadline for deadline in still if deadline.act_by]
    return min(known, key=lambda d: d.act_by or date.max) if known else next(iter(still), None)
