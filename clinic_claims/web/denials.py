"""The denial's page: how do we win this? What they said, by when we act, what we can do; and the form to log one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Authorization, Claim, Denial
from ..services import appeals, authorizations, denials
from ..services.deeds import Deed, Refused
from .addresses import page_of
from .denial_forms import NewDenialForm, NoticeForm
from .denial_page import shown, unfinished
from .records import attempt, seen
from .security import needs, this_deed

blueprint = Blueprint("denials", __name__, url_prefix="/denials")


@blueprint.get("/<int:denial_id>")
@needs(Permission.CLAIM_READ)
def show(denial_id: int) -> ResponseReturnValue:
    """Show a denial with its clocks, its words and the ways to answer it."""
    denial = seen(Denial, denial_id)
    form = NoticeForm(obj=denial, formdata=None)
    form.shows(denial)
    return _page(denial, form)


@blueprint.post("/<int:denial_id>/notice")
@needs(Permission.DENIAL_WRITE)
def note_notice(denial_id: int) -> ResponseReturnValue:
    """Note what the payer's notice says; the appeal clock counts anew from it."""
    denial, form = db.get_or_404(Denial, denial_id), NoticeForm()
    if code := attempt(form, denial, lambda: denials.note_notice(denial, this_deed(), **form.told)):
        return _page(denial, form), code
    flash("The notice is on record, and the clock counts from it.", "success")
    return redirect(page_of(denial))


@blueprint.post("/<int:denial_id>/appeal")
@needs(Permission.DENIAL_WRITE)
def start_appeal(denial_id: int) -> ResponseReturnValue:
    """Start the next level of appeal and open its letter; a second press opens the one under way."""
    denial = db.get_or_404(Denial, denial_id)
    under_way = unfinished(denial)
    if under_way is None:
        with transaction():
            under_way = appeals.start(denial, this_deed())
    return redirect(url_for("letters.show", appeal_id=under_way.id))


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.DENIAL_WRITE)
def new() -> ResponseReturnValue:
    """Log a denial that came by letter, portal or telephone."""
    form, code = NewDenialForm(about=request.args.get("about", "")), 200
    if form.is_submitted():
        logged: list[Denial] = []
        code = attempt(form, None, lambda: logged.append(_log(form, this_deed())))
        if logged and not code:
            flash("The denial is on record, and its clock runs.", "success")
            return redirect(page_of(logged[0]))
    return render_template("denials/new.html", form=form), code or 200


def _log(form: NewDenialForm, deed: Deed) -> Denial:
    """Open the denial of a claim; a request for approval takes its own step and opens one. Raises Refused."""
    number = form.about.data or ""
    if claim := db.session.scalar(select(Claim).where(Claim.number == number)):
        return denials.log(claim, deed, **form.codes, **form.told)
    request_ = db.session.scalar(select(Authorization).where(Authorization.number == number))
    request_ = request_ or db.session.get(Authorization, _own_number(number))
    if request_ is None:
        raise Refused(f"No claim or authorization has the number “{number}”. Look it up, or enter the claim first.")
    words = {"decided_on": form.denied_on.data, "decision_reason": form.reason_quoted.data}
    denial = authorizations.move(request_, "deny", deed, **words)
    if denial is None:
        raise Refused("The request was not denied.")
    denials.note_notice(denial, deed, **form.told)
    return denial


def _own_number(reference: str) -> int:
    """Read AUTH-00012; 0 for anything else."""
    prefix, _, number = reference.upper().partition("-")
    return int(number) if prefix == "AUTH" and number.isdecimal() else 0


def _page(denial: Denial, form: NoticeForm) -> str:
    return render_template("denials/show.html", form=form, **shown(denial, this_deed()))
