"""Cut an interchange into its remittances, and each of them into a few hundred claims at a time.

A piece is a small file of its own, with the head of its remittance before the claims, so that the parser's tables of a
remittance of a hundred thousand claims never lie in memory at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..envelope import Interchange, blanks

AT_ONCE = 500  # claims of a piece
LOOP = b"LX%s1%s"  # opens a group of claims, where a piece begins amid one


@dataclass(frozen=True, slots=True)
class Piece:
    """Some claims of a remittance. `leads` counts the segments of the wrapping, and of all that stands before them."""

    data: bytes
    leads: tuple[int, int]
    places: tuple[int, int]
    first: bool

    def number(self, index: int) -> int:
        """Say which segment of the file, counted from 1, the piece's segment of a 0-based index is."""
        wrapping, before = self.leads
        head, claims = self.places
        return claims + index - before if index >= before else head + index - wrapping

    def holds(self, number: int) -> bool:
        """Say whether a segment of the file is of this piece alone: the head is in every piece of a remittance."""
        return number >= self.places[1] or self.first


@dataclass(slots=True)
class Cut:
    """One remittance (ST…SE) of an interchange: where it begins, where pieces of it begin, and where it ends.

    Places are the byte and the 0-based number of a segment; `wrapping` is the ISA and the GS it stands under.
    """

    part: Interchange
    wrapping: bytes
    start: tuple[int, int]
    pieces: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    end: int = 0

    @property
    def has_reversals(self) -> bool:
        """Whether any claim takes an earlier payment back (CLP02 is 22)."""
        mark, element = re.escape(self.part.terminator), re.escape(self.part.element)
        number = rb"[^%s%s]*" % (mark, element)
        taken_back = mark + blanks(self.part.terminator) + element.join((b"CLP", number, rb"\s*22\s*", b""))
        return re.compile(taken_back).search(self.part.data, self.start[0], self.end) is not None

    def split(self) -> Iterator[Piece]:
        """Yield the remittance in pieces; one without claims is a single piece."""
        data, mark = self.part.data, self.part.terminator
        starts = self.pieces or [(self.end, 0)]
        head = data[self.start[0] : starts[0][0]]
        loop, opening = LOOP % (self.part.element, mark), self.wrapping + head
        stops = [at for at, _ in starts[1:]] + [self.end]
        for number, ((at, index), stop) in enumerate(zip(starts, stops, strict=True)):
            lead = opening + loop if number else opening
            yield Piece(
                lead + data[at:stop],
                (self.wrapping.count(mark), lead.count(mark)),
                (self.part.number(self.start[1]), self.part.number(index)),
                first=not number,
            )


def cuts(part: Interchange) -> Iterator[Cut]:
    """Find every remittance of an interchange, in file order."""
    data, mark = part.data, part.terminator
    header = data[: data.find(mark) + 1]
    current, group, claims, index, counted = None, b"", 0, 0, 0
    for match in re.finditer(rb"%s%s(GS|ST|LX|CLP)%s" % (re.escape(mark), blanks(mark), re.escape(part.element)), data):
        at, tag = match.start(1), match[1]
        claims += tag == b"CLP"
        if tag in (b"LX", b"CLP") and not (current and _begins_piece(current, tag, claims)):
            continue
        index, counted = index + data.count(mark, counted, at), at
        if tag == b"GS":
            group = data[at : data.find(mark, at) + 1]
        elif current and tag != b"ST":
            current.pieces.append((at, index))
        else:
            if current:
                current.end = at
                yield current
            current, claims = Cut(part, header + group, (at, index)), 0
    if current:
        current.end = len(data)
        yield current


def _begins_piece(cut: Cut, tag: bytes, claims: int) -> bool:
    return not cut.pieces or (tag == b"CLP" and claims > 1 and claims % AT_ONCE == 1)
