"""The rulebook as pages: search it, read a rule, try it, check it, and date open clocks anew when it changed."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..calendars import federal_holiday
from ..clock import today
from ..db import db, transaction
from ..domain import deadlines, denials
from ..domain.deadlines import Notice
from ..domain.denial_routes import Standing, ways
from ..domain.permissions import Permission
from ..domain.reckoning import evaluate
from ..models import Deadline
from ..services import catalogue, clocks, redating, rule_uses, rulecheck
from .rule_forms import codes_form, dates_form, deadline_form
from .security import needs, record_access, this_deed

PAGE = 60  # rows

blueprint = Blueprint("rules", __name__)


@blueprint.get("/rules")
@needs(Permission.RULES_READ)
def index() -> ResponseReturnValue:
    """Search every table of the rulebook, or look through one."""
    book, text, kind = this_deed().book, request.args.get("words", "").strip(), request.args.get("kind", "")
    known, start = catalogue.KINDS.get(kind), max(request.args.get("from", 0, type=int), 0)
    found = catalogue.search(book, text, known.name if known else None) if text or known else []
    counts = {each.name: len(each.rows(book)) for each in catalogue.KINDS.values()}
    shown = found[start : start + PAGE]
    return render_template(
        "rules/index.html", kinds=catalogue.KINDS, counts=counts, kind=known, words=text, found=found, shown=shown,
        start=start, older=start + PAGE if start + PAGE < len(found) else None,
    )  # fmt: skip


@blueprint.get("/rules/<kind>/<path:id>")
@needs(Permission.RULES_READ)
def show(kind: str, id: str) -> ResponseReturnValue:
    """Show one rule: what it says, its source, its examples run now, what leans on it, and a form to try a clock."""
    book = this_deed().book
    entry = catalogue.find(book, kind, id) or abort(404)
    form = dates_form(entry.row) if kind == "clock" else None
    tried = evaluate(entry.row, *_dates(form)) if form and form.is_asked else None
    uses = rule_uses.used_by(entry) if current_user.may(Permission.CLAIM_READ) else None
    proofs = rule_uses.proofs(entry, book)
    return render_template("rules/show.html", entry=entry, proofs=proofs, uses=uses, form=form, tried=tried)


def _dates(form: Any) -> tuple[dict[str, date], Any]:
    return {field.name: field.data for field in form if field.data and field.name != "printed"}, federal_holiday


@blueprint.get("/rules/try")
@needs(Permission.RULES_READ)
def attempt() -> ResponseReturnValue:
    """Say until when an appeal may be filed, for dates that are typed in; every source is shown."""
    form, found = deadline_form(book := this_deed().book), None
    if form.is_asked:
        payer_class, _, level = form.step.data.partition("/")
        notice = Notice(dated=form.dated.data, received=form.received.data, printed=form.printed.data)
        found = deadlines.appeal(
            book.clocks, payer_class=payer_class, level=level, notice=notice, closed=federal_holiday,
            state=(form.state.data or "").upper() or None, urgency=form.urgency.data, service=form.service.data,
        )  # fmt: skip
    return render_template("rules/try.html", form=form, found=found, step=found and found.step)


@blueprint.get("/rules/codes")
@needs(Permission.RULES_READ)
def codes() -> ResponseReturnValue:
    """Read the codes of a line, and say which ways are open."""
    form, reading, open_ways = codes_form(book := this_deed().book), None, ()
    if form.is_asked and (form.carc.data or form.rarc.data):
        carcs, rarcs = ((field.data or "").replace(",", " ").split() for field in (form.carc, form.rarc))
        approved = bool(form.approved.data)
        reading = denials.read(book.denial_codes, form.group.data, carcs, rarcs, approved_before=approved)
        standing = Standing(network=form.network.data or None, stage=form.stage.data or None)
        if form.payer_class.data:
            open_ways = ways(book.denial_routes.values(), reading, form.payer_class.data, standing)
    categories = book.denial_codes.categories
    return render_template("rules/codes.html", form=form, reading=reading, ways=open_ways, categories=categories)


@blueprint.get("/rules/check")
@needs(Permission.RULES_READ)
def check() -> ResponseReturnValue:
    """Run every example and list the rows whose source was not read for a year."""
    book = this_deed().book
    found = rulecheck.check(book, today())
    rows = [line.partition(": ") for line in found.stale]
    stale = [(catalogue.dated(book, name), why) for name, _, why in rows]
    return render_template("rules/check.html", found=found, stale=stale)


@blueprint.get("/rules/moved")
@needs(Permission.CLAIM_READ)
def moved() -> ResponseReturnValue:
    """Preview the open clocks that today's rules and contracts would date otherwise."""
    return render_template("rules/moved.html", found=redating.moved(this_deed()))


@blueprint.post("/rules/moved")
@needs(Permission.RULES_WRITE)
def redate() -> ResponseReturnValue:
    """Date the clocks that were ticked anew, each with a line in its record's history."""
    ticked = set(request.form.getlist("deadline", type=int))
    with transaction():
        deed = this_deed()
        count = redating.redate([each for each in redating.moved(deed) if each.deadline.id in ticked], deed)
    flash(f"{count} clocks dated anew." if count != 1 else "1 clock dated anew.", "success" if count else "info")
    return redirect(url_for("rules.moved"))


@blueprint.get("/clocks/<int:deadline_id>")
@needs(Permission.CLAIM_READ)
def sources(deadline_id: int) -> ResponseReturnValue:
    """Show every source that speaks on a running clock, in rank, and which one is acted on."""
    with transaction():
        deadline = db.get_or_404(Deadline, deadline_id)
        record_access("view", deadline.subject, page="clock")
    heard = clocks.sources_of(deadline, this_deed().book)
    return render_template("rules/sources.html", clock=deadline, heard=heard)
