"""The letter's page: is it true and ready? Left what it rests on, right the page as it will print."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import pdf
from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Appeal, Letter
from ..services import composition, documents, letter_versions, letters, moves, particulars
from ..services.deeds import Deed, Refused
from .addresses import page_of
from .gap_places import place_of
from .letter_desk import ParticularsForm, desk_of, particulars_form
from .paper import as_pdf, as_sheet
from .records import RecordForm, attempt, seen
from .security import Door, needs, record_access, this_deed

HOW = {"save": ("export", "Letter downloaded."), "read": ("view", "Letter read.")}

blueprint = Blueprint("letters", __name__, url_prefix="/letters")


class ArrangeForm(RecordForm):
    """Which arguments stand in the letter, in what order; the boxes are the page's own."""

    @property
    def chosen(self) -> list[str]:
        """Return the arguments that are on, after the one press of an arrow."""
        order, used = request.form.getlist("order"), set(request.form.getlist("use"))
        name, _, way = request.form.get("move", "").partition(":")
        if name in order:
            at = order.index(name)
            to = min(max(at + (1 if way == "down" else -1), 0), len(order) - 1)
            order.insert(to, order.pop(at))
        return [argument for argument in order if argument in used]


@blueprint.get("/appeals/<int:appeal_id>")
@needs(Permission.CLAIM_READ)
def show(appeal_id: int) -> ResponseReturnValue:
    """Show what the letter rests on beside its page."""
    appeal = seen(Appeal, appeal_id, page="letter")
    return _page(appeal)


@blueprint.post("/appeals/<int:appeal_id>/arguments")
@needs(Permission.LETTER_DRAFT)
def arrange(appeal_id: int) -> ResponseReturnValue:
    """Switch an argument on or off, or move it."""
    appeal, form = db.get_or_404(Appeal, appeal_id), ArrangeForm()
    kind = desk_of(appeal).kind
    if code := attempt(form, appeal, lambda: composition.arrange(appeal, kind, form.chosen, this_deed())):
        return _page(appeal, form.form_errors), code
    return redirect(url_for(".show", appeal_id=appeal_id))


@blueprint.post("/appeals/<int:appeal_id>/particulars")
@needs(Permission.LETTER_DRAFT)
def note(appeal_id: int) -> ResponseReturnValue:
    """Keep the address, the account and the urgency that this letter alone needs."""
    appeal = db.get_or_404(Appeal, appeal_id)
    desk = desk_of(appeal)
    form = particulars_form(desk)
    if code := attempt(form, appeal, lambda: particulars.note(appeal, desk.kind, this_deed(), **form.told)):
        return _page(appeal, asked=form), code
    return redirect(url_for(".show", appeal_id=appeal_id))


@blueprint.post("/appeals/<int:appeal_id>/send")
@needs(Permission.LETTER_DRAFT)
def send(appeal_id: int) -> ResponseReturnValue:
    """Print the letter, keep its bytes and send it to the physician for signature."""
    appeal, form = db.get_or_404(Appeal, appeal_id), RecordForm()
    if appeal.letters and appeal.state == "in_review":
        return redirect(page_of(appeal))  # a second press
    if code := attempt(form, appeal, lambda: _finish(appeal, this_deed())):
        return _page(appeal, form.form_errors), code
    flash(f"The letter is printed and waits for {appeal.denial.subject.case.provider.name} to sign.", "success")
    return redirect(page_of(appeal))


def _finish(appeal: Appeal, deed: Deed) -> None:
    letters.finish(appeal, deed)
    moves.take(appeal, "send_for_review", deed)


@blueprint.get("/appeals/<int:appeal_id>/page")
@needs(Permission.CLAIM_READ)
def page(appeal_id: int) -> ResponseReturnValue:
    """Give the letter's page for the frame; it can run nothing and fetch nothing but its styles."""
    return as_sheet(letters.compose(seen(Appeal, appeal_id, page="sheet"), this_deed()))


@blueprint.get("/letter.css")
@needs(Door.SIGNED_IN)
def letter_styles() -> ResponseReturnValue:
    """Give the style sheet that letters are printed with."""
    return Response((pdf.LETTERS / "letter.css").read_text("utf-8"), mimetype="text/css")


@blueprint.get("/appeals/<int:appeal_id>/draft.pdf")
@needs(Permission.CLAIM_READ)
def draft(appeal_id: int) -> ResponseReturnValue:
    """Print the letter as it stands; with gaps it carries the word DRAFT on every page."""
    appeal = seen(Appeal, appeal_id, page="draft")
    return as_pdf(letters.printed(letters.compose(appeal, this_deed()), draft=True), f"{appeal.reference}-draft.pdf")


@blueprint.get("/<int:letter_id>.pdf")
@needs(Permission.CLAIM_READ)
def stored(letter_id: int) -> ResponseReturnValue:
    """Give the very bytes that were printed; `save` downloads them, `read` shows them to the physician."""
    letter, how = db.get_or_404(Letter, letter_id), next((how for how in HOW if how in request.args), "")
    action, sentence = HOW.get(how, ("print", "Letter opened to print."))
    with transaction():
        record_access(action, letter, sentence=sentence, sha256=letter.sha256)
    return as_pdf(documents.read(letter.outgoing), f"{letter.reference}.pdf", save=how == "save")


def _page(appeal: Appeal, reasons: list[str] | None = None, asked: ParticularsForm | None = None) -> str:
    """Render the letter's page with a form that knows the version shown."""
    form, desk = RecordForm(formdata=None), desk_of(appeal)
    form.shows(appeal)
    try:
        composed = composition.composition(appeal, this_deed(), desk.kind)
    except Refused as refused:
        composed, reasons = None, [*(reasons or []), *refused.reasons]
    if asked is None and composed:
        asked = particulars_form(desk, formdata=None)
        asked.tells(desk, composed.letter.address)
    shown: dict[str, Any] = {"appeal": appeal, "denial": appeal.denial, "about": appeal.denial.subject, "desk": desk}
    shown |= {"form": form, "asked": asked, "composed": composed, "reasons": reasons or [], "place_of": place_of}
    shown["back"] = letter_versions.sent_back(appeal)
    return render_template("appeals/letter.html", **shown)
