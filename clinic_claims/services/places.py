"""Why an item stands where it stands in the list, with the figures behind it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from ..db import db
from ..domain.chances import CERTAIN, Chance, chance
from ..domain.next_actions import MINUTES, USUAL
from ..models import Appeal, Denial, ResultTally, WorkItem
from . import tallies


@dataclass(frozen=True)
class Place:
    """Dollars at risk, the chance of getting them, the minutes that takes, and what an hour should bring.

    `chance` is None where nothing is asked for that brings money by itself; `counted_on` is empty before a first count.
    """

    chance: Chance | None
    minutes: int
    dollars_an_hour: int
    counted_on: date | None

    @property
    def in_words(self) -> str:
        """Say the chance with its range: "59 % (95 % range: 49 to 69 %)"."""
        if self.chance is None:
            return ""
        if self.chance is CERTAIN:
            return "the whole amount: nothing was refused"
        low, high = round(self.chance.low * 100), round(self.chance.high * 100)
        return f"{round(self.chance.value * 100)} % (95 % range: {low} to {high} %), n = {self.chance.n} own cases"


def place_of(item: WorkItem) -> Place:
    """Return what an item's place among those of its day rests on."""
    return Place(
        chance=_chance(item) if item.amount else None,
        minutes=MINUTES.get(item.next_action, USUAL),
        dollars_an_hour=round(-item.minus_worth / 100),
        counted_on=db.session.scalar(select(func.max(ResultTally.counted_on))),
    )


def _chance(item: WorkItem) -> Chance:
    denial = db.session.get(Denial, item.subject_id) if item.subject == "denial" else None
    if item.subject == "appeal":
        denial = db.session.get_one(Appeal, item.subject_id).denial
    if denial is None:
        return CERTAIN
    about = denial.subject
    return chance(denial.category, about.case.treatment, about.coverage.plan.payer.name, tallies.kept())
