"""Visits: booked where every check passes, moved, called off, recorded and billed."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Claim, Injection, TreatmentCase, Vial, Visit
from ..services import benefits, claim_view, comparing, history, predenial, sessions, visits
from ..services.deeds import Refused
from . import visit_forms as forms
from .addresses import page_of
from .asking import ask
from .filters import day
from .records import seen
from .security import needs, this_deed

blueprint = Blueprint("visits", __name__, url_prefix="/visits")


@blueprint.get("/<int:visit_id>")
@needs(Permission.CLAIM_READ)
def show(visit_id: int) -> ResponseReturnValue:
    """Show whether a visit will be paid, and what was done."""
    visit, deed = seen(Visit, visit_id), this_deed()
    return render_template(
        "visits/show.html",
        visit=visit,
        checks=predenial.check(visit, deed) if visit.state == "scheduled" else [],
        compared=comparing.of_visit(visit, deed),
        rechecks=benefits.due_for(visit),
        labels={row.code: claim_view.label(row.code, deed.book) for row in visit.services},
        proposed=_proposed(visit),
        is_today=visit.on == deed.today,
        events=[event for event in history.of(visit) if event.action != "view"],
    )


def _proposed(visit: Visit) -> list[sessions.Proposed]:
    """Return the claim lines, or none while the vials are not accounted for."""
    try:
        return sessions.lines(visit, this_deed()) if visit.state == "performed" and not visit.claim else []
    except Refused:
        return []


@blueprint.route("/new/<int:case_id>", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def new(case_id: int) -> ResponseReturnValue:
    """Book a visit, or say what it would be denied for."""
    case, form, made = seen(TreatmentCase, case_id), forms.VisitForm(), list[Visit]()
    form.offers_of(case)
    if not form.is_submitted():
        form.starts_from(case)
    answer = ask(
        form,
        None,
        _watched(form, lambda reasons: made.append(_book(case, form, reasons))),
        title="Book a visit",
        sub=f"{case.patient.name} · {case.diagnosis}, {case.side}",
        button="Book the visit",
        crumbs=[(case.patient.name, page_of(case.patient))],
        done="The visit is booked; every check passed or was let pass with a reason.",
        to=lambda: page_of(made[0]),
        template="visits/book.html",
    )
    _note_stopped(case, form)
    return answer


def _book(case: TreatmentCase, form: forms.VisitForm, reasons: dict[str, str]) -> Visit:
    told: dict[str, Any] = form.booked()
    return visits.schedule(case, on=form.on.data, deed=this_deed(), reasons=reasons, **told)  # type: ignore[arg-type]


def _watched(form: forms.DayForm, deed: Callable[[dict[str, str]], Any]) -> Callable[[], None]:
    """Do a deed with the reasons that were typed, and keep what stopped it beside its field for a reason."""

    def run() -> None:
        words = {name.removeprefix("reason_"): told.strip() for name, told in request.form.items() if "reason_" in name}
        try:
            deed({rule: told for rule, told in words.items() if told})
        except predenial.Stopped as stopped:
            form.found = stopped.findings
            raise

    return run


def _note_stopped(case: TreatmentCase, form: forms.DayForm) -> None:
    """Tell the patient's history which denials were stopped."""
    if form.found and form.on.data:
        with transaction():
            visits.note_stopped(case, form.on.data, predenial.Stopped(form.found), this_deed())


@blueprint.route("/<int:visit_id>/move", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def move(visit_id: int) -> ResponseReturnValue:
    """Move a visit; every check runs again."""
    visit, form = seen(Visit, visit_id), forms.MoveForm()
    case = visit.case
    form.offer_parties()
    if not form.is_submitted():
        form.starts_from(visit)
    answer = ask(
        form,
        visit,
        _watched(form, lambda why: visits.move(visit, this_deed(), on=form.on.data, reasons=why, **form.parties())),
        title="Move the visit",
        sub=f"{case.patient.name} · {case.diagnosis}, {case.side}",
        button="Move the visit",
        crumbs=[(visit.reference, page_of(visit))],
        done="The visit is moved; every check ran again.",
        template="visits/book.html",
    )
    _note_stopped(case, form)
    return answer


@blueprint.route("/<int:visit_id>/cancel", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def cancel(visit_id: int) -> ResponseReturnValue:
    """Call a visit off; its units are free again."""
    visit, form = seen(Visit, visit_id), forms.CancelForm()
    return ask(
        form,
        visit,
        lambda: visits.cancel(visit, form.reason.data or "", this_deed()),
        title="Call the visit off",
        sub=f"{visit.case.patient.name} · {day(visit.on)}",
        button="Call it off",
        crumbs=[(visit.reference, page_of(visit))],
        done="The visit is called off. Its units are free again.",
    )


@blueprint.route("/<int:visit_id>/perform", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def perform(visit_id: int) -> ResponseReturnValue:
    """Record what was injected where."""
    visit, form = seen(Visit, visit_id), forms.PerformForm()
    form.offers_of(visit)
    page: dict[str, Any] = {"title": "Record the injection", "crumbs": [(visit.reference, page_of(visit))]}
    page |= {"template": "visits/perform.html", "button": "Record the injection", "visit": visit}
    if not form.is_submitted():
        form.starts_from(visit)
    elif form.asked_for_more():
        return render_template(page["template"], form=form, **page)
    done = "The injection is recorded. Discard what is left in the vials, then bill."
    return ask(form, visit, lambda: _perform(visit, form), done=done, **page)


def _perform(visit: Visit, form: forms.PerformForm) -> None:
    opened = [db.get_or_404(Vial, key) for key in form.vials.data or []]
    names = ("scale", "scale_before", "dilution", "guidance")
    told: dict[str, Any] = {name: form[name].data or None for name in names}
    sessions.perform(visit, form.sites(), opened, this_deed(), **told)


@blueprint.post("/<int:visit_id>/given")
@needs(Permission.PATIENT_WRITE)
def given(visit_id: int) -> ResponseReturnValue:
    """Record a visit without injection as given."""
    visit = db.get_or_404(Visit, visit_id)
    try:
        with transaction():
            sessions.perform_other(visit, this_deed())
        flash("The service is recorded as given.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(page_of(visit))


@blueprint.route("/injections/<int:injection_id>/response", methods=["GET", "POST"])
@needs(Permission.PATIENT_WRITE)
def respond(injection_id: int) -> ResponseReturnValue:
    """Note how a session worked: what a continuation request stands on."""
    injection, form = seen(Injection, injection_id), forms.ResponseForm()
    patient = injection.case.patient
    if not form.is_submitted():
        form.starts_from(injection)
    return ask(
        form,
        None,
        lambda: sessions.respond(injection, this_deed(), **form.told),
        title=f"Response to the injection of {injection.on:%b} {injection.on.day}, {injection.on.year}",
        sub="A higher score is worse. Payers continue on recorded benefit alone.",
        button="Save the response",
        crumbs=[(patient.name, page_of(patient))],
        done="The response is on record.",
    )


@blueprint.route("/<int:visit_id>/bill", methods=["GET", "POST"])
@needs(Permission.CLAIM_WRITE)
def bill(visit_id: int) -> ResponseReturnValue:
    """Make the claim of a visit out of its record, JW and JZ by the rule."""
    visit = seen(Visit, visit_id)
    try:
        lines = sessions.lines(visit, this_deed())
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
        return redirect(page_of(visit))
    codes, made = list(dict.fromkeys(line.code for line in lines)), list[Claim]()
    form = forms.bill_form(codes)()
    page: dict[str, Any] = {"crumbs": [(visit.reference, page_of(visit))], "template": "visits/bill.html"}
    page |= {
        "title": "Bill the visit",
        "sub": "The lines follow from the record of the visit; enter number and prices.",
        "button": "Make the claim",
        "lines": lines,
        "done": "The claim is ready to send.",
    }
    return ask(form, visit, lambda: made.append(_bill(visit, codes, form)), to=lambda: page_of(made[0]), **page)


def _bill(visit: Visit, codes: list[str], form: Any) -> Claim:
    prices = {code: form[f"price_{place}"].data for place, code in enumerate(codes)}
    return sessions.bill(visit, form.number.data, prices, this_deed())
