"""The signature placed over a signed letter: where it stands, what it says, and that the pages stay accessible."""

import io

import page
import pikepdf
import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader

from clinic_claims import pdf
from clinic_claims.packet import place_signature
from clinic_claims.packet.pictures import signature
from clinic_claims.press import printed
from tests.letter_cases import letter
from tests.test_pictures import PAGE, drawing

NAME, TOLD = "Elena R. Park, MD", ("Electronically signed by Elena R. Park, MD", "on November 22, 2026 at 9:12 AM CST")


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return pdf.pdf(letter("appeal_toxin_approved"))


@pytest.fixture(scope="module")
def signed(unsigned) -> bytes:
    return place_signature(unsigned, NAME, TOLD, signature(drawing()))


def words(data: bytes) -> list[str]:
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(data)).pages]


def test_it_stands_on_the_page_of_the_name_and_nowhere_else(unsigned, signed):
    before, after = words(unsigned), words(signed)
    (at,) = [number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert "Sincerely," in after[at]
    assert all(line in after[at] for line in TOLD)
    assert before[at] == " ".join(after[at].replace(" ".join(TOLD), "").split())


def test_the_signed_pages_are_accessible_and_the_figure_is_named(signed):
    report = page.validate_pdf_bytes(signed, profile=page.ValidationProfile.PDF_UA_1)
    assert [failure.message for failure in report.failures] == []
    with pikepdf.open(io.BytesIO(signed)) as file:
        last = file.Root.StructTreeRoot.K[0].K[-1]
        assert (str(last.S), str(last.Alt)) == ("/Figure", f"Signature of {NAME}. {' '.join(TOLD)}.")


def test_the_same_signature_gives_the_same_bytes(unsigned, signed):
    assert place_signature(unsigned, NAME, TOLD, signature(drawing())) == signed


def test_without_a_picture_the_words_stand_alone(unsigned):
    data = place_signature(unsigned, NAME, TOLD, None)
    assert TOLD[0] in " ".join(words(data))
    assert not [image for sheet in PdfReader(io.BytesIO(data)).pages for image in sheet.images]


def test_pages_that_leave_no_space_stay_as_they_are():
    pages = printed(PAGE)
    assert place_signature(pages, NAME, TOLD, None) == pages


def test_the_picture_stays_above_the_line(signed, unsigned):
    """Nothing of the letter below the line changes its place: the picture has its own strip."""
    image = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 400, 400), fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    tall = place_signature(unsigned, NAME, TOLD, signature(out.getvalue()))
    assert words(tall) == words(signed)
