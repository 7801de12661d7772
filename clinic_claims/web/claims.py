"""Claims: the list, the page of one (where does it stand, and why?), and entering a new one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..db import db, transaction
from ..domain.lifecycle import ClaimState
from ..domain.permissions import Permission
from ..models import Authorization, Claim, TreatmentCase
from ..services import (
    claim_view,
    claims,
    comparing,
    documents,
    history,
    import_runs,
    notes,
    predenial,
    registers,
    stages,
)
from ..services.readiness import open_balance
from .addresses import page_of
from .claim_forms import AgreementForm, ClaimForm, LinkForm
from .listing import PAGE, read_wanted, shown_filters
from .records import attempt, seen
from .security import needs, record_access, this_deed
from .steps import offers

blueprint = Blueprint("claims", __name__, url_prefix="/claims")
UNSENT = (ClaimState.SERVICE_GIVEN, ClaimState.READY_TO_BILL)


@blueprint.get("")
@needs(Permission.CLAIM_READ)
def index() -> ResponseReturnValue:
    """List claims, newest first."""
    with transaction():
        record_access("view", "claim_list")
    wanted, before = read_wanted(ClaimState), request.args.get("before", type=int)
    found = registers.claims(wanted, before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    return render_template(
        "claims/index.html",
        claims=shown,
        at=registers.stages(shown),
        balance=open_balance,
        filters=shown_filters("claims.index", wanted, ClaimState),
        more=shown[-1].id if len(found) > PAGE else None,
        paged=before is not None,
    )


@blueprint.post("/find")
@needs(Permission.CLAIM_READ)
def find() -> ResponseReturnValue:
    """Open the claim of exactly this number; a number never stands in an address."""
    number = request.form.get("number", "").strip()
    record = registers.find(number).record if number else None
    if isinstance(record, Claim):
        return redirect(page_of(record))
    flash(
        "No claim has exactly this number. Look for the patient's name instead." if number else "Enter a number.",
        "info",
    )
    return redirect(url_for("claims.index"))


@blueprint.get("/<int:claim_id>")
@needs(Permission.CLAIM_READ)
def show(claim_id: int) -> ResponseReturnValue:
    """Show where a claim stands and why."""
    claim, deed = seen(Claim, claim_id, claim_view.load), this_deed()
    payments, denials, visit = claim_view.payments_of(claim), stages.denials_of(claim), comparing.visit_of(claim)
    return render_template(
        "claims/show.html",
        claim=claim,
        balance=open_balance(claim),
        stages=stages.stages(claim, denials),
        takeback=stages.taken_back(claim, payments),
        offers=offers(claim),
        next=claim_view.next_item(claim, denials),
        clocks=claim_view.clocks(claim, denials),
        lines=claim_view.lines(claim, payments, deed.book),
        whole=claim_view.of_whole_claim(payments, deed.book),
        payments=payments,
        provider_money=claim_view.provider_money(claim, deed),
        denials=denials,
        visit=visit,
        compared=comparing.of_billed(claim, visit, deed),
        checks=predenial.check(claim, deed) if claim.state in UNSENT else [],
        categories=deed.book.denial_codes.categories,
        documents=documents.of_case(claim.case),
        document_kinds=documents.KINDS,
        events=history.around(claim, denials),
        promises=notes.open_promises(claim),
        told=import_runs.told_of(claim),
    )


@blueprint.route("/new/<int:case_id>", methods=["GET", "POST"])
@needs(Permission.CLAIM_WRITE)
def new(case_id: int) -> ResponseReturnValue:
    """Enter a claim for a treatment case."""
    case, form = seen(TreatmentCase, case_id), ClaimForm()
    form.offers_of(case)
    if not form.is_submitted():
        form.starts_from(case)
        return render_template("claims/new.html", form=form, case=case)
    if form.asked_for_more():
        return render_template("claims/new.html", form=form, case=case)
    made: list[Claim] = []
    if code := attempt(form, None, lambda: made.append(_enter(case, form))):
        return render_template("claims/new.html", form=form, case=case), code
    flash("The claim is on record.", "success")
    return redirect(page_of(made[0]))


def _enter(case: TreatmentCase, form: ClaimForm) -> Claim:
    given: dict[str, Any] = form.parties(case)
    return claims.enter(form.number.data or "", case, lines=form.billed(), deed=this_deed(), **given)


@blueprint.route("/<int:claim_id>/authorization", methods=["GET", "POST"])
@needs(Permission.CLAIM_WRITE)
def link(claim_id: int) -> ResponseReturnValue:
    """Say which approval covers the claim."""
    claim = seen(Claim, claim_id)
    form = LinkForm()
    form.offers_of(claim)
    if not form.is_submitted():
        form.shows(claim)
        return _asked(claim, form, "Link an approval", "Link")
    deed = this_deed()
    if code := attempt(form, claim, lambda: claims.link_authorization(claim, _approval(form), deed)):
        return _asked(claim, form, "Link an approval", "Link"), code
    return redirect(page_of(claim))


def _approval(form: LinkForm) -> Authorization:
    return db.get_or_404(Authorization, form.authorization.data)


@blueprint.route("/<int:claim_id>/agreement", methods=["GET", "POST"])
@needs(Permission.CLAIM_WRITE)
def agree(claim_id: int) -> ResponseReturnValue:
    """Note that the patient agreed in writing to pay."""
    claim, form = seen(Claim, claim_id), AgreementForm()
    if not form.is_submitted():
        form.shows(claim)
        return _asked(claim, form, "Patient agreed to pay", "Note the agreement")
    if code := attempt(
        form, claim, lambda: claims.agree_self_pay(claim, this_deed(), document=form.document.data or "")
    ):
        return _asked(claim, form, "Patient agreed to pay", "Note the agreement"), code
    return redirect(page_of(claim))


def _asked(claim: Claim, form: Any, title: str, button: str) -> str:
    crumbs = [(claim.number, page_of(claim))]
    sub = f"{claim.case.patient.name} · {claim.coverage.plan.payer.name}"
    return render_template("components/form_page.html", form=form, title=title, sub=sub, crumbs=crumbs, button=button)
