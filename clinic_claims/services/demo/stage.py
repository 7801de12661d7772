"""The stage of the demo: its calendar, its people, and how stories are told side by side in order of time.

A story is a generator. It yields the next moment and who acts then, and is handed the Deed to act by. `play` resumes
the stories in order of their moments, so that the history of the demo reads as a clinic's does: deed after deed.
"""

import re
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heapreplace
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from ...domain.words import day
from ...models import Facility, Plan, Provider, User
from ..deeds import Deed

if TYPE_CHECKING:
    from .folders import Folder

T = TypeVar("T")
MONDAY = date(2026, 11, 16)
"""The Monday of the week in which the stories are told; all they tell of lies before the weekend that precedes it."""
OPENING = "2026-06-01 08:00"
SATURDAY = 5  # as date.weekday() counts
_DATE = re.compile(r"\{(\d{4})(?:-(\d\d))?(?:-(\d\d))?\}")


@dataclass(frozen=True)
class Moment:
    """When a story goes on, and the person who acts."""

    at: datetime
    who: str


Scene = Generator[Moment, Deed, T]
Story = Callable[["Stage"], Scene[None]]


@dataclass
class Stage:
    """What every story needs: the day the demo is loaded, and the cast by their short names."""

    loaded: Deed
    people: dict[str, User] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    facilities: dict[str, Facility] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    folders: dict[str, "Folder"] = field(default_factory=dict)

    @property
    def shift(self) -> timedelta:
        """Whole weeks from the stories' own calendar to today's, so that weekdays stay; a weekend looks ahead."""
        today = self.loaded.today
        working = today if today.weekday() < SATURDAY else today + timedelta(days=2)
        return working - timedelta(days=working.weekday()) - MONDAY

    def day(self, told: str | date) -> date:
        """Return the day that a date of the stories falls on now."""
        return (date.fromisoformat(told) if isinstance(told, str) else told) + self.shift

    def at(self, told: str, who: str) -> Moment:
        """Return the moment that a date and time of the stories ("2026-07-22 10:15") fall on now."""
        return Moment(datetime.fromisoformat(told) + self.shift, who)

    def text(self, told: str) -> str:
        """Put the dates of today's calendar into a text: {2026-05-30}, {2026-05} or {2026}."""
        return _DATE.sub(self._dated, told)

    def _dated(self, found: re.Match[str]) -> str:
        year, of_month, of_day = found.groups()
        shifted = self.day(date(int(year), int(of_month or 7), int(of_day or 15)))
        if of_day:
            return day(shifted)
        return f"{shifted:%B %Y}" if of_month else str(shifted.year)

    @property
    def opening(self) -> Deed:
        """The deed by which the clinic is set up: on the stories' first day, before anybody of the cast acts."""
        at = self._here(datetime.fromisoformat(OPENING) + self.shift)
        return Deed(self.loaded.actor, at, self.loaded.book, self.loaded.timezone)

    def _here(self, at: datetime) -> datetime:
        return at.replace(tzinfo=ZoneInfo(self.loaded.timezone))

    def deed(self, moment: Moment) -> Deed:
        """Return the deed of a person at a moment."""
        user = self.people[moment.who]
        return Deed(user.full_name, self._here(moment.at), self.loaded.book, self.loaded.timezone, user.id)


def play(stage: Stage, stories: Iterable[Story]) -> None:
    """Tell the stories side by side, each deed at its moment."""
    waiting = [
        (moment.at, number, moment, scene)
        for number, scene in enumerate(story(stage) for story in stories)
        if (moment := next(scene, None)) is not None
    ]
    heapify(waiting)
    while waiting:
        _, number, moment, scene = waiting[0]
        try:
            following = scene.send(stage.deed(moment))
        except StopIteration:
            heappop(waiting)
        else:
            heapreplace(waiting, (following.at, number, following, scene))
