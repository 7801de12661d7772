"""Open what the clinic has on file, whatever it is, as pages: PDF, picture or text."""

import io
import re
import warnings
from contextlib import suppress
from html import escape

import img2pdf
import pikepdf
from pikepdf import Name
from PIL import Image, ImageOps, ImageSequence

from .. import pdf

STYLES = pdf.TEMPLATES / "packet"
LONG_WORD = re.compile(r"\S{40}")  # after which a line may be broken
MOST_PIXELS, MOST_FRAMES, MOST_CHARACTERS = 80_000_000, 300, 60_000
MOST_UNPACKED, MOST_LZW, MOST_FILTERS = 200_000_000, 1_000_000, 4  # bytes of one stream; LZW unpacks a thousandfold
DPI, QUALITY = 200, 72  # what a reviewer can read and a fax can carry
_LETTER = (612.0, 792.0)  # points
_ON_LETTER = img2pdf.get_layout_fun(pagesize=_LETTER, fit=img2pdf.FitMode.into, auto_orient=True)

LOCKED = "is locked with a password. Save a copy without it and put that on file."
DAMAGED = "is damaged and cannot be read whole. Ask for a new copy, or print it and scan it."
TOO_LARGE = "is a picture too large to print. Save it with at most 80 million dots."
BOMB = "unpacks to more than any record holds. Print it and scan it, or ask for a new copy."
TOO_LONG = "is too long for one exhibit. Save the part that matters as a PDF."

pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MOST_UNPACKED, run_length_max_memory=MOST_UNPACKED, max_stream_filters=MOST_FILTERS
)  # a file of some kilobytes may unpack to more than a machine holds


class Unreadable(Exception):
    """An exhibit cannot be bound; the message says what is the matter with it and what to do."""


def opened(data: bytes, media_type: str) -> pikepdf.Pdf:
    """Open a PDF, picture or text as PDF. Raises Unreadable."""
    try:
        if media_type == "application/pdf":
            return _checked(pikepdf.open(io.BytesIO(data)))
        if media_type.startswith("image/"):
            return pikepdf.open(io.BytesIO(_pictures(data)))
        return pikepdf.open(io.BytesIO(_text(data)))
    except pikepdf.PasswordError:
        raise Unreadable(LOCKED) from None
    except Image.DecompressionBombError:
        raise Unreadable(TOO_LARGE) from None
    except (pikepdf.PdfError, OSError, ValueError, SyntaxError, TypeError, AttributeError):
        raise Unreadable(DAMAGED) from None


def as_pdf(data: bytes, media_type: str) -> bytes:
    """Return a PDF, picture or text as a PDF file. Raises Unreadable."""
    out = io.BytesIO()
    with opened(data, media_type) as file:
        file.save(out)
    return out.getvalue()


def count_pages(data: bytes, media_type: str) -> int | None:
    """Count the pages of a PDF, a scan or a text; None for anything else and for what cannot be read."""
    try:
        if media_type == "image/tiff":
            return _count_frames(data)
        if media_type in ("application/pdf", "text/plain"):
            pages = _text(data) if media_type == "text/plain" else data
            with pikepdf.open(io.BytesIO(pages)) as file:
                return len(file.pages)
    except (Unreadable, pikepdf.PikepdfError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        pass
    return None


def _count_frames(data: bytes) -> int:
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
        return _frames(image)


def _frames(image: Image.Image) -> int:
    """Count the pictures of a file, one by one and no further than there may be; a long file takes minutes to count."""
    with suppress(EOFError):
        for number in range(MOST_FRAMES + 1):
            image.seek(number)
        raise Unreadable(TOO_LONG)
    count = image.tell() + 1
    image.seek(0)
    return count


def refuse_bombs(data: bytes, media_type: str) -> None:
    """Raise Unreadable for a file whose parts unpack to more than they should. What is damaged or locked may stay."""
    if media_type == "image/tiff":
        with suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            _count_frames(data)
    if media_type != "application/pdf":
        return
    with suppress(pikepdf.PikepdfError), pikepdf.open(io.BytesIO(data)) as file:
        for found in file.objects:
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") != Name.Image:
                _unpack(found)


def _unpack(stream: pikepdf.Stream) -> None:
    """Unpack a stream of a PDF; pictures are drawn line by line, and need no such care."""
    found = stream.get("/Filter", [])
    filters = [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]
    unsafe = "/LZWDecode" in filters and len(stream.read_raw_bytes()) > MOST_LZW
    if unsafe or len(filters) > MOST_FILTERS:
        raise Unreadable(BOMB)
    try:
        stream.read_bytes()
    except pikepdf.PdfError as error:
        if "memory" in str(error):
            raise Unreadable(BOMB) from None


def _checked(file: pikepdf.Pdf) -> pikepdf.Pdf:
    """Read every page's content, so that a damaged page is found before it is bound as a blank one."""
    if not file.pages:
        raise Unreadable(DAMAGED)
    for page in file.pages:
        found = page.obj.get("/Contents", [])
        for stream in found if isinstance(found, pikepdf.Array | list) else [found]:
            stream.read_bytes()
        size_of(page)
    file.flatten_annotations("print")  # filled forms and highlights would be lost otherwise
    return file


def size_of(page: pikepdf.Page) -> tuple[float, float]:
    """Return width and height of a page as it is read, in points."""
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    width, height = abs(right - left), abs(top - bottom)
    return (height, width) if int(page.obj.get("/Rotate", 0)) % 180 else (width, height)


def _pictures(data: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own warnings: what matters is checked here
        return _bound_pictures(data)


def _bound_pictures(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        _frames(image)
        frames = [_frame(frame) for frame in ImageSequence.Iterator(image)]
    return img2pdf.convert(frames, layout_fun=_ON_LETTER) or b""


def _frame(image: Image.Image) -> bytes:
    """Return one picture small enough to send: black and white stays exact, the rest becomes grey."""
    if image.width * image.height > MOST_PIXELS:
        raise Unreadable(TOO_LARGE)
    out = io.BytesIO()
    if image.mode == "1":
        image.save(out, "TIFF", compression="group4")
        return out.getvalue()
    if image.format == "JPEG":
        image.draft("L", (int(8.5 * DPI), 11 * DPI))
    upright = ImageOps.exif_transpose(image)
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    grey, short, long = upright.convert("L"), int(8.5 * DPI), 11 * DPI
    grey.thumbnail((short, long) if grey.height >= grey.width else (long, short), reducing_gap=2.0)
    grey.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _text(data: bytes) -> bytes:
    from ..press import printed  # WeasyPrint takes half a second to load

    text = data.decode("utf-8", "replace")
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(TOO_LONG)
    plain = "".join(c for c in text if c in "\n\t" or ord(c) >= 32)
    plain = LONG_WORD.sub("\\g<0>\u200b", plain)  # or setting a file of one long word takes the square of its length
    return printed(page_of("Text", f"<pre>{escape(plain)}</pre>"), STYLES / "text.css")


def page_of(title: str, body: str) -> str:
    """Return a page to print, with a title."""
    head = f'<head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return f'<!DOCTYPE html><html lang="en-US">{head}<body>{body}</body></html>'
