"""The evidence checklist of a request: criterion by criterion, document and page, and tasks for what is missing."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Authorization, Task
from ..services import checklists, documents
from ..services.deeds import Refused
from .addresses import page_of
from .records import seen
from .security import needs, signed_in, this_deed

blueprint = Blueprint("checklists", __name__, url_prefix="/evidence")
SOON = timedelta(days=3)  # what is missing is asked for by then
LAST_PAGE = 9999


@blueprint.get("/<int:authorization_id>")
@needs(Permission.CLAIM_READ)
def show(authorization_id: int) -> ResponseReturnValue:
    """Show what the payer wants to see and where the file shows it."""
    approval, deed = seen(Authorization, authorization_id), this_deed()
    return render_template(
        "authorizations/evidence.html",
        approval=approval,
        lines=checklists.lines(approval, deed),
        missing=len(checklists.missing(approval, deed)),
        policy=checklists.policy_of(approval, deed),
        day=checklists.day_of(approval, deed),
        documents=documents.of_case(approval.case),
        tasks=checklists.open_tasks(approval.case),
    )


@blueprint.post("/<int:authorization_id>/answer")
@needs(Permission.AUTHORIZATION_WRITE)
def answer(authorization_id: int) -> ResponseReturnValue:
    """Answer one criterion: met on a document and page, not met, or waived with a reason."""
    approval, told = db.get_or_404(Authorization, authorization_id), request.form
    page = told.get("page", type=int)
    where = {
        "document_id": next((each.id for each in documents.of_case(approval.case) if each.id == _document()), None),
        "page": page if page and 0 < page <= LAST_PAGE else None,
    }
    reason = told.get("reason", "").strip() or None
    try:
        with transaction():
            checklists.answer(
                approval, told.get("item", ""), told.get("answer", ""), this_deed(), reason=reason, **where
            )
        flash("Answered.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(url_for("checklists.show", authorization_id=approval.id))


def _document() -> int | None:
    return request.form.get("document", type=int)


@blueprint.post("/<int:authorization_id>/tasks")
@needs(Permission.AUTHORIZATION_WRITE)
def make_tasks(authorization_id: int) -> ResponseReturnValue:
    """Make a task of everything missing, for whoever asks."""
    approval, deed = db.get_or_404(Authorization, authorization_id), this_deed()
    with transaction():
        made = checklists.make_tasks(approval, signed_in(), deed.today + SOON, deed)
    flash(f"{len(made)} task{'s' if len(made) != 1 else ''} for {current_user.full_name}.", "success")
    return redirect(url_for("checklists.show", authorization_id=approval.id))


@blueprint.get("/tasks/<int:task_id>")
@needs(Permission.CLAIM_READ)
def task(task_id: int) -> ResponseReturnValue:
    """Show a task among what is to do for its patient."""
    found = db.get_or_404(Task, task_id)
    return redirect(page_of(found.case.patient) + "#to-do")


@blueprint.post("/tasks/<int:task_id>/done")
@needs(Permission.PATIENT_WRITE)
def finish(task_id: int) -> ResponseReturnValue:
    """Note that a task is done."""
    task = db.get_or_404(Task, task_id)
    try:
        with transaction():
            checklists.finish_task(task, this_deed())
        flash("Done.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(page_of(task.case.patient))
