"""Pictures taken in: nothing but their dots survives, what is no picture is refused, and a fax can show them."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from clinic_claims.packet import Unreadable, pictures
from clinic_claims.packet.exhibits import page_of
from clinic_claims.press import printed

PAGE = page_of("Page", "<p>One page.</p>")


def drawing(ink="black", size=(300, 120), kind="PNG", **save) -> bytes:
    image, out = Image.new("RGB", size, "white"), io.BytesIO()
    ImageDraw.Draw(image).line((20, 90, 80, 20, 140, 100, 280, 30), fill=ink, width=6)
    image.save(out, kind, **save)
    return out.getvalue()


def open_image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_metadata_and_what_hides_behind_the_picture_are_gone():
    told = PngInfo()
    told.add_text("Comment", "secret words")
    exif = Image.Exif()
    exif[270] = "secret words"
    for data in (drawing(pnginfo=told) + b"<script>alert(1)</script>", drawing(kind="JPEG", exif=exif)):
        kept = pictures.logo(data)
        assert b"secret" not in kept
        assert b"script" not in kept
        assert kept.endswith(b"IEND\xaeB`\x82")
        assert not open_image(kept).info


def test_taking_in_again_changes_nothing():
    once = pictures.logo(drawing())
    assert pictures.logo(once) == once


def test_a_picture_turned_by_its_camera_stands_upright():
    exif = Image.Exif()
    exif[274] = 6  # turned a quarter
    assert open_image(pictures.logo(drawing(kind="JPEG", exif=exif))).height > 200


def bomb() -> bytes:
    """A PNG of a few bytes that claims 50,000 by 50,000 dots."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b""), b"IEND")
    sealed = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(sealed)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"%PDF-1.7", pictures.NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", pictures.NO_PICTURE),
        (drawing()[:-60], pictures.NO_PICTURE),
        (drawing(kind="GIF"), pictures.NO_PICTURE),
        (b"", pictures.NO_PICTURE),
        (drawing() + b"\0" * 2_000_000, pictures.TOO_LARGE),
        (bomb(), pictures.TOO_LARGE),
        (drawing(size=(100, 30)), pictures.TOO_SMALL),
        (drawing(ink="white"), pictures.BLANK),
    ],
)
def test_what_cannot_be_printed_is_refused_with_the_reason(data, why):
    with pytest.raises(Unreadable, match=why.split(":")[0]):
        pictures.logo(data)


def test_a_pale_logo_fades_on_a_fax_and_a_pale_signature_is_made_dark():
    assert pictures.fades(pictures.logo(drawing(ink="#b8c8ff")))
    assert not pictures.fades(pictures.logo(drawing(ink="#1f3a5f")))
    assert not pictures.fades(pictures.signature(drawing(ink="#9090c8")))


def test_pages_are_drawn_as_wide_as_asked_and_faxed_in_black_and_white():
    file = printed(PAGE)
    assert open_image(pictures.page_picture(file, 1, 200)).width == 200
    with pytest.raises(Unreadable, match="no page 2"):
        pictures.page_picture(file, 2, 200)
    with pytest.raises(Unreadable):
        pictures.page_picture(b"no file", 1, 200)
    faxed = open_image(pictures.as_faxed(file, 2))
    assert (faxed.mode, faxed.size[1]) == ("1", 392)
