"""Two versions of a letter side by side, and the pages of letters and their evidence as pictures."""

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from ..db import db
from ..domain.permissions import Permission
from ..models import Document, Letter
from ..packet import Unreadable, pictures
from ..services import documents, letter_versions, packets
from .records import part_seen, seen
from .security import needs
from .steps import about

WIDE = 1100  # dots across: sharp at twice the size that a page has beside another

blueprint = Blueprint("letter_versions", __name__, url_prefix="/letters")


@blueprint.get("/<int:letter_id>/beside/<int:version>")
@needs(Permission.CLAIM_READ)
def compare(letter_id: int, version: int) -> ResponseReturnValue:
    """Show what differs between two versions, by words and page by page."""
    letter = seen(Letter, letter_id, page="versions", beside=version)
    pair = letter_versions.pair(letter, version)
    shown = {"pair": pair, "about": about(letter.subject), "versions": letter_versions.versions(letter)}
    return render_template("appeals/versions.html", letter=letter, **shown)


@blueprint.get("/<int:letter_id>/pages/<int:number>.png")
@needs(Permission.CLAIM_READ)
def leaf(letter_id: int, number: int) -> ResponseReturnValue:
    """Give one page of a letter as printed."""
    letter = db.get_or_404(Letter, letter_id)
    part_seen(letter, page=number)
    return _picture(letter.document, number)


@blueprint.get("/<int:letter_id>/evidence/<int:document_id>/<int:number>.png")
@needs(Permission.CLAIM_READ)
def evidence(letter_id: int, document_id: int, number: int) -> ResponseReturnValue:
    """Give one page of a document of the same case."""
    letter = db.get_or_404(Letter, letter_id)
    on_file = documents.of_case(about(letter.subject).case)
    document = next((one for one in on_file if one.id == document_id), None) or abort(404)
    part_seen(document, page=number, sha256=document.sha256)
    return _picture(document, number)


def _picture(document: Document, number: int) -> Response:
    if document.media_type in ("image/png", "image/jpeg"):
        return Response(documents.read(document), mimetype=document.media_type)
    try:
        drawn = pictures.page_picture(packets.as_pages(document), number, WIDE)
        return Response(drawn, mimetype="image/png")
    except Unreadable:
        abort(404)
