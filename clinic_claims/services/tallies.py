"""The clinic's own results as they were last counted, for the order of the list: one small table."""

from flask import current_app
from sqlalchemy import select

from ..db import db
from ..domain.chances import History, Tally
from ..models import ResultTally


def kept() -> History:
    """Return the last count with the published figures to start from; those alone where nothing was counted yet."""
    rows = db.session.scalars(select(ResultTally))
    own = {(row.category, row.treatment, row.payer): Tally(row.won, row.decided) for row in rows}
    return History(own, current_app.extensions["rulebook"].priors)
