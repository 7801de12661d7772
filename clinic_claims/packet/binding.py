"""Bind a front sheet, a letter and its exhibits into one file, or several that fit the payer's upload limits.

Every exhibit page is placed on a fresh sheet with a stamp under it: scripts, forms and odd sizes stay behind. The
stamp gives the page's own number in its record, so that what the letter points at stays right when pages are left out.
What we printed keeps its tags.
An exhibit that cannot be read is named and left out; it never stops the rest.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

import pikepdf
from pikepdf import Dictionary, Name, Rectangle

from . import tags
from .exhibits import STYLES, Unreadable, opened, page_of, size_of

LINK = "https://packet.invalid/"  # a front sheet links to the entry of a number under this address


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A file under its exhibit letter. `chosen` holds the pages that go out, from 1; empty means all."""

    letter: str
    title: str
    data: bytes
    media_type: str
    chosen: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """The name under which the letter points at it."""
        return f"Exhibit {self.letter}"


@dataclass(frozen=True)
class Entry:
    """A row of the table of exhibits: `start` is its first page in the packet, `shown` its pages of `whole`."""

    label: str
    title: str
    start: int
    shown: tuple[int, ...]
    whole: int

    @property
    def pages(self) -> int:
        """How many of its pages are in the packet."""
        return len(self.shown)

    def at(self, page: int) -> int | None:
        """Return the packet page on which a page of the record stands; None when it is left out."""
        return self.start + self.shown.index(page) if page in self.shown else None


@dataclass(frozen=True)
class Limits:
    """What a payer's portal takes in one file; None means no limit."""

    megabytes: int | None = None
    pages: int | None = None

    def allow(self, size: int, pages: int) -> bool:
        """Whether a file of this size in bytes and pages may be uploaded."""
        return size <= (self.megabytes or 10**6) * 1_000_000 and pages <= (self.pages or 10**6)


@dataclass(frozen=True)
class Part:
    """One file of a packet, with its first and last page of the whole."""

    data: bytes
    first: int
    last: int


@dataclass(frozen=True)
class Bound:
    """A finished packet: its files in order, its contents, and what could not be bound, in plain sentences."""

    parts: tuple[Part, ...]
    entries: tuple[Entry, ...]
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class _Opened:
    exhibit: Exhibit
    sheets: tuple[tuple[pikepdf.Page, tuple[float, float]], ...]
    source: pikepdf.Pdf  # its pages live only as long as it does


Front = Callable[[Sequence[Entry], int], bytes]


def bind(title: str, front: Front, letter: bytes, exhibits: Sequence[Exhibit], limits: Limits | None = None) -> Bound:
    """Bind a packet. `front` prints the front sheet from the table of contents and the number of pages.

    Raises pikepdf.PdfError when the letter itself cannot be read.
    """
    troubles: list[str] = []
    readable = list(_readable(exhibits, troubles))
    letter_pdf = pikepdf.open(io.BytesIO(letter))
    front_pdf, entries = _front(front, len(letter_pdf.pages), readable)
    whole = pikepdf.Pdf.new()
    for ours in (front_pdf, letter_pdf):
        _add(whole, ours)
    if readable:
        _place(whole, readable, entries[1:])
    parts = tuple(_parts(whole, title, entries, limits or Limits(), troubles))
    return Bound(parts, tuple(entries), tuple(troubles))


def _readable(exhibits: Sequence[Exhibit], troubles: list[str]) -> Iterator[_Opened]:
    """Open what can be opened and name the rest."""
    for exhibit in exhibits:
        try:
            source = opened(exhibit.data, exhibit.media_type)
            yield _Opened(exhibit, tuple((page, size_of(page)) for page in source.pages), source)
        except Unreadable as error:
            troubles.append(f"{exhibit.label} ({exhibit.title}) {error}")


def _front(front: Front, letter: int, exhibits: Sequence[_Opened]) -> tuple[pikepdf.Pdf, list[Entry]]:
    """Print the front sheet until its own length is the one that its page numbers count on."""
    length = 1
    while True:
        entries = _entries(length, letter, exhibits)
        sheet = pikepdf.open(io.BytesIO(front(entries, entries[-1].start + entries[-1].pages - 1)))
        if len(sheet.pages) <= length:
            return sheet, entries if len(sheet.pages) == length else _entries(len(sheet.pages), letter, exhibits)
        length = len(sheet.pages)


def _entries(front: int, letter: int, exhibits: Sequence[_Opened]) -> list[Entry]:
    entries = [Entry("Letter", "", front + 1, tuple(range(1, letter + 1)), letter)]
    for one in exhibits:
        whole = len(one.sheets)
        shown = tuple(page for page in range(1, whole + 1) if not one.exhibit.chosen or page in one.exhibit.chosen)
        start = entries[-1].start + entries[-1].pages
        entries.append(Entry(one.exhibit.label, one.exhibit.title, start, shown, whole))
    return entries


def _place(whole: pikepdf.Pdf, exhibits: Sequence[_Opened], entries: Sequence[Entry]) -> None:
    """Place every exhibit page above its stamp."""
    from ..press import printed  # WeasyPrint takes half a second to load

    total = entries[-1].start + entries[-1].pages - 1
    stamps, pages = [], []
    for one, entry in zip(exhibits, entries, strict=True):
        for number in entry.shown:
            page, (width, height) = one.sheets[number - 1]
            look, here = "wide" if width > height else "tall", entry.start + entry.shown.index(number)
            own = f"{entry.label}, page {number} of {entry.whole}"
            stamps.append(f'<p class="{look}"><b>{escape(own)}</b> <span>Packet page {here} of {total}</span></p>')
            pages.append(page)
    sheets = pikepdf.open(io.BytesIO(printed(page_of("Stamps", "".join(stamps)), STYLES / "stamps.css")))
    for sheet, page in zip(_add(whole, sheets), pages, strict=True):
        _overlay(sheet, page)


def _add(whole: pikepdf.Pdf, ours: pikepdf.Pdf) -> list[pikepdf.Page]:
    """Add the pages of a file that we printed, with their tags."""
    at = len(whole.pages)
    whole.pages.extend(ours.pages)
    added = list(whole.pages)[at:]
    tags.carry(whole, ours, added)
    return added


def _overlay(sheet: pikepdf.Page, page: pikepdf.Page) -> None:
    """Place a page on a sheet, under a name that is the same every time."""
    sheet.obj.Resources = Dictionary(dict(sheet.obj.Resources.items()))  # WeasyPrint's sheets share one
    sheet.obj.Resources.XObject = Dictionary()
    width, height = size_of(sheet)
    space = Rectangle(27, 40, width - 27, height - 18)
    form, name = page.as_form_xobject(), Name("/Exhibit")
    sheet.add_resource(form, Name.XObject, name)
    sheet.contents_add(b"q\n", prepend=True)
    placed = sheet.calc_form_xobject_placement(
        form, name, space, invert_transformations=True, allow_shrink=True, allow_expand=True
    )
    sheet.contents_add(b"Q\n/Artifact BMC\n" + placed + b"\nEMC\n")


def _parts(
    whole: pikepdf.Pdf, title: str, entries: Sequence[Entry], limits: Limits, troubles: list[str]
) -> Iterator[Part]:
    """Cut where an exhibit begins if a file would be too large, and within one only where it alone is too large."""
    first, total, borders = 0, len(whole.pages), [entry.start - 1 for entry in entries]
    while first < total:
        last = total
        while True:
            data = _written(whole, title, entries, first, last) if last - first <= (limits.pages or total) else b""
            if last - first == 1 or (data and limits.allow(len(data), last - first)):
                break
            last = max((at for at in borders if first < at < last), default=(first + last) // 2)
        if not limits.allow(len(data), 1):
            troubles.append(f"Page {last} alone is larger than the {limits.megabytes} MB that the payer takes.")
        yield Part(data, first + 1, last)
        first = last


def _written(whole: pikepdf.Pdf, title: str, entries: Sequence[Entry], first: int, last: int) -> bytes:
    """Write pages `first` up to `last` as a file with links and bookmarks of its own."""
    with pikepdf.Pdf.new() as part:
        part.pages.extend(list(whole.pages)[first:last])
        for page in part.pages:
            _tidy(part, page, {n: e.start - 1 - first for n, e in enumerate(entries) if first < e.start <= last})
        tags.keep(part, whole)
        with part.open_outline() as outline:
            items = [(f"{e.label}: {e.title}" if e.title else e.label, e.start - 1 - first) for e in entries]
            outline.root.extend(pikepdf.OutlineItem(name, at) for name, at in items if 0 <= at < last - first)
        part.docinfo["/Title"] = title
        part.Root.Lang = pikepdf.String("en-US")
        part.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        out = io.BytesIO()
        part.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue()


def _tidy(part: pikepdf.Pdf, page: pikepdf.Page, places: dict[int, int]) -> None:
    """Turn the front sheet's addresses into links, and drop what points outside this file."""
    kept = []
    for mark in page.obj.get("/Annots", []):
        found = re.fullmatch(LINK + r"(\d+)", str(mark.get("/A", {}).get("/URI", "")))
        if found and int(found[1]) in places:
            del mark["/A"]
            mark["/Dest"] = pikepdf.Array([part.pages[places[int(found[1])]].obj, Name.Fit])
            kept.append(mark)
    if "/Annots" in page.obj:
        del page.obj["/Annots"]
    if kept:
        page.obj["/Annots"] = pikepdf.Array(kept)
