"""A new letter about a denial or a request: choose its kind, see what it needs, read its page, print and keep it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from ..db import db
from ..domain.letters import LetterKind
from ..domain.permissions import Permission
from ..models import Authorization, Denial
from ..services import correspondence, particulars
from ..services.correspondence import Record
from ..services.fact_letters import printed
from .forms import optional
from .paper import as_pdf, as_sheet
from .records import RecordForm, attempt, seen
from .security import needs, this_deed

RECORDS: dict[str, type[Any]] = {"denial": Denial, "authorization": Authorization}

blueprint = Blueprint("correspondence", __name__, url_prefix="/write")


class ParticularsForm(RecordForm):
    """What the record does not hold and this kind of letter needs."""

    recipient = TextAreaField(
        "Address", [optional()], render_kw={"rows": 4}, description="One line each; empty means the usual one."
    )
    explanation = TextAreaField("What happened, in your words", [optional()], render_kw={"rows": 4})
    expedited_reason = TextAreaField("Why the standard time is too long", [optional()], render_kw={"rows": 3})

    def wants(self, kind: LetterKind) -> None:
        """Leave out what this kind does not print."""
        if "explained" not in kind.needs:
            del self.explanation
        if "urgency_stated" not in kind.needs:
            del self.expedited_reason

    @property
    def told(self) -> dict[str, Any]:
        """Return what was entered, the address as lines."""
        lines = [line.strip() for line in (self.recipient.data or "").splitlines() if line.strip()]
        more = {name: self[name].data or None for name in ("explanation", "expedited_reason") if name in self}
        return {"recipient": lines, **more}


@blueprint.get("/<table>/<int:key>")
@needs(Permission.CLAIM_READ)
def choose(table: str, key: int) -> ResponseReturnValue:
    """List the kinds of letter that fit a record, with what each needs, and those printed before."""
    subject = _record(table, key, page="letters")
    shown = {"offers": correspondence.offered(subject, this_deed()), "kept": correspondence.kept(subject)}
    return render_template("correspondence/choose.html", subject=subject, readers=correspondence.READERS, **shown)


@blueprint.get("/<table>/<int:key>/<kind>")
@needs(Permission.CLAIM_READ)
def show(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Show one letter beside what it needs."""
    subject = _record(table, key, page=kind)
    return _page(subject, kind)


@blueprint.post("/<table>/<int:key>/<kind>/particulars")
@needs(Permission.LETTER_DRAFT)
def note(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Keep the address and the explanation that this letter needs."""
    subject = db.get_or_404(RECORDS.get(table) or abort(404), key)
    form = _form(subject, kind)
    if code := attempt(form, subject, lambda: particulars.note(subject, kind, this_deed(), **form.told)):
        return _page(subject, kind, form), code
    return redirect(url_for(".show", table=table, key=key, kind=kind))


@blueprint.post("/<table>/<int:key>/<kind>")
@needs(Permission.LETTER_DRAFT)
def keep(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Print the letter and keep its bytes."""
    subject, form = db.get_or_404(RECORDS.get(table) or abort(404), key), RecordForm()
    if code := attempt(form, None, lambda: correspondence.finish(subject, kind, this_deed())):
        return _page(subject, kind, reasons=form.form_errors), code
    flash("The letter is printed and kept.", "success")
    return redirect(url_for(".choose", table=table, key=key))


@blueprint.get("/<table>/<int:key>/<kind>/page")
@needs(Permission.CLAIM_READ)
def sheet(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Give the letter's page for the frame."""
    return as_sheet(correspondence.compose(_record(table, key, page="sheet"), kind, this_deed()))


@blueprint.get("/<table>/<int:key>/<kind>/draft.pdf")
@needs(Permission.CLAIM_READ)
def draft(table: str, key: int, kind: str) -> ResponseReturnValue:
    """Print the letter as it stands."""
    subject = _record(table, key, page="draft")
    letter = correspondence.compose(subject, kind, this_deed())
    return as_pdf(printed(letter, draft=True), f"{subject.reference}-{kind}-draft.pdf")


def _record(table: str, key: int, **data: Any) -> Record:
    return seen(RECORDS.get(table) or abort(404), key, **data)


def _form(subject: Record, kind: str, **options: Any) -> ParticularsForm:
    form, known = ParticularsForm(**options), this_deed().book.letters.kinds.get(kind)
    form.wants(known or abort(404))
    return form


def _page(subject: Record, kind: str, form: ParticularsForm | None = None, reasons: list[str] | None = None) -> str:
    letter = correspondence.compose(subject, kind, this_deed())
    if form is None:
        form, typed = _form(subject, kind, formdata=None), particulars.of(subject, kind)
        for name in ("explanation", "expedited_reason"):
            if name in form and typed:
                form[name].data = getattr(typed, name)
        form.recipient.data = "\n".join(letter.address)
        form.shows(subject)
    shown = {
        "subject": subject,
        "letter": letter,
        "form": form,
        "reasons": reasons or [],
        "table": subject.__tablename__,
    }
    return render_template("correspondence/show.html", **shown)
