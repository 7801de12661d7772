"""Approvals: the list, the page of one request, and asking for a new one."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField, SelectField

from ..db import db, transaction
from ..domain.lifecycle import AuthorizationState
from ..domain.next_actions import RENEW, asked_on
from ..domain.permissions import Permission
from ..models import Authorization, Claim, Coverage, Facility, Provider, TreatmentCase
from ..services import (
    authorizations,
    claim_view,
    documents,
    history,
    ledger,
    notes,
    peer_calls,
    registers,
    stages,
    visits,
)
from ..services.authorizations import Requested
from ..services.grants import is_granted
from .addresses import page_of
from .claim_forms import CHOSEN, coverage_words, facility_words
from .forms import LineField, optional
from .line_forms import CodeLine, LinesForm, choose, coverages_of, lines_of
from .listing import PAGE, read_wanted, shown_filters
from .records import attempt, seen
from .security import needs, record_access, this_deed
from .steps import offers

blueprint = Blueprint("authorizations", __name__, url_prefix="/approvals")


class AuthorizationForm(LinesForm):
    """A request for approval with its parties and lines."""

    coverage = SelectField("Ask", CHOSEN, coerce=int)
    provider = SelectField("Provider", CHOSEN, coerce=int)
    facility = SelectField("Place", CHOSEN, coerce=int)
    urgent = BooleanField("Urgent: waiting could harm the patient")
    urgent_reason = LineField("Why it is urgent", [optional()], description="The clinician's reason, in a sentence.")
    lines = lines_of(CodeLine, 1)

    def offers_of(self, case: TreatmentCase) -> None:
        """Fill the choices from what is on file for the patient."""
        choose(self.coverage, coverages_of(case), coverage_words)
        choose(self.provider, list(db.session.scalars(select(Provider).order_by(Provider.name))), lambda p: p.name)
        choose(self.facility, list(db.session.scalars(select(Facility).order_by(Facility.name))), facility_words)

    def starts_from(self, case: TreatmentCase) -> None:
        """Take over the case's provider, and the lines that a visit of the case would bill."""
        self.provider.data = case.provider_id
        self.lines[0].form.diagnosis.data = case.diagnosis
        for place, row in enumerate(visits.propose(case, this_deed().book.codes)):
            line = (self.lines[0] if place == 0 else self.lines.append_entry()).form
            line.code.data, line.modifiers.data = row.code, row.modifier
            line.diagnosis.data, line.units.data = row.diagnosis, row.units

    def validate(self, *args: object, **options: object) -> bool:
        """Ask for the reason of an urgent request."""
        sound = super().validate(*args, **options)
        if self.urgent.data and not self.urgent_reason.data:
            self.urgent_reason.errors = ["Say why it is urgent."]
            return False
        return sound

    def requested(self) -> Iterator[Requested]:
        """Return the lines that hold something."""
        for line in self.used():
            yield Requested(**line.tidy(), modifier=next(iter(line.codes), None))


@blueprint.get("")
@needs(Permission.CLAIM_READ)
def index() -> ResponseReturnValue:
    """List requests for approval, newest first."""
    with transaction():
        record_access("view", "authorization_list")
    wanted, before = read_wanted(AuthorizationState), request.args.get("before", type=int)
    found = registers.authorizations(wanted, before=before, limit=PAGE + 1)
    return render_template(
        "authorizations/index.html",
        approvals=found[:PAGE],
        filters=shown_filters("authorizations.index", wanted, AuthorizationState),
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        paged=before is not None,
    )


@blueprint.get("/<int:authorization_id>")
@needs(Permission.CLAIM_READ)
def show(authorization_id: int) -> ResponseReturnValue:
    """Show where a request stands and why."""
    approval, deed = seen(Authorization, authorization_id), this_deed()
    denials = stages.denials_of(approval)
    act = claim_view.next_item(approval, denials)
    return render_template(
        "authorizations/show.html",
        approval=approval,
        **_page(approval),
        stages=stages.stages(approval, denials),
        offers=offers(approval),
        next=act,
        renews=act is not None and act.next_action == RENEW,
        renewal=asked_on(RENEW, approval.valid_to, deed.today),
        clocks=claim_view.clocks(approval, denials),
        claims=list(db.session.scalars(select(Claim).where(Claim.authorization_id == approval.id).order_by(Claim.id))),
        denials=denials,
        categories=deed.book.denial_codes.categories,
        documents=documents.of_case(approval.case),
        document_kinds=documents.KINDS,
        promises=notes.open_promises(approval),
        events=[event for event in history.of(approval) if event.action != "view"],
    )


def _page(approval: Authorization) -> dict[str, Any]:
    """What became of the units, what the payer is late with, and the calls about it."""
    deed = this_deed()
    others = [page for page in ledger.of_case(approval.case, deed) if page.authorization.id != approval.id]
    codes = {line.code for each in (approval, *(page.authorization for page in others)) for line in each.lines}
    return {
        "granted": is_granted(approval),
        "shown": ledger.page(approval, deed),
        "others": others,
        "labels": {code: claim_view.label(code, deed.book) for code in codes},
        "silence": authorizations.silence(approval, deed),
        "calls": peer_calls.of(approval),
    }


@blueprint.route("/new/<int:case_id>", methods=["GET", "POST"])
@needs(Permission.AUTHORIZATION_WRITE)
def new(case_id: int) -> ResponseReturnValue:
    """Prepare a request for a treatment case."""
    case, form = seen(TreatmentCase, case_id), AuthorizationForm()
    form.offers_of(case)
    if not form.is_submitted():
        form.starts_from(case)
        return render_template("authorizations/new.html", form=form, case=case)
    if form.asked_for_more():
        return render_template("authorizations/new.html", form=form, case=case)
    made: list[Authorization] = []
    if code := attempt(form, None, lambda: made.append(_plan(case, form))):
        return render_template("authorizations/new.html", form=form, case=case), code
    flash("The request is prepared. Send it, then mark it as submitted.", "success")
    return redirect(page_of(made[0]))


def _plan(case: TreatmentCase, form: AuthorizationForm) -> Authorization:
    return authorizations.plan(
        case,
        db.get_or_404(Coverage, form.coverage.data),
        db.get_or_404(Provider, form.provider.data),
        db.session.get(Facility, form.facility.data),
        form.requested(),
        this_deed(),
        urgent=form.urgent.data,
        urgent_reason=form.urgent_reason.data or None,
    )
