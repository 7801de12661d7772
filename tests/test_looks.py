"""How letters look: page images of the main kinds against kept ones, and page one as a fax machine sends it.

To keep new images after a change of looks that is meant: CLINIC_CLAIMS_GOLDEN=write pytest tests/test_looks.py
"""

import io
import os
import re
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from clinic_claims import pdf
from tests.letter_cases import letter

GOLDEN = Path(__file__).parent / "golden"
KINDS = ("appeal_toxin_approved", "appeal_mvd_necessity", "lmn_toxin", "external_review", "patient_letter", "p2p_brief")
KINDS += ("fax_cover", "status_request")
SMALL = 45  # dots an inch: enough to see what moved
PAPER = 250  # what is darker was drawn at all
FAX = (204, 196)  # dots an inch across and down, in black and white
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]+)</word>')


def poppler(tool: str, *options: str, data: bytes) -> bytes:
    return subprocess.run([tool, *options], input=data, capture_output=True, check=True).stdout


def image(data: bytes, *options: str) -> Image.Image:
    return Image.open(io.BytesIO(poppler("pdftoppm", "-f", "1", "-l", "1", "-gray", "-png", *options, "-", data=data)))


@pytest.mark.parametrize("name", KINDS)
def test_the_first_page_looks_as_it_did(name):
    now, kept = image(pdf.pdf(letter(name)), "-r", str(SMALL)).convert("L"), GOLDEN / f"{name}.png"
    if os.environ.get("CLINIC_CLAIMS_GOLDEN") == "write":
        now.save(kept, optimize=True)
    before = Image.open(kept).convert("L")
    assert now.size == before.size
    # Blurred, so that other hinting of the same page counts for little and a moved line for much.
    changed = ImageChops.difference(*(one.filter(ImageFilter.BoxBlur(1)) for one in (now, before)))
    assert ImageStat.Stat(changed).mean[0] < 2.5


def test_a_moved_paragraph_would_be_seen():
    before = Image.open(GOLDEN / f"{KINDS[0]}.png").convert("L")
    moved = ImageChops.offset(before, 0, 6)
    changed = ImageChops.difference(*(one.filter(ImageFilter.BoxBlur(1)) for one in (moved, before)))
    assert ImageStat.Stat(changed).mean[0] > 2.5


@pytest.mark.parametrize("name", KINDS)
def test_every_word_survives_a_fax(name):
    """Black and white at a fax's resolution: each word keeps ink on paper, so nothing is too pale or swallowed."""
    data = pdf.pdf(letter(name))
    fax = faxed(data)
    words = WORD.findall(poppler("pdftotext", "-bbox", "-f", "1", "-l", "1", "-", "-", data=data).decode())
    assert len(words) > 70
    pale = [word for *box, word in words if re.search(r"\w", word) and not 0.05 < ink(fax, box) < 0.95]
    assert pale == []


@pytest.mark.parametrize("name", KINDS)
def test_every_rule_survives_a_fax_unbroken(name):
    """Hair lines in grey come out as dots or not at all: each long rule of page one must be black from end to end."""
    data, wide = pdf.pdf(letter(name)), int(6.5 * FAX[0])
    drawn = [row for row in range(11 * FAX[1]) if longest_run(faxed(data, PAPER), row) >= wide]
    black = {row for row in range(11 * FAX[1]) if longest_run(faxed(data), row) >= wide}
    assert len(black) >= 2  # below the letterhead, and about the identifiers
    assert [row for row in drawn if not black & set(range(row - 2, row + 3))] == []


@lru_cache(maxsize=2)
def faxed(data: bytes, ink: int = 127) -> Image.Image:
    """Page one at a fax's resolution, where every dot up to `ink` is black and the rest is paper."""
    sent = image(data, "-rx", str(FAX[0]), "-ry", str(FAX[1])).convert("L")
    return sent.point([255 * (grey > ink) for grey in range(256)])


def longest_run(fax: Image.Image, row: int) -> int:
    dots = fax.crop((0, row, fax.width, row + 1)).tobytes()
    return max(map(len, dots.replace(b"\xff", b" ").split()), default=0)


def ink(fax: Image.Image, box: list[str]) -> float:
    """The share of a word's box that is black."""
    left, top, right, bottom = (float(edge) / 72 for edge in box)
    cut = fax.crop((int(left * FAX[0]), int(top * FAX[1]), int(right * FAX[0]) + 1, int(bottom * FAX[1]) + 1))
    return 1 - ImageStat.Stat(cut).mean[0] / 255
