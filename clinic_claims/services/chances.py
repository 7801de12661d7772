"""The clinic's own results by reason, treatment and payer: what chances of winning are reckoned from."""

from sqlalchemy import case, exists, func, select

from ..db import db
from ..domain.chances import Chance, History, Tally, chance
from ..domain.lifecycle import AppealState
from ..models import Appeal, Denial, Payer, ResultTally, TreatmentCase
from ..rulebook import Rulebook
from . import tallies
from .deeds import Deed
from .denial_columns import IS_WON, from_denials

DECIDED = (
    AppealState.OVERTURNED,
    AppealState.PARTLY_OVERTURNED,
    AppealState.UPHELD,
    AppealState.DISMISSED,
)
WON = DECIDED[:2]


def history(book: Rulebook) -> History:
    """Count denials with a decided appeal, and those won, by reason, treatment and payer: one query."""
    decided = exists().where(Appeal.denial_id == Denial.id, Appeal.state.in_(DECIDED))
    columns = (
        Denial.category.label("category"),
        TreatmentCase.treatment.label("treatment"),
        Payer.name.label("payer"),
        case((IS_WON, 1), else_=0).label("won"),
    )
    each = from_denials(columns, ("payer", "case")).where(decided).subquery()
    keys = (each.c.category, each.c.treatment, each.c.payer)
    rows = db.session.execute(select(*keys, func.sum(each.c.won), func.count()).group_by(*keys))
    own = {(category, treatment, payer): Tally(int(won), count) for category, treatment, payer, won, count in rows}
    return History(own, book.priors)


def recount(deed: Deed) -> bool:
    """Count the results anew for the order of the list. Return whether anything changed."""
    own, before = history(deed.book).own, tallies.kept().own
    kept = {(row.category, row.treatment, row.payer): row for row in db.session.scalars(select(ResultTally))}
    for kind, tally in own.items():
        row = kept.pop(kind, None) or ResultTally(category=kind[0], treatment=kind[1], payer=kind[2])
        row.won, row.decided, row.counted_on = tally.won, tally.decided, deed.today
        db.session.add(row)
    for row in kept.values():
        db.session.delete(row)
    db.session.flush()
    return own != before


__all__ = ["DECIDED", "WON", "Chance", "chance", "history", "recount"]
