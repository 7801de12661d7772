"""The outer wrapping of an X12 file: what kind it is, and its interchanges with the separators each one declares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from .findings import NotRecognised
from .plain import is_table, name_of_other_kind

BLANK = b" \t\r\n\x00\x1a"
GUIDES = {
    ("837", "X222"): "837P",
    ("837", "X098"): "837P",
    ("837", "X223"): "837I",
    ("837", "X096"): "837I",
    ("277", "X214"): "277CA",
    ("277", "X167"): "277CA",
}
WHOLE_SETS = {"835", "277", "278", "999"}


@dataclass(frozen=True)
class Interchange:
    """One ISA…IEA, freed of the line breaks some senders wrap it in.

    `before` is how many segments of the file stand before its ISA.
    """

    data: bytes
    element: bytes
    component: bytes
    terminator: bytes
    before: int

    @cached_property
    def frames(self) -> list[bytes]:
        """Every segment as it stands; empty ones keep their number."""
        return [frame.strip(BLANK) for frame in self.data.split(self.terminator)]

    def number(self, index: int) -> int:
        """Say which segment of the file, counted from 1, stands at a 0-based index here."""
        return self.before + index + 1

    def tag(self, index: int) -> str:
        """Name the segment at a 0-based index; "" when what stands there is no segment at all."""
        return tag_of(self.frames[index]) if index < len(self.frames) else ""

    def headers(self) -> Iterator[tuple[int, list[str]]]:
        """Yield every GS and ST with its 0-based index, without cutting up the segments between them."""
        end, element = re.escape(self.terminator), re.escape(self.element)
        index = at = 0
        found = rb"%s%s((?:GS|ST)%s[^%s]*)" % (end, blanks(self.terminator), element, end)
        for match in re.finditer(found, self.data):
            index += self.data.count(self.terminator, at, match.start(1))
            at = match.start(1)
            yield index, match[1].decode("latin-1").split(self.element.decode("latin-1"))

    @cached_property
    def bills_revenue_codes(self) -> bool:
        """Whether any line is a hospital's (SV2): tells 837I from 837P where no guide is named."""
        return re.search(re.escape(self.terminator) + blanks(self.terminator) + b"SV2", self.data) is not None

    @property
    def version(self) -> str:
        """The version and implementation guide its first group names in GS08."""
        return next((_field(fields, 8) for _, fields in self.headers() if fields[0] == "GS"), "")


def tag_of(frame: bytes) -> str:
    """Name a segment by its first letters; "" when it is none at all."""
    match = re.match(rb"[A-Z][A-Z0-9]{1,2}(?![A-Za-z0-9])", frame + b" ")
    return match[0].decode() if match else ""


def recognise(data: bytes) -> str:
    """Say what a file is by its content: '835', '837P', '837I', '277CA', '277', '278', '999' or 'csv'.

    Raises `NotRecognised` with the reason and the place when it is none of these, or several at once.
    """
    body = _trimmed(data)
    if re.match(rb"ISA[^A-Za-z0-9]", body):
        return _kind_of_x12(interchanges(data))
    if is_table(body):
        return "csv"
    raise NotRecognised(name_of_other_kind(body))


def interchanges(data: bytes) -> list[Interchange]:
    """Cut a file into its interchanges, each with its own separators.

    Raises `NotRecognised` where an ISA header is missing or too damaged to tell the separators.
    """
    body, parts, before, at = _trimmed(data), list[Interchange](), 0, 0
    while at < len(body):
        part, at = _next_interchange(body, at, before)
        parts.append(part)
        before += part.data.count(part.terminator) + (not part.data.endswith(part.terminator))
    if not parts:
        raise NotRecognised("The file is empty.")
    return parts


def _next_interchange(body: bytes, at: int, before: int) -> tuple[Interchange, int]:
    """Cut out the interchange that begins at a place; also say where the next one begins."""
    element, component, terminator = _separators(body[at : at + 400], before)
    header = rb"(?=I[\r\n]*S[\r\n]*A[\r\n]*[^\sA-Za-z0-9])"
    following = re.compile(re.escape(terminator) + blanks(terminator) + header).search(body, at)
    cut = following.end() if following else len(body)
    data = body[at:cut].strip(BLANK) if terminator not in BLANK else body[at:cut].lstrip(BLANK)
    if terminator not in b"\r\n" and (b"\n" in data or b"\r" in data):
        data = data.translate(None, b"\r\n")
    return Interchange(data, element, component, terminator, before), cut


def blanks(terminator: bytes) -> bytes:
    """Match blanks between two segments; the terminator itself is left out so that long runs cost no time."""
    return rb"[%s]*" % re.escape(BLANK.replace(terminator, b""))


def _separators(header: bytes, before: int) -> tuple[bytes, bytes, bytes]:
    """Read the separators by counting elements: senders often get the fixed widths of ISA wrong."""
    header = header if header[:3] == b"ISA" else header.translate(None, b"\r\n")
    element = header[3:4]
    tail = header.split(element, 16)[16:] if header[:3] == b"ISA" and element else []
    component, terminator = (tail[0][:1], tail[0][1:2]) if tail else (b"", b"")
    if not terminator or len({element, component, terminator}) < 3 or (element + terminator).isalnum():
        raise NotRecognised("The ISA header breaks off: its separators cannot be read.", before + 1, "ISA")
    return element, component, terminator


def _kind_of_x12(parts: list[Interchange]) -> str:
    kinds: dict[str, tuple[int, str]] = {}
    for part in parts:
        for index, fields, version in _transaction_sets(part):
            kinds.setdefault(_kind(part, index, fields, version), (part.before + index + 1, "ST"))
    if not kinds:
        raise NotRecognised("The file has an ISA header but no transaction set (ST) follows it.", 1, "ISA")
    if len(kinds) > 1:
        names = " and ".join(sorted(kinds))
        raise NotRecognised(f"The file mixes {names}; save each kind as a file of its own.", *list(kinds.values())[1])
    return next(iter(kinds))


def _transaction_sets(part: Interchange) -> Iterator[tuple[int, list[str], str]]:
    version = ""
    for index, fields in part.headers():
        if fields[0] == "GS":
            version = _field(fields, 8)
        else:
            yield index, fields, _field(fields, 3) or version


def _kind(part: Interchange, index: int, fields: list[str], version: str) -> str:
    code = _field(fields, 1)
    known = GUIDES.get((code, version[6:10])) or (code if code in WHOLE_SETS else "")
    if not known and code == "837" and version[6:10] not in {"X224", "X097"}:
        known = "837I" if part.bills_revenue_codes else "837P"
    if known:
        return known
    shown = code if code.isalnum() and len(code) <= 4 else "unknown"
    raise NotRecognised(
        f"Transaction set {shown} is not one we read (835, 837P, 837I, 277CA, 277, 278, 999).",
        part.before + index + 1,
        "ST",
    )


class SentSet(NamedTuple):
    """One transaction set (ST…SE) of a file we sent, by the numbers an acknowledgement answers it with.

    `group` is its GS06, `number` its ST02, `batch` its BHT03; `first` and `last` are its segments in the file.
    """

    group: str
    number: str
    batch: str
    first: int
    last: int


def sent_sets(data: bytes) -> list[SentSet]:
    """List the transaction sets of a file. Raises `NotRecognised` as `interchanges` does."""
    found: list[SentSet] = []
    for part in interchanges(data):
        starts = [(index, fields) for index, fields in part.headers() if fields[0] == "ST"]
        ends = [index for index, _ in starts[1:]] + [len(part.frames)]
        groups = {index: _field(fields, 6) for index, fields in part.headers() if fields[0] == "GS"}
        for (index, fields), end in zip(starts, ends, strict=True):
            group = next((number for at, number in reversed(groups.items()) if at < index), "")
            batch = next((each for each in part.frames[index + 1 : index + 3] if tag_of(each) == "BHT"), b"")
            named = _field(batch.decode("latin-1").split(part.element.decode("latin-1")), 3)
            found.append(SentSet(group, _field(fields, 2), named, part.number(index), part.number(end - 1)))
    return found


def _trimmed(data: bytes) -> bytes:
    """Drop a byte order mark, blanks before the first segment, and blanks or Ctrl-Z after the last."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip(BLANK).rstrip(b" \t\x00\x1a") if data.strip(BLANK) else b""


def _field(fields: list[str], number: int) -> str:
    return fields[number].strip() if number < len(fields) else ""
