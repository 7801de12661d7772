"""Who does something, when, and by which rulebook."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ..rulebook import Rulebook


class Refused(Exception):
    """The deed cannot be done; `reasons` are plain sentences that say what to do. Nothing was changed."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Deed:
    """Handed to every service function that changes or shows something."""

    actor: str
    at: datetime  # aware
    book: Rulebook
    timezone: str = "America/New_York"
    user_id: int | None = None

    @property
    def today(self) -> date:
        """The calendar day at the clinic, which is what a deadline means by a day."""
        return self.at.astimezone(ZoneInfo(self.timezone)).date()
