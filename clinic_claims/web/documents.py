"""Documents: add one to a record, and hand one out as a file, never as a page of ours."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Authorization, Claim, Denial, Document, Patient, TreatmentCase
from ..services import documents
from ..services.deeds import Refused
from .addresses import page_of
from .paper import as_file
from .security import needs, record_access, this_deed

KINDS: dict[str, type[Any]] = {
    "patient": Patient,
    "case": TreatmentCase,
    "claim": Claim,
    "authorization": Authorization,
    "denial": Denial,
}
LONGEST_TITLE = 200

blueprint = Blueprint("documents", __name__, url_prefix="/documents")


@blueprint.post("/add/<table>/<int:key>")
@needs(Permission.PATIENT_WRITE)
def add(table: str, key: int) -> ResponseReturnValue:
    """Put a file on record; the same file with the same title on the same record is taken once."""
    about = db.get_or_404(KINDS[table], key) if table in KINDS else abort(404)
    file, title = request.files.get("file"), request.form.get("title", "").strip()[:LONGEST_TITLE]
    back = redirect(f"{page_of(about.patient if isinstance(about, TreatmentCase) else about)}#documents")
    if file is None or not file.filename or not title:
        flash("Choose a file and give it a title.", "error")
        return back
    data, kind = file.read(), request.form.get("kind", "")
    if kind in documents.MADE_HERE:
        abort(400)
    try:
        with transaction():
            if not documents.is_there(data, title, about):
                documents.add(data, kind, title, this_deed(), about=about, **_told(file.filename))
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
        return back
    flash("The document is on file.", "success")
    return back


def _told(file_name: str) -> dict[str, Any]:
    try:
        dated: date | None = date.fromisoformat(request.form.get("dated_on", ""))
    except ValueError:
        dated = None
    return {"file_name": file_name, "dated_on": dated}


@blueprint.get("/<int:document_id>")
@needs(Permission.CLAIM_READ)
def download(document_id: int) -> ResponseReturnValue:
    """Hand out the bytes as stored, to be saved and not shown by this site."""
    with transaction():
        document = db.get_or_404(Document, document_id)
        if document.kind == "signature":
            abort(404)  # it is shown where it is kept, and printed in what its physician has signed
        record_access("download", document, sha256=document.sha256)
    answer = as_file(documents.read(document), document.media_type, document.file_name)
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer
