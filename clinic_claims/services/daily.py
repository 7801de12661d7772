"""What is done once a day, in the morning: results counted for the order of the list, leavings dropped, reminders."""

from typing import Any
from zoneinfo import ZoneInfo

from . import chances, digests, undoing, workitems
from .deeds import Deed
from .jobs import Effect, enqueue

KIND = "day"
MORNING = 6  # o'clock at the clinic


def ask(deed: Deed) -> bool:
    """Order the day's work once it is morning; a second time changes nothing. Return whether it is morning."""
    if deed.at.astimezone(ZoneInfo(deed.timezone)).hour < MORNING:
        return False
    enqueue(KIND, {"on": deed.today.isoformat()}, deed, key=f"{KIND}:{deed.today}")
    return True


def begin(payload: dict[str, Any], deed: Deed) -> Effect:
    """Do the day's work; all of it is written at the end."""

    def effect() -> dict[str, Any]:
        changed = chances.recount(deed)
        workitems.revalue(everything=changed)
        undoing.forget(deed.at)
        return {"on": payload["on"], "recounted": changed, "reminders": digests.ask(deed)}

    return effect
