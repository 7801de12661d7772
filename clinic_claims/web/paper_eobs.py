"""Type a paper EOB in, with the scanned page beside it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FieldList, FileField, FormField
from wtforms import Form as PlainForm

from ..db import transaction
from ..domain.permissions import Permission
from ..services import paper_eobs
from ..services.deeds import Refused
from ..services.paper_eobs import PaperEob, PaperLine
from .forms import DateField, Form, LineField, MoneyField, optional, required
from .imports import LONGEST_NAME
from .security import needs, this_deed

ROWS = 8

blueprint = Blueprint("paper_eobs", __name__, url_prefix="/imports/paper")


class LineForm(PlainForm):
    """One line of the page; an empty one is left out."""

    claim_number = LineField("Claim", [optional()])
    procedure = LineField("Procedure", [optional()])
    charged = MoneyField("Charged", [optional()])
    paid = MoneyField("Paid", [optional()])
    reasons = LineField("Reasons", [optional()])
    remarks = LineField("Remarks", [optional()])


class PaperForm(Form):
    """What stands on the page."""

    payer = LineField("Payer", [required("Enter the payer as the page names it.")])
    trace = LineField("Check or transfer number", [required("Enter the check or transfer number.")])
    paid_on = DateField("Date of payment", [required("Enter the date of the check or transfer.")])
    amount = MoneyField("Amount of the check", [required("Enter the amount; 0 for a denial without money.")])
    scan = FileField("Scanned page", [required("Attach the scanned page.")])
    lines = FieldList(FormField(LineForm), min_entries=ROWS, max_entries=60)
    accepted = LineField("Post although the sums are wrong, because", [optional()])


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.REMITTANCE_POST)
def enter() -> ResponseReturnValue:
    """Show the form, or post what was typed."""
    form, file = PaperForm(), request.files.get("scan")
    if not form.is_submitted():
        return render_template("imports/paper.html", form=form)
    if not form.validate() or file is None:
        _tell_lines(form)
        return render_template("imports/paper.html", form=form), 422
    name = (file.filename or "eob")[-LONGEST_NAME:]
    try:
        with transaction():
            answer = paper_eobs.post(_told(form), file.read(), name, this_deed(), accepted=form.accepted.data or "")
    except Refused as refused:
        form.form_errors += refused.reasons
        return render_template("imports/paper.html", form=form), 409
    flash(f"Posted: {answer.matched} of {answer.claims} claims matched, {answer.denials} denials.", "success")
    return redirect(url_for("tables.run", run_id=answer.run_id))


def _tell_lines(form: PaperForm) -> None:
    """Say the faults of the lines with their numbers, in place of the table's own."""
    for number, entry in enumerate(form.lines, start=1):
        for field in entry.form:
            form.form_errors += [f"Line {number}, {field.label.text.lower()}: {message}" for message in field.errors]
    form.lines.errors = ()


def _told(form: PaperForm) -> PaperEob:
    """Gather the page. Raises Refused for a line that lacks a part."""
    lines = [_line(number, entry.form) for number, entry in enumerate(form.lines, start=1) if _is_filled(entry.form)]
    if not lines:
        raise Refused("Enter at least one line.")
    given: dict[str, Any] = {name: form[name].data for name in ("payer", "trace", "paid_on", "amount")}
    return PaperEob(lines=tuple(lines), **given)


def _is_filled(row: Any) -> bool:
    return any(field.data not in (None, "") for field in row)


def _line(number: int, row: Any) -> PaperLine:
    missing = [row[name].label.text for name in ("claim_number", "procedure", "charged", "paid") if _lacks(row[name])]
    if missing:
        raise Refused(f"Line {number} lacks: {', '.join(missing).lower()}.")
    return PaperLine(
        claim_number=row.claim_number.data,
        procedure=row.procedure.data,
        charged=row.charged.data,
        paid=row.paid.data,
        reasons=row.reasons.data or "",
        remarks=row.remarks.data or "",
    )


def _lacks(field: Any) -> bool:
    return field.data in (None, "")
