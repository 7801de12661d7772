"""How letters look: page images of the main kinds against kept ones, and page one as a fax machine sends it.

To keep new images after a change of looks that is meant: CLINIC_CLAIMS_GOLDEN=write pytest tests/test_looks.py
"""

import io
import os
import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from clinic_claims import pdf
from tests.letter_cases import letter

GOLDEN = Path(__file__).parent / "golden"
KINDS = ("appeal_toxin_approved", "appeal_mvd_necessity", "lmn_toxin", "external_review", "patient_letter", "p2p_brief")
KINDS += ("fax_cover", "status_request")
SMALL = 45  # dots an inch: enough to see what moved
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
    """Hair lines in grey come out as dots: each long rule of page one must be black from end to end."""
    fax = faxed(pdf.pdf(letter(name)))
    wide = int(6.5 * FAX[0])
    rules = [row for row in range(fax.height) if longest_run(fax, row) >= wide]
    assert len(rules) >= 2  # below the letterhead, and about the identifiers
    dotted = [row for row in range(fax.height) if share(fax, row) > 0.6 and longest_run(fax, row) < 0.9 * wide]
    assert [row for row in dotted if not set(range(row - 40, row + 40)) & set(rules)] == []  # heads of tables are solid


def faxed(data: bytes) -> Image.Image:
    sent = image(data, "-rx", str(FAX[0]), "-ry", str(FAX[1])).convert("L")
    return sent.point([255 * (grey > 127) for grey in range(256)])


def longest_run(fax: Image.Image, row: int) -> int:
    dots = fax.crop((0, row, fax.width, row + 1)).tobytes()
    return max(map(len, dots.replace(b"\xff", b" ").split()), default=0)


def share(fax: Image.Image, row: int) -> float:
    """The share of the text's width that is black in a row of dots."""
    left, right = int(1 * FAX[0]), int(7.5 * FAX[0])
    return 1 - ImageStat.Stat(fax.crop((left, row, right, row + 1))).mean[0] / 255


def ink(fax: Image.Image, box: list[str]) -> float:
    """The share of a word's box that is black."""
    left, top, right, bottom = (float(edge) / 72 for edge in box)
    cut = fax.crop((int(left * FAX[0]), int(top * FAX[1]), int(right * FAX[0]) + 1, int(bottom * FAX[1]) + 1))
    return 1 - ImageStat.Stat(cut).mean[0] / 255
