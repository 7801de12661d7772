"""Measures, approvals broken, a payer's scorecard, what works, and the reports people keep."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..db import transaction
from ..domain.measures import Figure
from ..domain.papers import Paper
from ..domain.permissions import Permission
from ..services import broken_approvals, measures, measures_paper, paper_files, saved_reports, scorecard, what_works
from ..services.deeds import Deed, Refused
from ..services.measures import Period
from .report_forms import PeriodForm, SaveForm
from .reports import blueprint, file_of, kept_address
from .security import needs, record_access, safe_back, this_deed

USUAL_SPAN = "12_months"
Made = Callable[..., Paper]  # of the payer where the report is of one, then the period, the deed, the days in words


@blueprint.get("/measures")
@needs(Permission.REPORT_READ)
def measured() -> ResponseReturnValue:
    """Show every measure with its definition and the published figures beside it."""
    cards: list[dict[str, object]] = []

    def made(period: Period, deed: Deed, about: str) -> Paper:
        found = measures.figures(period, deed)
        cards.extend(_card(figure, deed) for figure in found.values())
        return measures_paper.paper(period, deed, about, found)

    return _page("measures", made, figures=cards)


@blueprint.get("/approved-then-denied")
@needs(Permission.REPORT_READ)
def approved_then_denied() -> ResponseReturnValue:
    """Show every denial of an approved service, with what differs and which rule protects."""
    return _page("approved_then_denied", broken_approvals.paper)


@blueprint.get("/scorecard")
@needs(Permission.REPORT_READ)
def payer_scorecard() -> ResponseReturnValue:
    """Show how one payer behaves, with dates and proof."""

    return _page("scorecard", scorecard.paper, by_payer=True)


@blueprint.get("/what-works")
@needs(Permission.REPORT_READ)
def works() -> ResponseReturnValue:
    """Show what wins appeals, and where denials begin."""
    return _page("what_works", what_works.paper)


ENDPOINTS = {
    "denied": "reports.denied",
    "measures": "reports.measured",
    "approved_then_denied": "reports.approved_then_denied",
    "scorecard": "reports.payer_scorecard",
    "what_works": "reports.works",
}


def _page(name: str, made: Made, by_payer: bool = False, **shown: object) -> ResponseReturnValue:
    """Show a report of a period, by default the last twelve months; or give it as a file."""
    deed = this_deed()
    form = PeriodForm(formdata=request.args if request.args else None, span=USUAL_SPAN)
    payers = scorecard.payers() if by_payer else []
    form.payer.choices = {payer: payer for payer in payers}
    form.payer.data = form.payer.data or next(iter(payers), "")
    if not form.validate() or (by_payer and not payers):
        return render_template("reports/paper_page.html", form=form, name=name, paper=None, payers=payers), 422
    period = Period(*form.days(deed.today))
    try:
        paper = made(*([form.payer.data] if by_payer else []), period, deed, period.in_words)
    except Refused as refused:
        form.form_errors += refused.reasons
        return render_template("reports/paper_page.html", form=form, name=name, paper=None, payers=payers), 422
    if kind := request.args.get("format"):
        return file_of(kind, paper.slug, len(paper.sections), lambda: paper_files.FORMS[kind](paper, deed))
    with transaction():
        record_access("view", "report", page=paper.title if not by_payer else "payer scorecard")
    return render_template(
        "reports/measures.html" if name == "measures" else "reports/paper_page.html",
        form=form,
        name=name,
        paper=paper,
        payers=payers,
        address=lambda **more: kept_address(ENDPOINTS[name], **more),
        saving=SaveForm(formdata=None, report=name, query=request.query_string.decode()),
        **shown,
    )


def _card(figure: Figure, deed: Deed) -> dict[str, object]:
    """Return a measure as its card shows it."""
    return {
        "figure": figure,
        "value": measures_paper.value_of(figure),
        "between": measures_paper.between(figure),
        "beside": measures_paper.beside(figure, deed),
    }


@blueprint.get("/kept")
@needs(Permission.REPORT_READ)
def kept() -> ResponseReturnValue:
    """Show the reports the person keeps, what is due first."""
    deed = this_deed()
    saved = saved_reports.visible(deed)
    return render_template(
        "reports/kept.html", saved=saved, names=saved_reports.REPORTS, rhythms=saved_reports.RHYTHMS, me=deed.user_id
    )


@blueprint.get("/kept/<int:report_id>")
@needs(Permission.REPORT_READ)
def open_kept(report_id: int) -> ResponseReturnValue:
    """Open a kept report with its filters; what was due is done."""
    with transaction():
        saved = saved_reports.find(report_id, this_deed()) or abort(404)
        saved_reports.opened(saved, this_deed())
        address = f"{url_for(ENDPOINTS[saved.report])}?{saved.query}"
    return redirect(address)


@blueprint.post("/kept")
@needs(Permission.REPORT_READ)
def keep() -> ResponseReturnValue:
    """Keep a report under a name."""
    form, back = SaveForm(), safe_back(request.form.get("back", "")) or url_for("reports.kept")
    if not form.validate():
        flash(" ".join(message for _, message in form.faults), "error")
        return redirect(back)
    told = (form.name.data or "", form.report.data or "", form.query.data or "", form.every.data)
    try:
        with transaction():
            saved_reports.save(*told, this_deed(), shared=form.shared.data)
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
        return redirect(back)
    flash(f"Kept as “{form.name.data}”.", "success")
    return redirect(back)


@blueprint.post("/kept/<int:report_id>/remove")
@needs(Permission.REPORT_READ)
def forget(report_id: int) -> ResponseReturnValue:
    """Remove a report that the person keeps."""
    try:
        with transaction():
            saved_reports.remove(saved_reports.find(report_id, this_deed()) or abort(404), this_deed())
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    else:
        flash("Removed.", "success")
    return redirect(url_for("reports.kept"))
