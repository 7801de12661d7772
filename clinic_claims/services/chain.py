"""Walk a history entry by entry, over every key that ever sealed it, to the first entry that is not as written."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..models import Event
from ..models.history import CHANGED_KEY, PURGED, KeyMissing, name_of

Named = Mapping[str, Any]  # the `data` of an event


class Chain:
    """How far the walk has come: the entry before, and the key that sealed the one that follows."""

    def __init__(self, keys: Iterable[bytes], changes: list[Named], purge: Named | None) -> None:
        """Begin after the last purge or lost key. `changes` are the data of the changes of key since, oldest first.

        Raises KeyMissing where the first entry was sealed with a key that is not in place.
        """
        self._keys = {name_of(key): key for key in keys}
        purge = purge or {}
        self.number, self._previous = int(purge.get("through", 0)), str(purge.get("digest", ""))
        first = changes[0]["before"] if changes else purge.get("key")
        self._key = self._named(first or list(self._keys)[-1])

    def follow(self, event: Event) -> str | None:
        """Take the next entry. Return what is wrong with it, if anything. Raises KeyMissing."""
        self.number += 1
        if event.id != self.number:
            return f"event {self.number} is missing"
        if event.action == CHANGED_KEY:
            self._key = self._named(str(event.data.get("key")))
        if event.previous != self._previous or event.digest != event.sealed(self._key, self._previous):
            return f"event {event.id} of {event.at:%Y-%m-%d %H:%M} UTC ({event.action}) was changed"
        self._previous = event.digest
        return None

    def _named(self, name: str) -> bytes:
        if name not in self._keys:
            raise KeyMissing(name)
        return self._keys[name]


def begin(keys: Iterable[bytes], named: Iterable[tuple[str, Named]]) -> Chain:
    """Begin a walk. `named` are action and data of the events that name a key, oldest first.

    Where a key was given up for lost and is not in place, the walk begins with the entry that says so.
    """
    told, keys = list(named), list(keys)
    purges = [data for action, data in told if action == PURGED]
    changes = [data for action, data in told if action == CHANGED_KEY]
    gaps = [at for at, data in enumerate(changes) if _is_gap(data, keys)]
    if not gaps:
        return Chain(keys, changes, purges[-1] if purges else None)
    return Chain(keys, changes[gaps[-1] + 1 :], changes[gaps[-1]])


def unproved(keys: Iterable[bytes], named: Iterable[tuple[str, Named]]) -> int:
    """Return the number of the last entry that a lost key sealed; 0 without one."""
    keys = list(keys)
    gaps = (data["through"] for action, data in named if action == CHANGED_KEY and _is_gap(data, keys))
    return max(gaps, default=0)


def _is_gap(change: Named, keys: Iterable[bytes]) -> bool:
    """Say whether the key before a change was given up for lost, and is not in place after all."""
    return "through" in change and change["before"] not in map(name_of, keys)
