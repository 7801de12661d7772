"""Print the letters of many appeals at once: ordered in one deed, printed by the workers, each kept on its own."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import func, select

from ..db import db
from ..models import Appeal, Letter
from . import letters
from .deeds import Deed
from .jobs import Effect, enqueue

KIND = "letter"


class Changed(RuntimeError):
    """The record changed while its letter was printed: the job is done again."""


def order(appeals: Sequence[Appeal], deed: Deed) -> str:
    """Ask for the next version of these letters and return the batch, whose progress `jobs.progress` tells.

    A letter that is ordered already keeps its place in the batch of before.
    """
    batch = token_hex(8)
    for appeal in appeals:
        newest = db.session.scalar(select(func.max(Letter.version)).where(Letter.appeal_id == appeal.id)) or 0
        key = f"{KIND}:{appeal.id}:{newest + 1}"
        enqueue(KIND, {"appeal": appeal.id, "version": newest + 1}, deed, key=key, batch=batch)
    return batch


def print_one(payload: dict[str, Any], deed: Deed) -> Effect:
    """Compose and print one letter; its effect keeps the bytes, unless the record changed meanwhile.

    Raises Refused with every gap that is left.
    """
    number: int = payload["appeal"]
    composed = letters.compose(db.session.get_one(Appeal, number), deed)
    pages = letters.printed(composed, draft=False)

    def keep() -> dict[str, Any]:
        appeal = db.session.get_one(Appeal, number)
        if letters.compose(appeal, deed) != composed:
            raise Changed
        letter = letters.keep(appeal, composed, pages, deed)
        return {"letter": letter.id, "sha256": letter.sha256}

    return keep
