"""Show the very words of a file that a number came from."""

from dataclasses import dataclass

from ..edi.envelope import interchanges
from ..edi.findings import NotRecognised
from ..models import Document
from . import documents

NEAR = 3  # segments shown before and after
LONGEST = 2_000  # characters of one segment


@dataclass(frozen=True)
class Segment:
    """One segment as it stands in the file, with its number counted from 1 at the first ISA."""

    number: int
    text: str


def around(document: Document, number: int, near: int = NEAR) -> list[Segment]:
    """Return a segment of a stored X12 file with those around it; nothing where there is no such segment.

    Raises FileNotFoundError or Damaged when the store no longer holds the bytes as received.
    """
    try:
        parts = interchanges(documents.read(document))
    except NotRecognised:
        return []
    part = next((each for each in reversed(parts) if each.before < number), None)
    at = number - part.before - 1 if part else -1
    if part is None or not 0 <= at < len(part.frames) or not part.frames[at]:
        return []
    first = max(at - near, 0)
    return [
        Segment(part.before + place + 1, _text(part.frames[place]))
        for place in range(first, min(at + near + 1, len(part.frames)))
        if part.frames[place]
    ]


def _text(frame: bytes) -> str:
    """Decode as the reader does: UTF-8, else Latin-1."""
    try:
        return frame.decode("utf-8")[:LONGEST]
    except UnicodeDecodeError:
        return frame.decode("latin-1")[:LONGEST]
