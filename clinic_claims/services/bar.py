"""What is counted above every page: late work, emergencies that nobody has read, notes that name the person."""

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from ..db import db
from ..models import Mention
from ..models.accounts import EmergencyAccess
from . import worklist
from .deeds import Deed
from .worklist import UNASSIGNED, Wanted


class Counted(NamedTuple):
    """The three figures. `late` stops at MOST_COUNTED of each list it is summed over."""

    late: int
    emergencies: int
    named: int


def count(user_id: int, covered: tuple[int, ...], deed: Deed, *, of_all: bool) -> Counted:
    """Count for a person, in one statement.

    Late is what is late of everybody's for who plans the work (`of_all`); else of the person's own, of those they
    cover, and of nobody's: nobody's is everybody's.
    """
    mine = Wanted(owner_id=user_id, covered=covered, urgency="Late")
    lists = (Wanted(urgency="Late"),) if of_all else (mine, Wanted(owner_id=UNASSIGNED, urgency="Late"))
    found: Any = db.session.execute(_counting(deed.today, lists, user_id)).one()
    *late, emergencies, named = found
    return Counted(sum(min(items, worklist.MOST_COUNTED) for items in late), emergencies, named)


@lru_cache(1_000)
def _counting(today: date, lists: tuple[Wanted, ...], user_id: int) -> Select[*tuple[Any, ...]]:
    """Word the question once: every page asks it all day."""
    late: list[Any] = [select(func.count()).select_from(worklist.some(today, wanted)) for wanted in lists]
    emergencies = select(func.count()).where(EmergencyAccess.reviewed_at.is_(None))
    named = select(func.count()).where(Mention.user_id == user_id, Mention.read_at.is_(None))
    return select(*(part.scalar_subquery() for part in (*late, emergencies, named)))
