"""One operation: everybody who bills for it with approval and claim, what is missing, and what was done."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange

from ..db import db
from ..domain.permissions import Permission
from ..models import Authorization, Claim, Facility, SurgicalCase, SurgicalPart, TreatmentCase
from ..models.surgery import ROLES
from ..services import claim_view, history, surgery
from .addresses import page_of
from .asking import ask
from .benefits import ANSWERS, AnswersForm
from .claim_forms import CHOSEN, approval_words, approvals_of, facility_words
from .forms import DateField, LineField, optional, required
from .line_forms import choose
from .patient_forms import DAY
from .records import RecordForm, attempt, seen
from .security import needs, signed_in, this_deed

blueprint = Blueprint("surgery", __name__, url_prefix="/surgery")


class PlanForm(RecordForm):
    """An operation to be planned."""

    facility = SelectField("Hospital", CHOSEN, coerce=int)
    code = LineField("Code", [required("Enter the code of the operation.")], default="61458", longest=10)
    on = DateField("Planned for", [optional()], render_kw=DAY)
    accreditation = LineField("Accreditation", [optional()], description="By whom, until when.")
    network_note = LineField("In the network", [optional()], description="Who confirmed it, and when.")


class PartForm(AnswersForm):
    """Somebody who takes part and bills."""

    role = SelectField("Role", choices={role: role.capitalize() for role in ROLES}, default="surgeon")
    who = LineField("Who", [required("Enter the name.")])
    npi = LineField("NPI", [optional()], longest=10)
    code = LineField("Code", [optional()], longest=10)
    days = IntegerField("Inpatient days", [optional(), NumberRange(1, 99, "Enter whole days.")])
    in_network = SelectField("In the network", choices=ANSWERS, default="")


class LinkForm(RecordForm):
    """The approval and claim of a part, ours or its own party's."""

    authorization = SelectField("Our approval", [optional()], coerce=int)
    outside = LineField("Approval that they hold", [optional()], description="Its number, as they told it.")
    claim = SelectField("Our claim", [optional()], coerce=int)


class DoneForm(RecordForm):
    """What was done in the operating room."""

    code = LineField("Code of the operation done", [required("Enter the code.")], longest=10)
    on = DateField("Operated on", [required(DateField.MESSAGE)], render_kw=DAY)


@blueprint.get("/<int:surgery_id>")
@needs(Permission.CLAIM_READ)
def show(surgery_id: int) -> ResponseReturnValue:
    """Show the parts of an operation, each with approval and claim."""
    operation, deed = seen(SurgicalCase, surgery_id), this_deed()
    return render_template(
        "surgery/show.html",
        operation=operation,
        missing=surgery.missing(operation) if not operation.operated_on else [],
        approved=surgery.is_approved,
        label=claim_view.label(operation.code_performed or operation.code_planned, deed.book),
        events=[event for event in history.of(operation) if event.action != "view"],
    )


@blueprint.route("/new/<int:case_id>", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def new(case_id: int) -> ResponseReturnValue:
    """Plan an operation."""
    case, form, made = seen(TreatmentCase, case_id), PlanForm(), list[SurgicalCase]()
    choose(form.facility, list(db.session.scalars(select(Facility).order_by(Facility.name))), facility_words)
    return ask(
        form,
        None,
        lambda: made.append(_plan(case, form)),
        title="Plan an operation",
        button="Plan it",
        crumbs=[(case.patient.name, page_of(case.patient))],
        done="The operation is planned. Add everybody who takes part and bills.",
        to=lambda: _page(made[0]),
    )


def _plan(case: TreatmentCase, form: PlanForm) -> SurgicalCase:
    place = db.get_or_404(Facility, form.facility.data)
    more = {name: form[name].data or None for name in ("accreditation", "network_note")}
    return surgery.plan(case, place, form.code.data or "", this_deed(), on=form.on.data, **more)


def _whose(operation: SurgicalCase) -> str:
    return f"{operation.case.patient.name} · {operation.code_planned} · {operation.facility.name}"


def _page(operation: SurgicalCase) -> str:
    return url_for("surgery.show", surgery_id=operation.id)


@blueprint.route("/<int:surgery_id>/part", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def add_part(surgery_id: int) -> ResponseReturnValue:
    """Add somebody who takes part."""
    operation, form = seen(SurgicalCase, surgery_id), PartForm()
    return ask(
        form,
        None,
        lambda: surgery.add_part(operation, deed=this_deed(), **form.told),
        title="Add a part",
        sub=_whose(operation),
        button="Add",
        crumbs=[("Operation", _page(operation))],
        done="Added.",
    )


@blueprint.route("/parts/<int:part_id>", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def link(part_id: int) -> ResponseReturnValue:
    """Say which approval covers a part and which claim bills it."""
    part, form = seen(SurgicalPart, part_id), LinkForm()
    case = part.surgery.case
    claims = list(db.session.scalars(select(Claim).where(Claim.case_id == case.id).order_by(Claim.id)))
    choose(form.authorization, approvals_of(case), approval_words, spare="None")
    choose(form.claim, claims, lambda claim: claim.number, spare="None")
    if not form.is_submitted():
        form.authorization.data, form.claim.data = part.authorization_id or 0, part.claim_id or 0
        form.outside.data = part.outside_authorization
    return ask(
        form,
        None,
        lambda: _link(part, form),
        title=f"Approval and claim: {part.role}",
        sub=_whose(part.surgery),
        button="Save",
        crumbs=[("Operation", _page(part.surgery))],
        done="Saved.",
    )


def _link(part: SurgicalPart, form: LinkForm) -> None:
    deed = this_deed()
    approval = db.session.get(Authorization, form.authorization.data or 0)
    claim = db.session.get(Claim, form.claim.data or 0)
    if approval and approval.id != part.authorization_id:
        surgery.approve_part(part, approval, deed)
    if form.outside.data and form.outside.data != part.outside_authorization:
        surgery.note_outside_approval(part, form.outside.data, deed)
    if claim and claim.id != part.claim_id:
        surgery.bill_part(part, claim, deed)


@blueprint.route("/<int:surgery_id>/done", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def record_done(surgery_id: int) -> ResponseReturnValue:
    """Note what was done in the operating room; another code than approved makes a task: have the approval changed."""
    operation, form, told = seen(SurgicalCase, surgery_id), DoneForm(), list[str]()
    page: dict[str, Any] = {"title": "What was done in the operating room", "button": "Note it", "form": form}
    page |= {"crumbs": [("Operation", _page(operation))], "sub": _whose(operation)}
    if not form.is_submitted():
        form.code.data = operation.code_planned
        return render_template("components/form_page.html", **page)
    if code := attempt(form, None, lambda: told.extend(_done(operation, form))):
        return render_template("components/form_page.html", **page), code
    for sentence in told or ["Done as planned and approved."]:
        flash(sentence, "warning" if told else "success")
    return redirect(_page(operation))


def _done(operation: SurgicalCase, form: DoneForm) -> list[str]:
    assert form.on.data is not None  # noqa: S101 (the field is required)
    return surgery.record_performed(
        operation, (form.code.data or "").upper(), form.on.data, this_deed(), owner=signed_in()
    )
