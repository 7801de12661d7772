"""The appeal's page: its level, its letter's versions, the proof that it left, and the decision."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from ..db import db
from ..domain.lifecycle import AppealState
from ..domain.permissions import Permission
from ..domain.quality_gate import Check
from ..models import Appeal
from ..services import appeals, departures, history, ladders, stages
from .addresses import page_of
from .denial_forms import DAY
from .forms import DateField, optional, required
from .patient_forms import ToldForm
from .records import attempt, seen
from .security import needs, this_deed
from .steps import Offers, offers

OWN_PAGES = {"send_for_review", "sign", "file"}  # the pages of letter, signature and delivery take these

blueprint = Blueprint("appeals", __name__, url_prefix="/appeals")


class DecisionForm(ToldForm):
    """What the payer's decision says, to be corrected."""

    decided_on = DateField("Date on the decision", [required(DateField.MESSAGE)], render_kw=DAY)
    decision_received_on = DateField("Received on", [optional()], render_kw=DAY, description="The day you can prove.")
    decision_deadline = DateField("Last day to go on, as printed", [optional()], render_kw=DAY)
    decision_words = TextAreaField("Payer's words", [optional()], render_kw={"rows": 4})


@blueprint.get("/<int:appeal_id>")
@needs(Permission.CLAIM_READ)
def show(appeal_id: int) -> ResponseReturnValue:
    """Show one level of appeal."""
    appeal = seen(Appeal, appeal_id)
    form = DecisionForm(obj=appeal, formdata=None)
    form.shows(appeal)
    return _page(appeal, form)


@blueprint.post("/<int:appeal_id>/decision")
@needs(Permission.APPEAL_FILE)
def correct_decision(appeal_id: int) -> ResponseReturnValue:
    """Correct what the decision says; the clocks of what follows count anew from it."""
    appeal, form = db.get_or_404(Appeal, appeal_id), DecisionForm()
    if code := attempt(form, appeal, lambda: appeals.correct_decision(appeal, this_deed(), **form.told)):
        return _page(appeal, form), code
    flash("The decision is corrected, and the clock counts from it.", "success")
    return redirect(page_of(appeal))


def _page(appeal: Appeal, form: DecisionForm) -> str:
    denial, letter = appeal.denial, appeal.letters[-1] if appeal.letters else None
    events = [*history.of(appeal), *(event for made in appeal.letters for event in history.of(made))]
    shown: dict[str, Any] = {
        "appeal": appeal,
        "form": form,
        "denial": denial,
        "about": denial.subject,
        "letter": letter,
        "checks": _checks(appeal),
        "place_of": None,
        "stages": stages.stages(denial.subject),
        "clocks": ladders.running(appeal) or ladders.running(denial, "appeal"),
        "offers": _beside_own_pages(offers(appeal)),
        "events": sorted((e for e in events if e.action != "view"), key=lambda event: -event.id),
    }
    return render_template("appeals/show.html", **shown)


def _checks(appeal: Appeal) -> tuple[Check, ...]:
    """Return the quality gate of a letter that waits to be signed or sent; while it is written it stands beside it."""
    if appeal.state not in (AppealState.IN_REVIEW, AppealState.READY):
        return ()
    return departures.checks(appeal, this_deed())


def _beside_own_pages(found: Offers) -> Offers:
    """Leave out the steps that the letter's page and the physician's page take."""
    rest = [offer for offer in found.open if offer.action not in OWN_PAGES]
    return Offers(open=rest, blocked=[], version=found.version, seen=found.seen)
