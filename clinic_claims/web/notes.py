"""Notes and calls: written from a record's page, shown in its history, followed up from Today."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField, TextAreaField

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Denial, Note, Patient
from ..services import notes
from .addresses import page_of
from .forms import DateField, LineField, optional, required
from .patient_forms import ToldForm
from .records import attempt
from .security import needs, record_access, signed_in, this_deed

MOST_NAMES = 12  # of colleagues, in the hint

blueprint = Blueprint("notes", __name__, url_prefix="/notes")


class NoteForm(ToldForm):
    """What was said, by whom, and what was promised."""

    kind = SelectField("What it is", choices=notes.KINDS)
    text = TextAreaField(
        "What was said",
        [required("Write down what was said.")],
        render_kw={"rows": 4, "autofocus": True, "maxlength": notes.LONGEST},
    )
    spoke_to = LineField("Spoken to", [optional()])
    call_reference = LineField("Call reference number", [optional()], description="The payer's number for this call.")
    promised_on = DateField(
        "Promised for",
        [optional()],
        render_kw={"type": "date"},
        description="The day by which they will act; it becomes a follow-up on Today.",
    )


@blueprint.route("/<table>/<int:key>", methods=["GET", "POST"])
@needs(Permission.NOTE_WRITE)
def new(table: str, key: int) -> ResponseReturnValue:
    """Write a note or a call about a record."""
    about = notes.find(table, key) or abort(404)
    form = NoteForm(kind=request.args.get("kind", "call"))
    form.text.description = f"Name a colleague to show it to them: {_names()}."
    title = "Write a note" if request.args.get("kind") == "note" else "Log a call"
    page = {"title": title, "button": "Save", "crumbs": [(_called(about), page_of(about))], "form": form}
    if not form.is_submitted():
        with transaction():
            record_access("view", about, page="note")
        return render_template("components/form_page.html", **page)
    if code := attempt(form, None, lambda: notes.add(about, deed=this_deed(), **form.told), about=about):
        return render_template("components/form_page.html", **page), code
    flash("Written down; the follow-up stands on Today." if form.promised_on.data else "Written down.", "success")
    return redirect(page_of(about))


def _names() -> str:
    names = [f"@{name}" for name in notes.people_by_name()]
    return ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")


def _called(about: Any) -> str:
    if isinstance(about, Patient):
        return about.name
    return f"Denial {about.reference}" if isinstance(about, Denial) else about.reference


@blueprint.get("/<int:note_id>")
@needs(Permission.CLAIM_READ)
def show(note_id: int) -> ResponseReturnValue:
    """Open the record that a note is about; whoever it names has read it."""
    note, me, deed = db.get_or_404(Note, note_id), signed_in(), this_deed()
    with transaction():
        notes.mark_read(note, me, deed)
    about = notes.find(note.subject, note.subject_id) or abort(404)
    return redirect(page_of(about) + "#promises")


@blueprint.post("/<int:note_id>/done")
@needs(Permission.NOTE_WRITE)
def done(note_id: int) -> ResponseReturnValue:
    """Mark what was promised as done."""
    note = db.get_or_404(Note, note_id)
    with transaction():
        notes.finish(note, this_deed())
    flash("The follow-up is done.", "success")
    about = notes.find(note.subject, note.subject_id) or abort(404)
    return redirect(page_of(about))
