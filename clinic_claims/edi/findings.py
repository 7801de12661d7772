"""What a reader has to say about a file: plain sentences, each with its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file.

    `segment` counts from 1 at the file's first ISA header (None when no one place is at fault), `tag` is the
    identifier of that segment ("CLP"). The message names amounts and claim numbers and no other patient data.
    `sums` says that the segment is read in full and only its amounts do not add up.
    """

    segment: int | None
    tag: str
    message: str
    sums: bool = False

    def __str__(self) -> str:
        place = "" if self.segment is None else f"segment {self.segment} ({self.tag}): "
        return place + self.message


class NotRecognised(ValueError):
    """The file is none of the kinds we read; `fault` says why and where."""

    def __init__(self, message: str, segment: int | None = None, tag: str = "") -> None:
        self.fault = Fault(segment, tag, message)
        super().__init__(str(self.fault))
