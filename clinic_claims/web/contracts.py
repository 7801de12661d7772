"""What contracts with payers say about time: a payer's terms with their history, entered and ended by hand."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import ContractTerm, Payer, Plan
from ..services import contracts, history, redating
from ..services.contracts import STARTS, UNITS, Term
from ..services.deeds import Refused
from .rule_forms import EndForm, TermForm, named
from .security import needs, this_deed

EVERY_PLAN = 0

blueprint = Blueprint("contracts", __name__)


@blueprint.get("/contracts")
@needs(Permission.RULES_READ)
def index() -> ResponseReturnValue:
    """List the payers with the number of terms on file for each."""
    counted = select(ContractTerm.payer_id, func.count()).group_by(ContractTerm.payer_id)
    counts = dict(db.session.execute(counted).all())
    payers = db.session.scalars(select(Payer).order_by(Payer.name)).all()
    return render_template("contracts/index.html", payers=payers, counts=counts)


@blueprint.get("/contracts/<int:payer_id>")
@needs(Permission.RULES_READ)
def payer(payer_id: int) -> ResponseReturnValue:
    """Show a payer's terms, each with its history."""
    found = db.get_or_404(Payer, payer_id)
    terms = contracts.of_payer(found)
    told = {term.id: history.of(term) for term in terms}
    return render_template("contracts/payer.html", payer=found, terms=terms, told=told, length=contracts.length)


@blueprint.route("/contracts/<int:payer_id>/new", methods=["GET", "POST"])
@needs(Permission.RULES_WRITE)
def enter(payer_id: int) -> ResponseReturnValue:
    """Enter a term."""
    found = db.get_or_404(Payer, payer_id)
    form = _term_form(found)
    if form.validate_on_submit():
        try:
            with transaction():
                contracts.enter(found, _term(form), this_deed())
            return _done(found, "The term is on file.")
        except Refused as refused:
            form.form_errors.extend(refused.reasons)
    code = 422 if form.errors or form.form_errors else 200
    return render_template("contracts/new.html", payer=found, form=form), code


@blueprint.route("/contracts/terms/<int:term_id>/end", methods=["GET", "POST"])
@needs(Permission.RULES_WRITE)
def end(term_id: int) -> ResponseReturnValue:
    """End a term with a day."""
    term, form = db.get_or_404(ContractTerm, term_id), EndForm()
    if form.validate_on_submit() and form.until.data:
        try:
            with transaction():
                contracts.end(term, form.until.data, this_deed())
            return _done(term.payer, "The term has its last day.")
        except Refused as refused:
            form.form_errors.extend(refused.reasons)
    crumbs = [
        ("Contract terms", url_for("contracts.index")),
        (term.payer.name, url_for("contracts.payer", payer_id=term.payer_id)),
    ]
    about = {"title": "End a contract term", "sub": f"{contracts.said(term).capitalize()}.", "button": "End the term"}
    return render_template("components/form_page.html", form=form, crumbs=crumbs, **about)


def _done(found: Payer, sentence: str) -> ResponseReturnValue:
    """Say it is done, and go to the clocks it would move, if any."""
    flash(sentence, "success")
    if redating.moved(this_deed()):
        return redirect(url_for("rules.moved"))
    return redirect(url_for("contracts.payer", payer_id=found.id))


def _term_form(found: Payer) -> TermForm:
    form = TermForm()
    plans = db.session.execute(select(Plan.id, Plan.name).where(Plan.payer_id == found.id).order_by(Plan.name))
    form.clock.choices = named(STARTS)
    form.plan.choices = {str(EVERY_PLAN): "Every plan of this payer"} | {str(key): name for key, name in plans}
    form.unit.choices = named(UNITS)
    form.starts.choices = named(dict.fromkeys(name for names in STARTS.values() for name in names))
    return form


def _term(form: TermForm) -> Term:
    values: dict[str, Any] = {
        name: form[name].data for name in ("clock", "unit", "starts", "if_closed", "since", "until", "words", "source")
    }
    return Term(
        **values,
        count=int(form.count.data or 0),
        page=int(form.page_number.data) if form.page_number.data else None,
        plan=db.session.get(Plan, form.plan.data) if form.plan.data else None,
    )
