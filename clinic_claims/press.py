"""Turn HTML into an accessible PDF with WeasyPrint: offline, the same bytes every time.

Nothing is fetched but the assets named here: a letter's text can reach neither the network nor a file. Fonts are
loaded once a thread, because WeasyPrint's font configuration is not safe to share between threads.
"""

import ctypes.util
import threading
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from PIL import ImageFile

# WeasyPrint looks for 22 libraries through ldconfig and gcc; asking the loader by name takes half the time.
_find_library = ctypes.util.find_library
ctypes.util.find_library = lambda name: None  # type: ignore[assignment]
try:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse
finally:
    ctypes.util.find_library = _find_library

# WeasyPrint lets the whole process take half a picture for a whole one; a damaged exhibit must be found.
ImageFile.LOAD_TRUNCATED_IMAGES = False

_PACKAGE = Path(__file__).parent
_FONTS = _PACKAGE / "static" / "vendor" / "fonts-letter"
PICTURE = "data:image/png;base64,"
FAMILIES = {
    "SourceSerif4_400Regular.ttf": ("Letter Serif", 400, "normal"),
    "SourceSerif4_400Regular_Italic.ttf": ("Letter Serif", 400, "italic"),
    "SourceSerif4_700Bold.ttf": ("Letter Serif", 700, "normal"),
    "SourceSans3_400Regular.ttf": ("Letter Sans", 400, "normal"),
    "SourceSans3_600SemiBold.ttf": ("Letter Sans", 600, "normal"),
}
"""Font files with the family, weight and style under which style sheets name them."""


class Offline(URLFetcher):
    """Serves `app:NAME` from a fixed set of files, and PNG pictures held in the page; refuses every other address."""

    def __init__(self, assets: Mapping[str, Path]) -> None:
        super().__init__(allowed_protocols=("app",), allow_redirects=False)
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Return an asset. Raises ValueError for any other address; WeasyPrint then goes on without it."""
        if url.startswith(PICTURE):
            return URLFetcherResponse(url, b64decode(url.removeprefix(PICTURE)), {"Content-Type": "image/png"})
        name = url.removeprefix("app:")
        if name == url or name not in self._assets:
            raise ValueError(f"{url} is no asset of a letter")
        kind = "image/svg+xml" if name.endswith(".svg") else "font/ttf"
        return URLFetcherResponse(url, self._assets[name].read_bytes(), {"Content-Type": kind})


class _Press(threading.local):
    """The fonts and parsed style sheets of one thread."""

    def __init__(self) -> None:
        self.fonts = FontConfiguration()
        self.sheets: dict[Path, CSS] = {}

    def sheet(self, path: Path, fetcher: Offline) -> CSS:
        """Parse a style sheet once, with the fonts in front of it."""
        if path not in self.sheets:
            text = _font_faces() + path.read_text("utf-8")
            self.sheets[path] = CSS(string=text, url_fetcher=fetcher, font_config=self.fonts)
        return self.sheets[path]


_press = _Press()


def printed(html: str, *styles: Path) -> bytes:
    """Print HTML with these style sheets as PDF/UA-1. Images may be `app:` names of SVG files beside a style sheet."""
    svgs = {svg.name: svg for style in styles for svg in style.parent.glob("*.svg")}
    fetcher = Offline({**{name: _FONTS / name for name in FAMILIES}, **svgs})
    sheets = [_press.sheet(style, fetcher) for style in styles]
    document = HTML(string=html, url_fetcher=fetcher)
    pdf = document.write_pdf(stylesheets=sheets, font_config=_press.fonts, pdf_variant="pdf/ua-1")
    return pdf or b""


@cache
def _font_faces() -> str:
    face = '@font-face {{ font-family: "{}"; font-weight: {}; font-style: {}; src: url("app:{}") }}\n'
    return "".join(face.format(*family, name) for name, family in FAMILIES.items())
