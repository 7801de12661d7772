"""The history on a page: filters, files, and for one patient what went out to whom."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from ..clock import now
from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Patient
from ..services import audit
from ..services.audit import Wanted
from .filters import person, state
from .forms import DateField, Form, optional
from .records import seen
from .security import needs, record_access, this_deed

DAY = {"type": "date"}
ANY = {"": "Any"}
NO_PATIENT = "No patient has this number."

blueprint = Blueprint("audit", __name__, url_prefix="/history")


class FilterForm(Form):
    """What of the history is shown; read from the address, where a patient is a bare number."""

    class Meta(Form.Meta):
        """Nothing is changed, so no token is asked for."""

        csrf = False  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    who = SelectField("Who", [Optional()])
    action = SelectField("Action", [Optional()])
    patient = IntegerField("Patient", [Optional(), NumberRange(1, 2**31 - 1)])
    since = DateField("From", [optional()], render_kw=DAY)
    until = DateField("To", [optional()], render_kw=DAY)
    before = IntegerField("Before", [Optional(), NumberRange(1, 2**53)])

    def fill(self) -> None:
        """Offer everybody and every deed on record."""
        self.who.choices = ANY | {actor: person(actor) for actor in audit.actors()}
        self.action.choices = ANY | {name: state(name) for name in audit.actions()}

    @property
    def wanted(self) -> Wanted:
        """Return what is looked for."""
        who, action = self.who.data or None, self.action.data or None
        return Wanted(who, action, self.patient.data, self.since.data, self.until.data)


@blueprint.get("")
@needs(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """Show the history, newest first; looking at it is written down too."""
    form = _form()
    if not form.validate():
        return _page(form, []), 422
    with transaction():
        record_access("view", "history")
    found = audit.find(form.wanted, this_deed().timezone, form.before.data, audit.PER_PAGE + 1)
    older = found[audit.PER_PAGE - 1].id if len(found) > audit.PER_PAGE else None
    return _page(form, found[: audit.PER_PAGE], older)


@blueprint.get("/file")
@needs(Permission.AUDIT_READ, fresh=True)
def save() -> ResponseReturnValue:
    """Give what is filtered as CSV; the export stands in the history before its first byte goes out."""
    form = _form()
    if not form.validate():
        return _page(form, []), 422
    found = audit.find(form.wanted, this_deed().timezone, limit=audit.MOST_ROWS)
    with transaction():
        record_access("export", "history", rows=len(found))
    return _csv("history", audit.to_csv(found))


@blueprint.post("/patient")
@needs(Permission.AUDIT_READ)
def find_patient() -> ResponseReturnValue:
    """Find a patient by record number, which does not stand in an address."""
    number = request.form.get("mrn", "").strip()
    with transaction():
        record_access("search", "patient_list")
    key = db.session.scalar(select(Patient.id).where(Patient.mrn == number))
    if key is None:
        return _page(_form(), [], fault=NO_PATIENT), 422
    return redirect(url_for(".disclosures", patient_id=key))


@blueprint.get("/patients/<int:patient_id>")
@needs(Permission.AUDIT_READ)
def disclosures(patient_id: int) -> ResponseReturnValue:
    """Show what of one patient's record went out, and to whom."""
    patient = seen(Patient, patient_id, page="disclosures")
    return render_template("audit/disclosures.html", patient=patient, found=audit.disclosures(patient_id))


@blueprint.get("/patients/<int:patient_id>/file")
@needs(Permission.AUDIT_READ, fresh=True)
def save_disclosures(patient_id: int) -> ResponseReturnValue:
    """Give the accounting as CSV, for the patient who asked for it."""
    patient = db.get_or_404(Patient, patient_id)
    found = audit.disclosures(patient.id)
    with transaction():
        record_access("export", patient, page="disclosures", rows=len(found))
    return _csv(f"disclosures-{patient_id}", audit.disclosures_to_csv(found))


def _form() -> FilterForm:
    form = FilterForm(formdata=request.args)
    form.fill()
    return form


def _page(form: FilterForm, found: list[Any], older: int | None = None, fault: str | None = None) -> str:
    """Render the list; addresses of further pages and of the file keep the filters."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if value and name != "before"}
    shown = {"older": url_for(".index", **kept, before=older) if older else None, "file": url_for(".save", **kept)}
    return render_template("audit/index.html", form=form, found=found, fault=fault, **shown)


def _csv(name: str, text: str) -> Response:
    disposition = f"attachment; filename={name}-{now():%Y-%m-%d}.csv"
    return Response(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
