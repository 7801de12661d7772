"""Who does whose work while they are away: arranged for some days, over by itself."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import Date, bindparam, or_, select

from ..db import db
from ..domain.counting import spoken
from ..models import Cover, User
from .deeds import Deed, Refused
from .history import record

LONGEST = timedelta(days=90)


def arrange(away: User, by: User, from_on: date, to_on: date, deed: Deed) -> Cover:
    """Let somebody see to another's work from a day to a day, both included. Raises Refused with reasons."""
    if reasons := list(_reasons_against(away, by, from_on, to_on, deed)):
        raise Refused(*reasons)
    made = Cover(user=away, by=by, from_on=from_on, to_on=to_on, made_by=deed.actor, made_at=deed.at)
    db.session.add(made)
    record(
        away,
        "arrange_cover",
        deed,
        sentence=f"{by.full_name} covers from {spoken(from_on)} to {spoken(to_on)}.",
        by=by.id,
    )
    return made


def _reasons_against(away: User, by: User, from_on: date, to_on: date, deed: Deed) -> Iterator[str]:
    if away.id == by.id:
        yield "Choose somebody else to cover: nobody covers for themselves."
    if not by.active:
        yield f"The account of {by.full_name} is disabled: choose somebody else."
    if to_on < from_on:
        yield "The last day cannot come before the first."
    if to_on < deed.today:
        yield "These days are over: choose today or later."
    if to_on - from_on > LONGEST:
        yield f"Choose at most {LONGEST.days} days; for longer, give the work to somebody."
    if clash := _at_once(away, from_on, to_on):
        yield f"{away.full_name} is covered from {spoken(clash.from_on)} to {spoken(clash.to_on)}: end that first."
    if clash := _at_once(by, from_on, to_on):
        yield f"{by.full_name} is away from {spoken(clash.from_on)} to {spoken(clash.to_on)}: choose somebody else."


def _at_once(away: User, from_on: date, to_on: date) -> Cover | None:
    at_once = (Cover.user_id == away.id, Cover.from_on <= to_on, Cover.to_on >= from_on)
    return db.session.scalar(select(Cover).where(*at_once).limit(1))


def end(cover: Cover, deed: Deed) -> None:
    """End a cover today; one that has not begun is gone, and one that is over stays as it was."""
    if cover.to_on < deed.today:
        return
    sentence = f"{cover.by.full_name} no longer covers."
    record(cover.user, "end_cover", deed, sentence=sentence, by=cover.by_id)
    if cover.from_on >= deed.today:
        db.session.delete(cover)
    else:
        cover.to_on = deed.today - timedelta(days=1)


COVERED = (  # every page asks it
    select(Cover.user_id)
    .where(Cover.by_id == bindparam("person"), bindparam("today", type_=Date).between(Cover.from_on, Cover.to_on))
    .order_by(Cover.id)
)


def covered_by(user: User, today: date) -> tuple[int, ...]:
    """Return the numbers of those whose work a person sees to today."""
    return tuple(db.session.scalars(COVERED, {"person": user.id, "today": today}))


def shown_to(user: User, today: date, *, all_of_them: bool = False) -> list[Cover]:
    """Return what is arranged from today on for a person or by them; everybody's for who plans it."""
    query = select(Cover).where(Cover.to_on >= today).order_by(Cover.from_on, Cover.id)
    if not all_of_them:
        query = query.where(or_(Cover.user_id == user.id, Cover.by_id == user.id))
    return list(db.session.scalars(query))
