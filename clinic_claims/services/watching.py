"""Take in what a clearinghouse drops into a folder: whole files only, each put away with what became of it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import import_jobs
from .arrivals import Intake
from .deeds import Deed
from .intake import run

DONE, REFUSED = "done", "refused"
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
SETTLED = 5.0  # seconds without a change after which a file counts as whole
PATIENCE = 60  # times as long for a file that breaks off: a slow line may bring the rest
TAIL = 2048  # bytes at the end of a file in which its last segment is looked for


def waiting(folder: Path, settle: float = SETTLED) -> list[Path]:
    """Return the files that have arrived whole, oldest first: named for good, not empty and no longer growing."""
    now = time.time()
    found = (_looked_at(path, now) for path in folder.iterdir() if _is_named_for_good(path))
    aged = sorted(each for each in found if each is not None)
    return [path for since, _, path in aged if -since >= settle * (PATIENCE if _breaks_off(path) else 1)]


def _looked_at(path: Path, now: float) -> tuple[float, str, Path] | None:
    """Give a file with the seconds since its last change, below zero; None for an empty one, or one that is gone."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    return (about.st_mtime - now, path.name, path) if path.is_file() and about.st_size else None


def _is_named_for_good(path: Path) -> bool:
    return not path.name.startswith((".", "~")) and path.suffix.lower() not in UNFINISHED


def _breaks_off(path: Path) -> bool:
    """Say whether an X12 file lacks its last segment: half of it may have come so far."""
    with path.open("rb") as file:
        begins = file.read(TAIL).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISA")
        file.seek(max(path.stat().st_size - TAIL, 0))
        return begins and b"IEA" not in file.read()


def take(folder: Path, deed: Callable[[], Deed], settle: float = SETTLED) -> Iterator[Intake]:
    """Take in every file that waits, each in its own transaction, note what became of it, and put it away.

    A file whose move was cut short after it was posted is found posted the next time, and put away then.
    """
    for path in waiting(folder, settle):
        who = deed()
        answer = run(path, who)
        import_jobs.note_all([answer], who)
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
