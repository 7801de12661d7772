"""Hand many letters out as one file: the kept bytes of each, one after the other or side by side."""

import io
import zipfile
from collections.abc import Sequence

import pikepdf

from ..models import Letter
from . import documents


def one_pdf(letters: Sequence[Letter], *, two_sided: bool = False) -> bytes:
    """Put letters one after the other, a bookmark each; `two_sided` begins each on a sheet of its own."""
    with pikepdf.new() as whole, whole.open_outline() as outline:
        for letter in letters:
            with pikepdf.open(io.BytesIO(documents.read(letter.document))) as pages:
                outline.root.append(pikepdf.OutlineItem(_name(letter), len(whole.pages)))
                whole.pages.extend(pages.pages)
                if two_sided and len(pages.pages) % 2:
                    whole.add_blank_page(page_size=(612, 792))
        return _saved(whole)


def _saved(whole: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    whole.save(out, deterministic_id=True)
    return out.getvalue()


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
