"""The physician's page: read the very bytes with the evidence beside them, then sign them or send them back."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import verify_password
from wtforms import Field, PasswordField, TextAreaField, ValidationError

from ..clock import now
from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Appeal, Letter
from ..services import accounts, departures, documents, letters, moves, packets
from ..services.deeds import Deed, Refused
from . import steps
from .addresses import page_of
from .forms import required
from .records import RecordForm, attempt, seen
from .security import needs, record_access, this_deed

LOCKED = "Too many wrong passwords. Wait a while, then try again; the letter is not signed."
BACK = "back"  # two forms on one page: their fields need names of their own
WRONG = "This is not your password. The letter is not signed."

blueprint = Blueprint("signing", __name__, url_prefix="/letters")


class SignForm(RecordForm):
    """The password once more: a signature is the person's own."""

    password = PasswordField(
        "Your password", [required("Enter your password.")], render_kw={"autocomplete": "current-password"}
    )

    def validate_password(self, field: Field) -> None:
        """Check the password as the door does: wrong tries count, and too many lock. Raises ValidationError."""
        if accounts.locked_until(current_user.email, now()):
            raise ValidationError(LOCKED)
        if verify_password(field.data, current_user.password):
            return
        with transaction():
            lock = accounts.note_wrong_try(current_user.email, now())
            record_access("locked" if lock else "sign_in_failed", current_user, page="sign")
        raise ValidationError(WRONG)


class ReturnForm(RecordForm):
    """Why the letter goes back."""

    reason = TextAreaField("What must change", [required("Say what must change.")], render_kw={"rows": 3})


@blueprint.route("/<int:letter_id>/sign", methods=["GET", "POST"])
@needs(Permission.LETTER_SIGN)
def sign(letter_id: int) -> ResponseReturnValue:
    """Show the letter with its evidence, and sign these very bytes."""
    letter = seen(Letter, letter_id, page="sign")
    record, form, code = letter.subject, SignForm(), 0
    if letter.signed_at is not None:
        return redirect(page_of(record))
    if form.is_submitted():
        code = attempt(form, record, lambda: _sign(letter, this_deed()))
        if not code:
            flash("Signed. The letter can be sent.", "success")
            return redirect(page_of(record))
    form.shows(record)
    return _page(letter, form, ReturnForm(formdata=None, prefix=BACK)), code or 200


@blueprint.post("/<int:letter_id>/return")
@needs(Permission.LETTER_SIGN)
def hand_back(letter_id: int) -> ResponseReturnValue:
    """Send the letter back to the desk with the reason."""
    letter, form = db.get_or_404(Letter, letter_id), ReturnForm(prefix=BACK)
    appeal = appeal_of(letter)
    if code := attempt(form, appeal, lambda: moves.take(appeal, "hand_back", this_deed(), reason=form.reason.data)):
        return _page(letter, SignForm(formdata=None), form), code
    flash("The letter is back on the desk, with your reason.", "success")
    return redirect(page_of(appeal))


def appeal_of(letter: Letter) -> Appeal:
    """Return the appeal that the letter makes. Raises Refused for any other letter."""
    if letter.appeal is None:
        raise Refused("No appeal waits for this letter: print it anew once the record is corrected.")
    return letter.appeal


def _sign(letter: Letter, deed: Deed) -> None:
    """Bind the signature to the bytes and move an appeal on. Raises Refused for somebody else's letter."""
    signer = steps.about(letter.subject).case.provider
    if signer.user_id not in (None, deed.user_id):
        raise Refused(f"The letter speaks for {signer.name}: only {signer.name} can sign it.")
    letters.sign(letter, deed)
    if letter.appeal:
        moves.take(letter.appeal, "sign", deed)


def _page(letter: Letter, form: SignForm, back: ReturnForm) -> str:
    form.shows(letter.subject)
    back.shows(letter.subject)
    about = steps.about(letter.subject)
    exhibits = packets.exhibits(letter)
    enclosed = {file.id for _, file in exhibits} | {letter.document_id}
    others = [file for file in documents.of_case(about.case) if file.id not in enclosed]
    shown: dict[str, Any] = {"letter": letter, "about": about, "exhibits": exhibits, "others": others}
    shown["outgrown"] = departures.outgrown(letter, this_deed())
    return render_template("appeals/sign.html", form=form, back=back, **shown)
