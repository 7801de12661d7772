"""Hand out a letter: as a page for the frame that can run nothing, or as a PDF."""

import io

from flask import Response, request, send_file, url_for

from .. import pdf
from ..domain.letters import Letter

POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src data:; frame-ancestors 'self'"
    )
}
LONGEST_NAME = 150  # characters
ENDINGS = {  # of a name, by which a workstation chooses what opens it; a text is no page, whatever it calls itself
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/tiff": (".tif", ".tiff"),
    "text/plain": (".txt", ".csv", ".edi", ".x12", ".835", ".837", ".277", ".278", ".999"),
}
FRAMED = {"Content-Security-Policy": "frame-ancestors 'self'"}  # a PDF viewer brings styles of its own


def as_sheet(letter: Letter) -> Response:
    """Give the letter's page; it can run nothing and fetch nothing but its styles."""
    return Response(sheet(letter), headers=POLICY)


def sheet(letter: Letter) -> str:
    """Return the letter's page as it lies on the desk."""
    addresses = (url_for("letters.letter_styles"), url_for("static", filename="css/paper.css"))
    sheets = "".join(f'<link rel="stylesheet" href="{address}">' for address in addresses)
    html = pdf.html(letter).replace("</head>", f"{sheets}</head>", 1)
    html = html.replace("<body ", '<body data-draft="yes" ' if letter.gaps else "<body ", 1)
    if request.cookies.get("theme") == "dark":
        html = html.replace("<html ", '<html class="night" ', 1)
    return html


def sheet_body(letter: Letter) -> str:
    """Return what stands between the tags of the page's body, to take its place in a frame that shows it already."""
    return pdf.html(letter).partition("<body ")[2].partition(">")[2].partition("</body>")[0]


def as_file(data: bytes, media_type: str, name: str) -> Response:
    """Give a file to save, whatever whoever sent it called it; a name in any script goes in the form of RFC 5987."""
    plain = "".join(character for character in name if character.isprintable())[-LONGEST_NAME:]
    endings = ENDINGS.get(media_type, ("",))
    fitting = plain if plain.lower().endswith(endings) else f"{plain or 'file'}{endings[0]}"
    return send_file(io.BytesIO(data), media_type, as_attachment=True, download_name=fitting)


def as_pdf(data: bytes, name: str, save: bool = False) -> Response:
    """Give a PDF to look at, or to save."""
    answer = send_file(io.BytesIO(data), "application/pdf", as_attachment=save, download_name=name)
    answer.headers.update(FRAMED)
    return answer
