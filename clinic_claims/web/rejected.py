"""A batch of claims that was turned away whole: why, where in the file we sent, which claims, and its mending."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Document, RejectedBatch
from ..services import rejected_batches, traces
from ..services.deeds import Refused
from ..storage import Damaged
from .records import seen
from .security import needs, this_deed

LONGEST = 200  # characters of a remark
MOST_PLACES = 10

blueprint = Blueprint("rejected", __name__, url_prefix="/imports/rejected")


@blueprint.get("/<int:batch_id>")
@needs(Permission.REMITTANCE_POST)
def show(batch_id: int) -> ResponseReturnValue:
    """Show why a batch was rejected, with the segments at fault, and the claims that went with it."""
    batch = seen(RejectedBatch, batch_id)
    shown = {"batch": batch, "claims": rejected_batches.claims_of(batch), "words": _words(batch)}
    return render_template("imports/rejected.html", document=db.session.get(Document, batch.document_id), **shown)


def _words(batch: RejectedBatch) -> list[tuple[int, list[traces.Segment]]]:
    """Give each place at fault with the segments around it; nothing of a file that is gone."""
    document = db.session.get(Document, batch.sent.document_id) if batch.sent else None
    try:
        return [(place, traces.around(document, place)) for place in batch.places[:MOST_PLACES] if document]
    except (FileNotFoundError, Damaged):
        return []


@blueprint.post("/<int:batch_id>")
@needs(Permission.REMITTANCE_POST)
def mend(batch_id: int) -> ResponseReturnValue:
    """Note that the batch was mended and sent again."""
    batch = db.get_or_404(RejectedBatch, batch_id)
    try:
        with transaction():
            rejected_batches.mend(batch, request.form.get("how", "")[:LONGEST], this_deed())
        flash("Noted: mended and sent again.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(url_for(".show", batch_id=batch_id))
