"""Type a paper EOB in, with the scanned page beside it."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import FieldList, FileField, FormField, HiddenField
from wtforms import Form as PlainForm

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Payer
from ..services import documents, paper_eobs
from ..services.deeds import Refused
from ..services.paper_eobs import PaperEob, PaperLine
from . import waiting_tables
from .forms import DateField, Form, LineField, MoneyField, optional, required
from .imports import LONGEST_NAME
from .paper import FRAMED
from .security import needs, record_access, this_deed

ROWS = 4
MOST_ROWS = 60
FRAMES = ("application/pdf",)
PICTURES = ("image/png", "image/jpeg")

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
    trace = LineField("Check or transfer number", [optional()])
    paid_on = DateField("Date of payment", [required("Enter the date of the check or transfer.")])
    amount = MoneyField("Amount of the check", [required("Enter the amount; 0 for a denial without money.")])
    scan = FileField("Scanned page")
    kept = HiddenField()  # the SHA-256 of a page that was sent before, and its name
    kept_name = HiddenField()
    lines = FieldList(FormField(LineForm), min_entries=ROWS, max_entries=MOST_ROWS)
    accepted = LineField("Post although the sums are wrong, because", [optional()])

    def keep_scan(self) -> None:
        """Keep the page that came along, so that it stands beside the form and is not asked for again."""
        file = request.files.get("scan")
        if file is not None and file.filename:
            self.kept.data = waiting_tables.put(file.read())
            self.kept_name.data = file.filename[-LONGEST_NAME:]

    @property
    def kind(self) -> str:
        """What the page is that lies beside the form; "" without one."""
        return documents.media_type(waiting_tables.read(self.kept.data)) if self.kept.data else ""


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.REMITTANCE_POST)
def enter() -> ResponseReturnValue:
    """Show the form, with the page beside it once it was sent, or post what was typed."""
    form = PaperForm()
    if not form.is_submitted():
        return _page(form)
    try:
        form.keep_scan()
        if "show" in request.form or "more" in request.form:
            if "more" in request.form and len(form.lines) < MOST_ROWS:
                form.lines.append_entry()
            return _page(form)
        if not form.validate() or not form.kept.data:
            _tell_faults(form)
            return _page(form), 422
        return _post(form)
    except Refused as refused:
        form.form_errors += refused.reasons
    return _page(form), 409


def _page(form: PaperForm) -> str:
    try:
        kind = form.kind
    except Refused as refused:
        form.kept.data, kind = "", ""
        form.form_errors += [reason for reason in refused.reasons if reason not in form.form_errors]
    payers = db.session.scalars(select(Payer.name).order_by(Payer.name))
    shown = {"kind": kind, "payers": payers, "frames": FRAMES, "pictures": PICTURES}
    return render_template("imports/paper.html", form=form, **shown)


def _post(form: PaperForm) -> ResponseReturnValue:
    """Post what was typed. Raises Refused."""
    name, scan = form.kept_name.data or "eob", waiting_tables.read(form.kept.data or "")
    with transaction():
        answer = paper_eobs.post(_told(form), scan, name, this_deed(), accepted=form.accepted.data or "")
    waiting_tables.drop(form.kept.data or "")
    claims = f"{answer.matched} of {answer.claims} claim{'s' if answer.claims != 1 else ''} matched"
    flash(f"Posted: {claims}, {answer.denials} denial{'s' if answer.denials != 1 else ''}.", "success")
    return redirect(url_for("tables.run", run_id=answer.run_id))


@blueprint.get("/scan/<digest>")
@needs(Permission.REMITTANCE_POST)
def scan(digest: str) -> ResponseReturnValue:
    """Show the page that is being typed in, for the frame beside the form."""
    data = waiting_tables.read(digest)
    with transaction():
        record_access("view", "import", page="scan", sha256=digest)
    kind = documents.media_type(data)
    policy = FRAMED if kind in FRAMES else {"Content-Security-Policy": "sandbox"}
    return Response(data, content_type=kind, headers=policy)


def _tell_faults(form: PaperForm) -> None:
    """Say that the page is missing, and the faults of the lines with their numbers in place of the table's own."""
    if not form.kept.data:
        form.scan.errors = ["Attach the scanned page."]
    for number, entry in enumerate(form.lines, start=1):
        for field in entry.form:
            form.form_errors += [f"Line {number}, {field.label.text.lower()}: {message}" for message in field.errors]
    form.lines.errors = ()


def _told(form: PaperForm) -> PaperEob:
    """Gather the page. Raises Refused for a line that lacks a part."""
    lines = [_line(number, entry.form) for number, entry in enumerate(form.lines, start=1) if _is_filled(entry.form)]
    if not lines:
        raise Refused("Enter at least one line.")
    given: dict[str, Any] = {name: form[name].data for name in ("payer", "paid_on", "amount")}
    return PaperEob(lines=tuple(lines), trace=form.trace.data or "", **given)


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
