"""Peer-to-peer calls: the slot, the page to hold in hand, and how the call ended."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import DateTimeLocalField, SelectField, TextAreaField

from ..clock import here
from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Authorization, Denial, PeerToPeer, Provider
from ..services import peer_calls
from ..services.deeds import Refused
from .addresses import name_of, page_of
from .asking import ask
from .claim_forms import CHOSEN
from .forms import LineField, optional, required
from .line_forms import choose
from .records import RecordForm, seen
from .security import needs, record_access, this_deed

blueprint = Blueprint("peer_calls", __name__, url_prefix="/calls")
KINDS: dict[str, type[Any]] = {"authorization": Authorization, "denial": Denial}
ENDS = {
    "": "Choose…",
    "overturned": "They approve it",
    "partly": "They approve a part",
    "upheld": "They keep their decision",
    "not_held": "The call did not take place",
}


class SlotForm(RecordForm):
    """When the call is, and who speaks."""

    slot = DateTimeLocalField(
        "Day and time",
        [required("Enter day and time, as 2026-12-01 14:30.")],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    provider = SelectField("Our physician", CHOSEN, coerce=int)
    phone = LineField("Number to call", [optional()])
    reference = LineField("Reference number", [optional()])
    payer_physician = LineField("Payer's physician", [optional()])
    payer_specialty = LineField("Their specialty", [optional()], description="Ask for one of the same specialty.")


class OutcomeForm(RecordForm):
    """How the call ended."""

    outcome = SelectField("How it ended", [required("Choose how the call ended.")], choices=ENDS)
    words = TextAreaField(
        "What they said",
        [required("Enter what the payer's physician said, with name and reference.")],
        description="Word for word, with name and reference number.",
        render_kw={"rows": 4},
    )


@blueprint.route("/new/<kind>/<int:key>", methods=["GET", "POST"])
@needs(Permission.AUTHORIZATION_WRITE)
def arrange(kind: str, key: int) -> ResponseReturnValue:
    """Note the slot of a call about a request or a denial."""
    about, form = seen(KINDS[kind] if kind in KINDS else abort(404), key), SlotForm()
    choose(form.provider, list(db.session.scalars(select(Provider).order_by(Provider.name))), lambda p: p.name)
    if not form.is_submitted():
        subject = about.subject if isinstance(about, Denial) else about
        form.provider.data = subject.provider_id
    return ask(
        form,
        None,
        lambda: _arrange(about, form),
        title="Arrange a peer-to-peer call",
        button="Note the call",
        sub=_whose(about),
        crumbs=[(name_of(about), page_of(about))],
        done="The call is noted. Print the brief before it.",
    )


def _whose(about: Authorization | Denial) -> str:
    subject = about.subject if isinstance(about, Denial) else about
    return f"{subject.case.patient.name} · {subject.coverage.plan.payer.name}"


def _arrange(about: Authorization | Denial, form: SlotForm) -> PeerToPeer:
    names = ("phone", "reference", "payer_physician", "payer_specialty")
    told: dict[str, Any] = {name: form[name].data or None for name in names}
    assert form.slot.data is not None  # noqa: S101 (the field is required)
    slot, provider = form.slot.data.replace(tzinfo=here()), db.get_or_404(Provider, form.provider.data)
    return peer_calls.arrange(about, slot, provider, this_deed(), **told)


@blueprint.route("/<int:call_id>/finish", methods=["GET", "POST"])
@needs(Permission.AUTHORIZATION_WRITE)
def finish(call_id: int) -> ResponseReturnValue:
    """Note how a call ended."""
    call, form = seen(PeerToPeer, call_id), OutcomeForm()
    about = _about(call)
    return ask(
        form,
        None,
        lambda: peer_calls.finish(call, form.outcome.data, form.words.data or "", this_deed()),
        title="How the call ended",
        button="Note the outcome",
        sub=_whose(about),
        crumbs=[(name_of(about), page_of(about))],
        done="The outcome is on record.",
    )


@blueprint.post("/<int:call_id>/brief")
@needs(Permission.AUTHORIZATION_WRITE)
def brief(call_id: int) -> ResponseReturnValue:
    """Print the page that our physician holds during the call; it stands among the documents."""
    call = db.get_or_404(PeerToPeer, call_id)
    return filed(lambda: peer_calls.brief(call, this_deed()), call, page_of(_about(call)))


def filed(deed: Callable[[], Any], record: Any, back: str) -> ResponseReturnValue:
    """Print a paper, file it among the documents, and go back."""
    try:
        with transaction():
            paper = deed()
            record_access("print", record, document=paper.id)
        flash(f"Filed among the documents: {paper.title}.", "success")
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(f"{back}#documents")


def _about(call: PeerToPeer) -> Authorization | Denial:
    return call.authorization or call.denial or abort(404)
