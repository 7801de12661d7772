"""Pictures that letters carry, and pages as pictures: of what is taken in nothing but the dots survives."""

import io
import warnings
from base64 import b64encode
from typing import Any

import pypdfium2
from PIL import Image, ImageOps

from .exhibits import Unreadable

MOST_BYTES, MOST_DOTS, FEWEST = 2_000_000, 20_000_000, 40
LOGO, SIGNATURE = (1200, 600), (1200, 400)  # dots: two inches at 600, more than any printer shows
TALLEST = 10  # times its width: how tall a picture of a page may be
FAX = (204, 196)  # dots an inch, across and down
PAPER, INK = 240, 128  # from here on a dot is paper; up to here a fax machine prints it

NO_PICTURE = "This is no picture: choose a PNG or JPEG file."
TOO_LARGE = "This picture is too large: choose one of at most 2 MB and 20 million dots."
TOO_SMALL = "This picture is too small to print: it needs at least 40 dots either way."
BLANK = "This picture is blank."


def logo(data: bytes) -> bytes:
    """Return a logo as a PNG on white. Raises Unreadable with what to do."""
    return _png(_trimmed(_opened(data)), LOGO)


def signature(data: bytes) -> bytes:
    """Return a signature as a PNG in greys on white, dark enough for a fax. Raises Unreadable with what to do."""
    return _png(ImageOps.autocontrast(_trimmed(_opened(data).convert("L")), cutoff=(2, 30)), SIGNATURE)


def fades(png: bytes) -> bool:
    """Whether most of a picture would be lost in the black and white of a fax."""
    with Image.open(io.BytesIO(png)) as image:
        counts = image.convert("L").histogram()
    return sum(counts[:INK]) < 0.4 * sum(counts[:PAPER])


def carried(png: bytes) -> str:
    """Return a picture as the address that holds it, which a letter may carry."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def page_picture(file: bytes, number: int, wide: int) -> bytes:
    """Draw one page of a PDF, counted from 1, `wide` dots across. Raises Unreadable for no page."""
    try:
        with pypdfium2.PdfDocument(file) as document:
            page = document[number - 1]
            image = _drawn(page, min(wide / page.get_width(), TALLEST * wide / page.get_height()))
    except (pypdfium2.PdfiumError, IndexError):
        raise Unreadable(f"has no page {number} that can be drawn.") from None
    return _kept(image)


def as_faxed(file: bytes, inches: float = 11) -> bytes:
    """Draw the head of the first page as a fax machine prints it: dots of black on white."""
    with pypdfium2.PdfDocument(file) as document:
        image = _drawn(document[0], FAX[0] / 72)
    sent = image.resize((image.width, image.height * FAX[1] // FAX[0])).point([255 * (dot > INK) for dot in range(256)])
    return _kept(sent.crop((0, 0, sent.width, int(inches * FAX[1]))).convert("1"))


def _drawn(page: Any, scale: float) -> Image.Image:
    return page.render(scale=scale, grayscale=True).to_pil()


def _opened(data: bytes) -> Image.Image:
    """Read the dots alone, upright and on white."""
    if len(data) > MOST_BYTES:
        raise Unreadable(TOO_LARGE)
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            warnings.simplefilter("ignore")  # Pillow's own warnings: what matters is checked here
            if image.width * image.height > MOST_DOTS:
                raise Unreadable(TOO_LARGE)
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except Image.DecompressionBombError:
        raise Unreadable(TOO_LARGE) from None
    except (OSError, ValueError, SyntaxError, TypeError):
        raise Unreadable(NO_PICTURE) from None
    return Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")


def _trimmed(image: Image.Image) -> Image.Image:
    """Cut off the white around it."""
    box = image.convert("L").point([255 * (dot < PAPER) for dot in range(256)]).getbbox()
    if box is None:
        raise Unreadable(BLANK)
    cut = image.crop(box)
    if min(image.size) < FEWEST or max(cut.size) < FEWEST:
        raise Unreadable(TOO_SMALL)
    return cut


def _png(image: Image.Image, most: tuple[int, int]) -> bytes:
    image.thumbnail(most)
    return _kept(image)


def _kept(image: Image.Image) -> bytes:
    """Write a new file from the dots: no metadata of the old one comes along."""
    out = io.BytesIO()
    Image.frombytes(image.mode, image.size, image.tobytes()).save(out, "PNG", optimize=True)
    return out.getvalue()
