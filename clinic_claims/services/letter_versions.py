"""The versions of a letter, compared by the very bytes that were kept."""

from dataclasses import dataclass

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import AppealState
from ..domain.own_words import Run, compared
from ..models import Appeal, Event, Letter
from ..packet import leaves
from . import documents
from .deeds import Refused


@dataclass(frozen=True)
class Pair:
    """Two versions of one letter: what differs by words, and how many pages each has."""

    old: Letter
    new: Letter
    runs: tuple[Run, ...]
    old_pages: int
    new_pages: int

    @property
    def changes(self) -> int:
        """How many stretches of words differ."""
        return sum(run.kind != "same" for run in self.runs)


def versions(letter: Letter) -> list[Letter]:
    """Return every version of the same letter, the oldest first."""
    column = getattr(Letter, f"{letter.subject.__tablename__}_id")
    mine = select(Letter).where(column == letter.subject.id)
    if letter.appeal_id is None:
        mine = mine.where(Letter.kind == letter.kind)
    return list(db.session.scalars(mine.order_by(Letter.version)))


def sent_back(appeal: Appeal) -> Event | None:
    """Return how the letter came back to the desk, while it lies there."""
    if appeal.state != AppealState.DRAFTING or not appeal.letters:
        return None
    back = select(Event).where(Event.subject == "appeal", Event.subject_id == appeal.id, Event.action == "hand_back")
    return db.session.scalar(back.order_by(Event.id.desc()).limit(1))


def pair(letter: Letter, version: int) -> Pair:
    """Compare a letter with another version of it, the older one first. Raises Refused for a version there is not."""
    other = next((one for one in versions(letter) if one.version == version and one.id != letter.id), None)
    if other is None:
        raise Refused(f"There is no other version {version} of this letter.")
    old, new = sorted((letter, other), key=lambda one: one.version)
    before, after = (leaves.words(documents.read(one.document)) for one in (old, new))
    return Pair(old, new, compared(" ".join(before), " ".join(after)), len(before), len(after))
