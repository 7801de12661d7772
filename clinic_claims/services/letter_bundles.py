"""Hand many letters out as one file: the kept bytes of each, one after the other or side by side."""

import io
import zipfile
from collections.abc import Sequence

import pikepdf

from ..models import Letter
from . import documents

LETTER = (612, 792)  # a sheet of US Letter in points


def one_pdf(letters: Sequence[Letter], *, two_sided: bool = False) -> bytes:
    """Put letters one after the other, a bookmark each; `two_sided` begins each on a sheet of its own."""
    out = io.BytesIO()
    with pikepdf.new() as whole:
        with whole.open_outline() as outline:
            for letter in letters:
                outline.root.append(pikepdf.OutlineItem(_name(letter), len(whole.pages)))
                _add(whole, documents.read(letter.document), two_sided)
        whole.save(out, deterministic_id=True)
    return out.getvalue()


def _add(whole: pikepdf.Pdf, data: bytes, two_sided: bool) -> None:
    with pikepdf.open(io.BytesIO(data)) as letter:
        whole.pages.extend(letter.pages)
        if two_sided and len(letter.pages) % 2:
            whole.add_blank_page(page_size=LETTER)


def zipped(letters: Sequence[Letter]) -> bytes:
    """Put letters into one archive, each under its own name, byte for byte as kept."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for letter in letters:
            archive.writestr(f"{_name(letter)}.pdf", documents.read(letter.document))
    return out.getvalue()


def _name(letter: Letter) -> str:
    """Name a letter without the patient: its number, what it is about, its version."""
    return f"{letter.reference} {letter.subject.reference} v{letter.version}"
