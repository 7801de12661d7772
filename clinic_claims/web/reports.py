"""The denied-claims report: where does the money go? Filters and groups stand in the address, so a report is a link."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from ..db import transaction
from ..domain.papers import shown
from ..domain.permissions import Permission
from ..services import report_files, reports
from ..services.deeds import Deed, Refused
from ..services.denial_columns import DIMENSIONS
from ..services.reports import Report
from .report_forms import MORE, USUAL, FilterForm, SaveForm
from .security import demand, needs, record_access, this_deed

MOST_ROWS = 300  # denials shown on the page; a file holds all
MOST_GROUPS = 500  # groups shown
EVERY = ("all",)  # in place of a group's values: every denial of the report
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
blueprint.add_app_template_filter(shown)


@blueprint.get("/denied")
@needs(Permission.REPORT_READ)
def denied() -> ResponseReturnValue:
    """Show denials by group, with a chart and the lines behind it; or give them as a file."""
    form, deed = _form(), this_deed()
    try:
        report = reports.denied(form.filters(deed.today), deed, form.groups) if form.validate() else None
    except Refused as refused:
        form.form_errors += refused.reasons
        report = None
    if report is None:
        return render_template("reports/denied_page.html", form=form, more=MORE, report=None), 422
    if kind := request.args.get("format"):
        writers = report_files.FORMS
        return file_of(kind, "denied-claims", report.total.denials, lambda: writers[kind](report, deed))
    with transaction():
        record_access("view", "report", page="denied claims")
    return render_template("reports/denied_page.html", form=form, more=MORE, report=report, **_shown(report, deed))


def _form() -> FilterForm:
    asked = any(request.args.get(name) is not None for name in ("group_1", "group_2", "group_3"))
    form = FilterForm(formdata=request.args if request.args else None)
    form.fill(this_deed().book)
    form.dates.data = form.dates.data or "denial"
    if not asked:
        form.group_1.data, form.group_2.data = USUAL
    return form


def _shown(report: Report, deed: Deed) -> dict[str, Any]:
    """Return the chart, the group opened with its lines, and addresses that keep the filters."""
    at = tuple(request.args.getlist("at"))
    opened = report.find(at) or (report.total if at == EVERY or not report.group_by else None)
    return {
        "at": at,
        "every": EVERY,
        "most": MOST_GROUPS,
        "opened": opened,
        "rows": list(reports.lines(report, opened, MOST_ROWS)) if opened else [],
        "chart": report_files.chart(report, deed.book),
        "say": lambda name, value: report_files.group_words(name, value, deed.book),
        "label": lambda name: DIMENSIONS[name].label,
        "covered": report_files.covered_in_words(report.filters, deed.book),
        "address": lambda **more: kept_address("reports.denied", **more),
        "saving": SaveForm(formdata=None, report="denied", query=request.query_string.decode()),
    }


def kept_address(endpoint: str, **more: Any) -> str:
    """Return the address of a report with the filters of this one, and something more."""
    asked: dict[str, Any] = {}
    for name, value in request.args.items(multi=True):
        if name not in ("at", "format") and value:
            asked.setdefault(name, []).append(value)
    return url_for(endpoint, **asked, **more)


def file_of(kind: str, name: str, rows: int, write: Callable[[], Iterable[bytes]]) -> ResponseReturnValue:
    """Give a report as a file, in parts as they are made; what leaves the product is noted.

    Raises Refused for an unknown kind.
    """
    demand(Permission.EXPORT)
    if kind not in MEDIA:
        raise Refused(f"There is no “{kind}” of the report. Choose one of: {', '.join(MEDIA)}.")
    with transaction():
        record_access("export", "report", page=name.replace("-", " "), format=kind, rows=rows)
    file = f"{name}-{this_deed().today}.{kind}"
    headers = {"Content-Disposition": f"attachment; filename={file}"}
    return Response(stream_with_context(iter(write())), content_type=MEDIA[kind], headers=headers)
