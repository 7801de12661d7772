"""Take in what a clearinghouse drops into a folder: whole files only, each put away with what became of it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .arrivals import Intake
from .deeds import Deed
from .intake import run

DONE, REFUSED = "done", "refused"
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
SETTLED = 5.0  # seconds without a change after which a file counts as whole


def waiting(folder: Path, settle: float = SETTLED) -> list[Path]:
    """Return the files that have arrived whole, oldest first: named for good, not empty and no longer growing."""
    now = time.time()
    found = [path for path in folder.iterdir() if path.is_file() and _is_named_for_good(path)]
    aged = [(path.stat(), path) for path in found]
    return [path for about, path in sorted(aged, key=_age) if about.st_size and now - about.st_mtime >= settle]


def _age(entry: tuple[object, Path]) -> tuple[float, str]:
    return entry[1].stat().st_mtime, entry[1].name


def _is_named_for_good(path: Path) -> bool:
    return not path.name.startswith((".", "~")) and path.suffix.lower() not in UNFINISHED


def take(folder: Path, deed: Callable[[], Deed], settle: float = SETTLED) -> Iterator[Intake]:
    """Take in every file that waits, each in its own transaction, and put it away.

    A file whose move was cut short after it was posted is found posted the next time, and put away then.
    """
    for path in waiting(folder, settle):
        answer = run(path, deed())
        _put_away(path, answer)
        yield answer


def _put_away(path: Path, answer: Intake) -> None:
    """Move a file to done or refused, with what became of it beside it as `<name>.result.json`."""
    target = path.parent / (REFUSED if answer.status == "refused" else DONE)
    target.mkdir(exist_ok=True)
    free = _free_name(target, path.name)
    result = target / f"{free}.result.json"
    result.write_text(json.dumps(answer.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    path.rename(target / free)


def _free_name(folder: Path, name: str) -> str:
    """Return the name, or one with a number where an earlier file has it."""
    stem, dot, suffix = name.partition(".")
    taken = (f"{stem}-{number}{dot}{suffix}" for number in range(2, 1_000_000))
    return name if not (folder / name).exists() else next(each for each in taken if not (folder / each).exists())
