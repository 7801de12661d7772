"""The packet of a letter: choose pages, bind, download; and note each delivery with its proof."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField, SelectField

from ..clock import today
from ..db import db, transaction
from ..domain.lifecycle import AppealState
from ..domain.permissions import Permission
from ..models import Letter, Packet
from ..services import deliveries, departures, documents, packets, page_choices
from ..services.deliveries import Sent
from .addresses import page_of
from .forms import DateField, LineField, optional, required
from .paper import as_pdf
from .records import RecordForm, attempt, seen
from .security import needs, record_access, this_deed

HOW = {"": "Choose…"} | {how: how.capitalize() for how in deliveries.HOW}

blueprint = Blueprint("packets", __name__)


class DeliveryForm(RecordForm):
    """How the letter was sent, with the proof."""

    how = SelectField("Sent by", [required("Choose how it was sent.")], choices=HOW)
    to = LineField(
        "To", [required("Enter whom, with the number or address.")], description="Whom, and number or address"
    )
    on = DateField("Sent on", [required(DateField.MESSAGE)], render_kw={"type": "date"})
    time = LineField("Time on the report", [optional()], longest=20)
    confirmation = LineField(
        "Confirmation", [optional()], description="Fax report, certified-mail number or portal receipt"
    )
    file = FileField("Proof as a file", [optional()], description="PDF, PNG, JPEG, TIFF or text, at most 25 MB.")
    no_proof_reason = LineField("No proof because", [optional()])
    despite = LineField("It leaves all the same because", [optional()], description="Kept in the history", longest=300)

    @property
    def sent(self) -> Sent:
        """Return what was entered."""
        data = self.file.data
        file = (data.read(), data.filename) if data and data.filename else None
        return Sent(
            how=self.how.data,
            to=self.to.data or "",
            on=self.on.data or today(),
            time=self.time.data or None,
            confirmation=self.confirmation.data or None,
            no_proof_reason=self.no_proof_reason.data or None,
            despite=self.despite.data or None,
            file=file,
        )


@blueprint.get("/letters/<int:letter_id>/packet")
@needs(Permission.CLAIM_READ)
def show(letter_id: int) -> ResponseReturnValue:
    """Show what goes out with a letter, and what went out."""
    letter = seen(Letter, letter_id, page="packet")
    return _page(letter)


@blueprint.post("/letters/<int:letter_id>/packet")
@needs(Permission.LETTER_DRAFT)
def build(letter_id: int) -> ResponseReturnValue:
    """Bind the packet and keep its bytes."""
    letter, form = db.get_or_404(Letter, letter_id), RecordForm()
    if code := attempt(form, None, lambda: packets.build(letter, this_deed()), about=letter):
        return _page(letter, form.form_errors), code
    troubles = packets.newest(letter)[0].troubles
    flash("The packet is bound." + (" Something was left out: see below." if troubles else ""), "success")
    return redirect(url_for(".show", letter_id=letter_id))


@blueprint.get("/packets/<int:packet_id>.pdf")
@needs(Permission.CLAIM_READ)
def download(packet_id: int) -> ResponseReturnValue:
    """Hand out one file of a packet, the very bytes as bound."""
    packet = db.get_or_404(Packet, packet_id)
    with transaction():
        record_access("export", packet.letter, sentence="Packet downloaded.", sha256=packet.document.sha256)
    answer = Response(documents.read(packet.document), content_type="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=packet.document.file_name)
    return answer


@blueprint.get("/letters/<int:letter_id>/clinic-copy.pdf")
@needs(Permission.EXPORT)
def clinic_copy(letter_id: int) -> ResponseReturnValue:
    """Hand out the clinic's own copy, with the facts attached."""
    letter = db.get_or_404(Letter, letter_id)
    with transaction():
        record_access("export", letter, sentence="Clinic's copy downloaded, with its facts.", sha256=letter.sha256)
    return as_pdf(packets.clinic_copy(letter), f"{letter.reference}-clinic-copy.pdf", save=True)


@blueprint.route("/letters/<int:letter_id>/deliver", methods=["GET", "POST"])
@needs(Permission.APPEAL_FILE)
def deliver(letter_id: int) -> ResponseReturnValue:
    """Note how a letter was sent; the first delivery of a signed appeal files it."""
    letter, form = seen(Letter, letter_id, page="deliver"), DeliveryForm()
    if form.is_submitted():
        code = attempt(form, letter.subject, lambda: deliveries.deliver(letter, form.sent, this_deed()))
        if not code:
            flash("The delivery is on record, with its proof.", "success")
            return redirect(page_of(letter.appeal) if letter.appeal else url_for(".show", letter_id=letter_id))
    else:
        code = 200
        form.on.data, form.to.data = today(), next(iter(packets.ways(letter)), "")
    form.shows(letter.subject)
    shown: dict[str, Any] = {"filed": deliveries.of(letter), "ways": packets.ways(letter)}
    shown["files"] = packets.newest(letter)
    if letter.appeal and letter.appeal.state == AppealState.READY:
        shown["checks"] = departures.checks(letter.appeal, this_deed())
    return render_template("packets/deliver.html", form=form, letter=letter, **shown), code


def _page(letter: Letter, reasons: list[str] | None = None) -> str:
    form = RecordForm(formdata=None)
    form.shows(letter.subject)
    shown = {
        "exhibits": packets.exhibits(letter),
        "choices": {key: page_choices.runs(pages) for key, pages in page_choices.choices(letter).items()},
        "files": packets.newest(letter),
        "deliveries": deliveries.of(letter),
        "limits": packets.payer_of(letter),
    }
    return render_template("packets/show.html", letter=letter, form=form, reasons=reasons or [], **shown)
