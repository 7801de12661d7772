"""The denied-claims report: where does the money go? Filters and groups stand in the address, so a report is a link."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import SelectField
from wtforms.validators import Optional

from ..db import db, transaction
from ..domain.lifecycle import DenialState
from ..domain.permissions import Permission
from ..models import Payer
from ..rulebook import Rulebook
from ..services import report_files, reports
from ..services.answering import category_name
from ..services.deeds import Refused
from ..services.reports import GROUPS, Filters, Report, Row
from .filters import state
from .forms import DateField, Form, optional
from .security import demand, needs, record_access, this_deed

USUAL = ("payer", "category")
ANY = {"": "Any"}
DAY = {"type": "date"}
TREATMENTS = ANY | {"toxin": "Botulinum toxin", "mvd": "MVD surgery"}
YES = ANY | {"yes": "Approved before", "no": "Not approved before"}
STATES = ANY | {one.value: state(one.value) for one in DenialState}
LABELS = {"approved_before": "Approval before", "code": "Reason code"}
MOST_ROWS = 500  # denials shown on the page; a file holds all

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


class FilterForm(Form):
    """What the report covers and how it is grouped; read from the address."""

    since = DateField("From", [optional()], render_kw=DAY)
    until = DateField("To", [optional()], render_kw=DAY)
    payer = SelectField("Payer", [Optional()])
    category = SelectField("Reason", [Optional()])
    treatment = SelectField("Treatment", [Optional()], choices=TREATMENTS)
    state = SelectField("State", [Optional()], choices=STATES)
    approved_before = SelectField("Approval", [Optional()], choices=YES)
    group_1 = SelectField("Group by", [Optional()])
    group_2 = SelectField("then by", [Optional()])
    group_3 = SelectField("then by", [Optional()])

    def fill(self, book: Rulebook) -> None:
        """Offer the payers on record, the categories of the rulebook, and what a report can be grouped by."""
        payers = db.session.scalars(select(Payer.name).order_by(Payer.name))
        self.payer.choices = ANY | {name: name for name in payers}
        self.category.choices = ANY | {one.id: one.name for one in book.denial_codes.categories.values()}
        groups = {"": "–"} | {name: label(name) for name in GROUPS}
        self.group_1.choices = self.group_2.choices = self.group_3.choices = groups

    @property
    def filters(self) -> Filters:
        """Return what the report covers."""
        told = {field.name: self[field.name].data or None for field in fields(Filters) if field.name in self}
        return replace(Filters(**told), approved_before={"yes": True, "no": False}.get(self.approved_before.data))

    @property
    def groups(self) -> tuple[str, ...]:
        """Return what to group by, each thing once."""
        chosen = (self.group_1.data, self.group_2.data, self.group_3.data)
        return tuple(dict.fromkeys(name for name in chosen if name))


def label(name: str) -> str:
    """Return what a report can be grouped by, in words."""
    return LABELS.get(name, state(name))


@blueprint.get("/denied")
@needs(Permission.REPORT_READ)
def denied() -> ResponseReturnValue:
    """Show denials by group, with a chart and the rows behind it; or give them as a file."""
    form, deed = _form(), this_deed()
    if not form.validate():
        return render_template("reports/denied_page.html", form=form, report=None), 422
    try:
        report = reports.denied(form.filters, deed, form.groups)
    except Refused as refused:
        form.form_errors += refused.reasons
        return render_template("reports/denied_page.html", form=form, report=None), 422
    if kind := request.args.get("format"):
        return _file(report, kind)
    with transaction():
        record_access("view", "report", page="denied claims")
    at = tuple(request.args.getlist("at"))
    return render_template("reports/denied_page.html", form=form, report=report, at=at, **_shown(report, at))


def _form() -> FilterForm:
    """Read the address; nothing is changed, so no token is asked for."""
    form = FilterForm(formdata=request.args or None, meta={"csrf": False})
    form.fill(this_deed().book)
    if not any(name.startswith("group_") for name in request.args):
        form.group_1.data, form.group_2.data = USUAL
    return form


def _shown(report: Report, at: tuple[str, ...]) -> dict[str, Any]:
    """Return names for values, the rows drilled into, and addresses that keep the filters."""
    book = this_deed().book
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("at", "format")]

    def name_of(group: str, value: str) -> str:
        return category_name(value, book) if group == "category" else state(value) if group == "state" else value

    def address(**more: Any) -> str:
        asked: dict[str, Any] = {}
        for name, value in kept:
            asked.setdefault(name, []).append(value)
        return url_for(".denied", **asked, **more)

    rows = [row for row in report.rows if _values(row, report.group_by) == at] if at else []
    return {"rows": rows[:MOST_ROWS], "found": len(rows), "name_of": name_of, "address": address, "label": label}


def _values(row: Row, group_by: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(getattr(row, name) for name in group_by)


FILES: dict[str, tuple[str, Callable[[Report], str | bytes]]] = {
    "csv": ("text/csv; charset=utf-8", reports.to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", report_files.to_xlsx),
    "pdf": ("application/pdf", lambda report: report_files.to_pdf(report, this_deed())),
}


def _file(report: Report, kind: str) -> ResponseReturnValue:
    """Give the report as a file; what leaves the product is noted."""
    demand(Permission.EXPORT)
    if kind not in FILES:
        raise Refused(f"There is no “{kind}” of the report. Choose one of: {', '.join(FILES)}.")
    with transaction():
        record_access("export", "report", page="denied claims", format=kind, rows=len(report.rows))
    media, write = FILES[kind]
    name = f"denied-claims-{this_deed().today}.{kind}"
    return Response(write(report), content_type=media, headers={"Content-Disposition": f"attachment; filename={name}"})
