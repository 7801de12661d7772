"""Compare the locked packages with the kept snapshot of security advisories: without a network, in a moment.

`./dev advisories` prints how old the snapshot is and fails for a locked version that an advisory names. A snapshot
older than a month is told and fails nothing: what it does not hold it cannot find. `./dev advisories --fetch` takes it
anew from osv.dev for every locked package; it needs the network.
"""

import json
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / ".ci/advisories.json"
LOCKS = ("requirements.lock", "requirements-test.lock")
STALE = 30  # days
ADDRESS = "https://api.osv.dev/v1/query"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Compare, or fetch and compare; return 1 when a locked version is named by an advisory."""
    if arguments not in ([], ["--fetch"]):
        print("usage: ./dev advisories [--fetch]", file=sys.stderr)
        return 2
    locked = dict(pair for lock in LOCKS for pair in PINNED.findall((ROOT / lock).read_text("utf-8")))
    if arguments:
        SNAPSHOT.write_text(json.dumps(fetched(locked, ask, date.today()), indent=1) + "\n", "utf-8")  # noqa: DTZ011
    snapshot = json.loads(SNAPSHOT.read_text("utf-8"))
    for line in told(snapshot, locked, date.today()):  # noqa: DTZ011
        print(line)
    return 1 if any(hits(snapshot, locked)) else 0


def told(snapshot: dict[str, Any], locked: dict[str, str], today: date) -> Iterator[str]:
    """Say what was compared with what, what was found, and whether the snapshot is old."""
    count, age = len(snapshot["advisories"]), (today - date.fromisoformat(snapshot["taken_on"])).days
    found = list(hits(snapshot, locked))
    yield from found
    yield f"{len(locked)} locked packages, {count} advisories of {snapshot['taken_on']}: {len(found) or 'none'} met."
    yield f"Source: {snapshot['source']}."
    if age > STALE:
        yield f"WARNING: the advisories are {age} days old. Take them anew: ./dev advisories --fetch"


def hits(snapshot: dict[str, Any], locked: dict[str, str]) -> Iterator[str]:
    """Name each locked version that an advisory names, and the version that is sound."""
    for one in snapshot["advisories"]:
        version = locked.get(one["package"])
        if version and is_in(Version(version), one):
            cure = f"fixed in {one['fixed']}" if one.get("fixed") else "no fix is known"
            yield f"{one['package']} {version}: {one['id']}, {one['says']} ({cure})"


def is_in(version: Version, one: dict[str, str]) -> bool:
    """Say whether a version lies in an advisory's range: from `introduced`, before `fixed`, up to `last`."""
    after = version >= Version(one.get("introduced") or "0")
    before = not one.get("fixed") or version < Version(one["fixed"])
    return after and before and (not one.get("last") or version <= Version(one["last"]))


def fetched(locked: dict[str, str], ask: Callable[[str], dict[str, Any]], today: date) -> dict[str, Any]:
    """Take a snapshot of every advisory on the locked packages."""
    rows = [row for package in sorted(locked) for row in rows_of(package, ask(package))]
    return {"taken_on": today.isoformat(), "source": "osv.dev, every advisory on a locked package", "advisories": rows}


def ask(package: str) -> dict[str, Any]:
    """Ask osv.dev for every advisory on a package."""
    question = json.dumps({"package": {"name": package, "ecosystem": "PyPI"}}).encode()
    with urllib.request.urlopen(urllib.request.Request(ADDRESS, question), timeout=30) as answer:
        return json.load(answer)


def rows_of(package: str, answer: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Read osv.dev's answer: a row for each range of versions, withdrawn advisories left out."""
    for found in answer.get("vulns", []):
        if found.get("withdrawn"):
            continue
        ranges = [one for each in found["affected"] if each["package"]["name"] == package for one in each["ranges"]]
        for events in (one["events"] for one in ranges if one["type"] == "ECOSYSTEM"):
            bounds = {name: value for event in events for name, value in event.items()}
            bounds = {"last" if name == "last_affected" else name: value for name, value in bounds.items()}
            yield {"package": package, "id": found["id"], "says": found.get("summary", ""), **bounds}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
