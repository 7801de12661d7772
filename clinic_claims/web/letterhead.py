"""The letterhead and the physicians' signatures: seen on a made-up letter, and as faxed, before they are saved."""

from base64 import b64decode
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField, FileField, HiddenField
from wtforms.validators import Regexp

from .. import pdf
from ..db import db
from ..domain.permissions import Permission
from ..models import Provider
from ..packet import pictures
from ..services import documents, letterhead, signatures
from ..services.deeds import Refused
from .forms import LineField, optional, required
from .paper import sheet
from .patient_forms import ToldForm
from .records import RecordForm, attempt
from .security import needs, this_deed

HEAD = 2.3  # inches of the page that the picture of a fax shows
PICTURES = "PNG or JPEG, at most 2 MB. Of the file only the picture's dots are kept."
TAKEN = {"accept": "image/png,image/jpeg"}

blueprint = Blueprint("letterhead", __name__, url_prefix="/wording/letterhead")


class LetterheadForm(ToldForm):
    """What every letter says on top. `kept` carries a picture that was shown and is not saved yet."""

    name = LineField("Name of the clinic", [required("Enter the name.")])
    street = LineField("Street", [required("Enter the street.")])
    city = LineField("City", [required("Enter the city.")])
    state = LineField("State", [Regexp(r"[A-Z]{2}$", message="Enter two letters such as TX.")])
    zip = LineField("ZIP", [Regexp(r"\d{5}(-\d{4})?$", message="Enter a ZIP code such as 75999.")])
    phone = LineField("Telephone", [required("Enter the telephone number.")])
    fax = LineField("Fax", [optional()])
    email = LineField("E-mail", [optional()])
    picture = FileField("Logo", [optional()], description=PICTURES, render_kw=TAKEN)
    without = BooleanField("No logo")
    kept = HiddenField()

    def logo(self) -> bytes | None:
        """Return the logo to print. Raises Refused for what is no picture."""
        if self.without.data:
            return None
        if self.picture.data and self.picture.data.filename:
            return letterhead.taken_in(self.picture.data.read())
        return b64decode(self.kept.data) if self.kept.data else None


class SignatureForm(RecordForm):
    """A signature on paper, photographed or scanned."""

    picture = FileField("Picture of the signature", description=PICTURES, render_kw=TAKEN)


class VersionForm(RecordForm):
    """Which version to put in force again."""

    number = HiddenField()

    @property
    def chosen(self) -> int:
        """Return the number; -1 for what is none."""
        typed = self.number.data or ""
        return int(typed) if typed.isdecimal() else -1


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.RULES_WRITE)
def edit() -> ResponseReturnValue:
    """Show the letterhead on a made-up letter as typed so far, and save it."""
    form, code = LetterheadForm(), 200
    if not form.is_submitted():
        ours = letterhead.clinic()
        form.process(obj=ours)
        form.kept.data = letterhead.logo().partition(",")[2]
    elif code := attempt(form, None, lambda: _take(form)):
        return _page(form), code
    elif "save" in request.form:
        flash("The letterhead is changed. Letters printed from now on carry it.", "success")
        return redirect(url_for(".edit"))
    return _page(form)


def _take(form: LetterheadForm) -> None:
    """Take in the picture and, where that was pressed, save. Raises Refused."""
    picture = form.logo()
    form.kept.data = pictures.carried(picture).partition(",")[2] if picture else ""
    form.without.data = False
    if "save" in request.form:
        letterhead.save(this_deed(), form.told, picture)


@blueprint.post("/restore")
@needs(Permission.RULES_WRITE)
def restore() -> ResponseReturnValue:
    """Put an earlier letterhead in force again."""
    form = VersionForm()
    if code := attempt(form, None, lambda: letterhead.restore(form.chosen, this_deed())):
        return render_template("wording/refused.html", reasons=form.form_errors), code
    flash("Restored.", "success")
    return redirect(url_for(".edit"))


@blueprint.get("/signatures")
@needs(Permission.RULES_WRITE)
def signed() -> ResponseReturnValue:
    """List the physicians with their signatures."""
    return _signatures(SignatureForm(formdata=None))


@blueprint.post("/signatures/<int:provider_id>")
@needs(Permission.RULES_WRITE)
def sign(provider_id: int) -> ResponseReturnValue:
    """Put a physician's signature on file."""
    provider, form = db.get_or_404(Provider, provider_id), SignatureForm()
    if code := attempt(form, None, lambda: signatures.save(provider, _file(form), this_deed())):
        return _signatures(form), code
    flash(f"The signature of {provider.name} is on file. It stands only where {provider.name} signs.", "success")
    return redirect(url_for(".signed"))


@blueprint.post("/signatures/<int:provider_id>/restore")
@needs(Permission.RULES_WRITE)
def restore_signature(provider_id: int) -> ResponseReturnValue:
    """Put an earlier signature in force again, or take it off."""
    provider, form = db.get_or_404(Provider, provider_id), VersionForm()
    if code := attempt(form, None, lambda: signatures.restore(provider, form.chosen, this_deed())):
        return _signatures(SignatureForm(formdata=None), form.form_errors), code
    flash("Done.", "success")
    return redirect(url_for(".signed"))


def _file(form: SignatureForm) -> bytes:
    if not form.picture.data or not form.picture.data.filename:
        raise Refused("Choose the picture of the signature.")
    return form.picture.data.read()


def _page(form: LetterheadForm) -> str:
    shown: dict[str, Any] = {"versions": letterhead.versions(), "logo": None, "page": "", "faxed": "", "fades": False}
    picture = b64decode(form.kept.data) if form.kept.data else None
    if not form.errors:
        letter = letterhead.preview(this_deed(), form.told, picture)
        shown |= {"page": sheet(letter), "faxed": pictures.carried(pictures.as_faxed(pdf.pdf(letter), HEAD))}
        shown |= {"logo": letter.logo, "fades": picture is not None and pictures.fades(picture)}
    return render_template("wording/letterhead.html", form=form, **shown)


def _signatures(form: SignatureForm, reasons: list[str] | None = None) -> str:
    people = [(one, signatures.versions(one)) for one in db.session.scalars(select(Provider).order_by(Provider.name))]
    pictured = {
        row.id: pictures.carried(documents.read(row.document)) for _, rows in people for row in rows if row.document
    }
    shown = {"people": people, "pictured": pictured, "reasons": reasons or []}
    return render_template("wording/signatures.html", form=form, **shown)
