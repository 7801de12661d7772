"""Static files under an address that carries the digest of them all: a browser fetches each once a release.

Only these files are compressed. Pages are not: they hold form tokens, which the length of a compressed page betrays
(BREACH).
"""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request

FOLDER = Path(__file__).resolve().parent.parent / "static"
TEXT = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}
WORTH_IT = 1_000  # bytes


@cache
def address() -> str:
    """Return where static files are: another address as soon as one of them changes."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    told = "\n".join(f"{path.relative_to(FOLDER)} {sha256(path.read_bytes()).hexdigest()}" for path in files)
    return f"/static/{sha256(told.encode()).hexdigest()[:12]}"


def init_app(app: Flask) -> None:
    """Let browsers keep these files for good, and send them compressed where that is asked for."""
    app.after_request(_dress)


def _dress(response: Response) -> Response:
    if request.endpoint != "static" or response.status_code >= 400:
        return response
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if response.mimetype not in TEXT:
        return response
    response.vary.add("Accept-Encoding")
    named = (request.view_args or {}).get("filename", "")
    if response.status_code == 200 and request.accept_encodings["gzip"] and "Range" not in request.headers:
        _compress(response, _compressed(named))
    return response


def _compress(response: Response, packed: bytes | None) -> None:
    """Put the packed bytes in place of the file; the tag stays, but no longer promises the very same bytes."""
    if packed is None:
        return
    if close := getattr(response.response, "close", None):
        close()  # the file that was about to be sent
    response.direct_passthrough = False
    response.set_data(packed)
    response.content_encoding = "gzip"
    response.set_etag(response.get_etag()[0] or "", weak=True)


@cache
def _compressed(name: str) -> bytes | None:
    """Pack a file once a process; None where it is too short to gain."""
    plain = (FOLDER / name).read_bytes()
    return gzip.compress(plain, 9, mtime=0) if len(plain) > WORTH_IT else None
