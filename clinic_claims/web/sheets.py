"""Pages as pictures: choose those of a record that go out, and look through a packet before it leaves."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..db import db, transaction
from ..domain.exhibits import Exhibit
from ..domain.permissions import Permission
from ..models import Document, Letter, Packet
from ..packet import Unreadable, pictures
from ..services import packets, page_choices
from ..services.deeds import Deed, Refused
from .forms import LineField, optional
from .records import RecordForm, attempt, part_seen, seen
from .security import needs, record_access, this_deed

SMALL, LARGE = 220, 1100  # dots across: told apart at a glance, and read
NO_PICTURE_OF = {"signature"}

blueprint = Blueprint("sheets", __name__)


class PagesForm(RecordForm):
    """Pages ticked, or typed where there are many."""

    typed = LineField("Or type them", [optional()], description="Such as 1-3, 7. What is typed counts, not the ticks.")


@blueprint.get("/letters/<int:letter_id>/exhibits/<int:document_id>")
@needs(Permission.CLAIM_READ)
def choose(letter_id: int, document_id: int) -> ResponseReturnValue:
    """Show the pages of a record as pictures, each with its tick."""
    letter = seen(Letter, letter_id, page="pages")
    return _picker(letter, *_exhibit(letter, document_id), PagesForm(formdata=None))


@blueprint.post("/letters/<int:letter_id>/exhibits/<int:document_id>")
@needs(Permission.LETTER_DRAFT)
def keep(letter_id: int, document_id: int) -> ResponseReturnValue:
    """Let only the pages chosen go out."""
    letter, form = db.get_or_404(Letter, letter_id), PagesForm()
    exhibit, document = _exhibit(letter, document_id)
    if code := attempt(form, letter.subject, lambda: _choose(letter, document, form, this_deed())):
        return _picker(letter, exhibit, document, form), code
    flash(f"Exhibit {exhibit.letter}: the choice is kept. Bind the packet to see it.", "success")
    return redirect(url_for("packets.show", letter_id=letter_id))


def _choose(letter: Letter, document: Document, form: PagesForm, deed: Deed) -> None:
    """Read the choice: a button for all or for the pages pointed at, else what was typed, else the ticks."""
    if "all" in request.form:
        pages: list[int] = []
    elif "pointed" in request.form:
        pages = sorted(page_choices.pointed_at(packets.facts_of(letter), document))
    elif form.typed.data:
        pages = page_choices.pages_from(form.typed.data)
    elif ticked := request.form.getlist("tick"):
        pages = page_choices.pages_from(",".join(ticked))
    else:
        raise Refused("Tick at least one page. To leave the record out, switch it off where the letter is written.")
    page_choices.choose(letter, document, pages, deed)


@blueprint.get("/packets/<int:packet_id>/pages")
@needs(Permission.CLAIM_READ)
def look(packet_id: int) -> ResponseReturnValue:
    """Show a bound file page by page."""
    packet = db.get_or_404(Packet, packet_id)
    letter = seen(Letter, packet.letter_id, page="packet pages")
    return render_template("packets/look.html", packet=packet, letter=letter)


@blueprint.get("/documents/<int:document_id>/pages/<int:number>.png")
@needs(Permission.CLAIM_READ)
def picture(document_id: int, number: int) -> ResponseReturnValue:
    """Give a page as a small picture."""
    document = db.get_or_404(Document, document_id)
    part_seen(document, page=number, sha256=document.sha256)
    return _drawn(document, number, SMALL)


@blueprint.get("/documents/<int:document_id>/pages/<int:number>/large.png")
@needs(Permission.CLAIM_READ)
def large(document_id: int, number: int) -> ResponseReturnValue:
    """Give a page large enough to read; that goes into the history."""
    document = db.get_or_404(Document, document_id)
    with transaction():
        record_access("view", document, page=number, sha256=document.sha256)
    return _drawn(document, number, LARGE)


def _drawn(document: Document, number: int, wide: int) -> Response:
    if document.kind in NO_PICTURE_OF:
        abort(404)
    try:
        drawn = pictures.page_picture(packets.as_pages(document), number, wide)
    except Unreadable:
        abort(404)
    return Response(drawn, content_type="image/png")


def _exhibit(letter: Letter, document_id: int) -> tuple[Exhibit, Document]:
    found = (pair for pair in packets.exhibits(letter) if pair[1].id == document_id)
    return next(found, None) or abort(404)


def _picker(letter: Letter, exhibit: Exhibit, document: Document, form: PagesForm) -> str:
    form.shows(letter.subject)
    chosen = page_choices.choices(letter).get(document.id)
    ticked = chosen or tuple(range(1, (document.pages or 1) + 1))
    shown = {"letter": letter, "exhibit": exhibit, "document": document, "ticked": ticked, "form": form}
    pointed = page_choices.pointed_at(packets.facts_of(letter), document)
    return render_template("packets/choose.html", pointed=pointed, **shown)
