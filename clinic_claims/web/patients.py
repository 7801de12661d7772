"""Patients: find one, see one, enter one, and add to the chart. A name never stands in an address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Document, Patient, Plan, Provider, TreatmentCase
from ..services import documents, history, notes, patients, registers
from ..services.chart import Chart, chart
from . import patient_forms as forms
from . import treatment_view
from .addresses import page_of
from .listing import PAGE
from .records import attempt, seen
from .security import needs, record_access, this_deed

blueprint = Blueprint("patients", __name__, url_prefix="/patients")


@dataclass(frozen=True)
class Addition:
    """Something that can be added to a patient or a case: its form, its deed, its words."""

    title: str
    form: type[forms.ToldForm]
    deed: Callable[..., Any]
    records: tuple[tuple[str, type[Any]], ...] = ()  # choices that the deed wants as records


TO_PATIENT = {
    "coverage": Addition(
        "Add coverage",
        forms.CoverageForm,
        lambda patient, deed, plan, member_id, **more: patients.add_coverage(patient, plan, member_id, deed, **more),
        (("plan", Plan),),
    ),
    "case": Addition(
        "Open a treatment case",
        forms.CaseForm,
        lambda patient, deed, provider, **more: patients.open_case(patient, provider, deed, **more),
        (("provider", Provider),),
    ),
}
TO_CASE = {
    "treatment": Addition("Add an earlier treatment", forms.TriedForm, patients.add_prior_treatment),
    "finding": Addition("Add a finding", forms.FindingForm, patients.add_finding),
    "injection": Addition("Add an injection", forms.InjectionForm, patients.add_injection),
    "criterion": Addition("Add a criterion of the payer's policy", forms.CriterionForm, patients.add_criterion),
}


@blueprint.get("")
@needs(Permission.CLAIM_READ)
def index() -> ResponseReturnValue:
    """List patients by name."""
    with transaction():
        record_access("view", "patient_list")
    after = request.args.get("after", type=int)
    found = registers.patients(after=after, limit=PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template("patients/index.html", patients=found[:PAGE], more=more, paged=after is not None, words=None)


@blueprint.post("/find")
@needs(Permission.CLAIM_READ)
def find() -> ResponseReturnValue:
    """Find by number or by the start of a name; what was typed is neither kept nor put in an address."""
    words = request.form.get("words", "")
    with transaction():
        record_access("search", "patient_list")
    found = registers.find(words)  # only now: a commit makes what was read before it be read anew, row by row
    if found.record is not None:
        return redirect(page_of(found.record))
    if len(found.patients) == 1:
        return redirect(page_of(found.patients[0]))
    return render_template("patients/index.html", patients=found.patients, more=None, paged=False, words=words.strip())


@blueprint.get("/<int:patient_id>")
@needs(Permission.CLAIM_READ)
def show(patient_id: int) -> ResponseReturnValue:
    """Show coverage, cases, approvals, claims, money and documents of a patient."""
    patient, deed = seen(Patient, patient_id), this_deed()
    found: Chart = chart(patient)
    papers = select(Document).where(
        or_(Document.patient_id == patient.id, Document.case_id.in_([case.id for case in found.cases]))
    )
    return render_template(
        "patients/show.html",
        patient=patient,
        chart=found,
        at=registers.stages(found.claims),
        documents=list(db.session.scalars(papers.order_by(Document.id))),
        document_kinds=documents.KINDS,
        promises=notes.open_promises(patient),
        events=[event for event in history.of(patient) if event.action != "view"],
        products=deed.book.codes.products,
        around={case.id: treatment_view.around(case, deed) for case in found.cases},
        checked=treatment_view.checked(found.coverages),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def new() -> ResponseReturnValue:
    """Enter a patient."""
    form = forms.PatientForm()
    page = {
        "title": "Enter a patient",
        "button": "Enter the patient",
        "crumbs": [("Patients", url_for("patients.index"))],
    }
    if not form.is_submitted():
        return render_template("components/form_page.html", form=form, **page)
    made: list[Patient] = []
    if code := attempt(form, None, lambda: made.append(patients.enter(this_deed(), **form.told))):
        return render_template("components/form_page.html", form=form, **page), code
    flash("The patient is on record. Add the coverage next.", "success")
    return redirect(page_of(made[0]))


@blueprint.route("/<int:patient_id>/add/<what>", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def add(patient_id: int, what: str) -> ResponseReturnValue:
    """Add coverage or a treatment case to a patient."""
    return _add(seen(Patient, patient_id), TO_PATIENT.get(what))


@blueprint.route("/cases/<int:case_id>/add/<what>", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def add_to_case(case_id: int, what: str) -> ResponseReturnValue:
    """Add an earlier treatment, a finding, an injection or a criterion to a case."""
    return _add(seen(TreatmentCase, case_id), TO_CASE.get(what))


def _add(record: Patient | TreatmentCase, addition: Addition | None) -> ResponseReturnValue:
    if addition is None:
        abort(404)
    patient, form = record if isinstance(record, Patient) else record.patient, addition.form()
    form.fill(record)
    page = {"title": addition.title, "button": "Save", "crumbs": [(patient.name, page_of(patient))], "form": form}
    if not form.is_submitted():
        return render_template("components/form_page.html", **page)
    if code := attempt(form, None, lambda: addition.deed(record, deed=this_deed(), **_given(form, addition))):
        return render_template("components/form_page.html", **page), code
    flash("Saved.", "success")
    return redirect(page_of(patient))


def _given(form: forms.ToldForm, addition: Addition) -> dict[str, Any]:
    told = form.told
    return told | {name: db.session.get(kind, told[name]) for name, kind in addition.records}
