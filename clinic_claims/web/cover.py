"""Hand work over for some days: who is away, who covers, until when."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import SelectField

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Cover, User
from ..services import cover
from . import worklist as list_page
from .forms import DateField, required
from .records import RecordForm, attempt
from .security import needs, signed_in, this_deed

blueprint = Blueprint("cover", __name__, url_prefix="/today/cover")


class CoverForm(RecordForm):
    """Who is away, who sees to the work, and the days."""

    away = SelectField("Who is away", coerce=int)
    by = SelectField("Who covers", coerce=int)
    from_on = DateField("First day", [required(DateField.MESSAGE)], render_kw={"type": "date"})
    to_on = DateField("Last day", [required(DateField.MESSAGE)], render_kw={"type": "date"})

    def offers(self) -> None:
        """Offer those who work on claims; only who plans the work speaks for others."""
        people = [(each.id, each.full_name) for each in list_page.people() if each.may(Permission.NOTE_WRITE)]
        me = signed_in()
        self.away.choices = people if _plans() else [(me.id, me.full_name)]
        self.by.choices = [each for each in people if _plans() or each[0] != me.id]

    def days(self) -> tuple[date, date]:
        """Return the first and the last day of a form that was found whole."""
        return self.from_on.data or date.max, self.to_on.data or date.min


def _another(me: User) -> int:
    return next((each.id for each in list_page.people() if each.id != me.id and each.may(Permission.NOTE_WRITE)), 0)


def _plans() -> bool:
    return current_user.may(Permission.STEP_UNDO)


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.NOTE_WRITE)
def show() -> ResponseReturnValue:
    """Show what is arranged, and arrange more."""
    me, deed = signed_in(), this_deed()
    form = CoverForm(data={"away": me.id, "by": _another(me)})
    form.offers()
    shown: dict[str, Any] = {"form": form, "covers": cover.shown_to(me, deed.today, all_of_them=_plans())}
    if not form.is_submitted():
        return render_template("worklist/cover.html", **shown)
    if code := attempt(form, None, lambda: _arrange(form)):
        return render_template("worklist/cover.html", **shown), code
    flash("Arranged. It ends by itself after the last day.", "success")
    return redirect(url_for(".show"))


def _arrange(form: CoverForm) -> None:
    away, by = db.session.get_one(User, form.away.data), db.session.get_one(User, form.by.data)
    cover.arrange(away, by, *form.days(), this_deed())


@blueprint.post("/<int:cover_id>/end")
@needs(Permission.NOTE_WRITE)
def end(cover_id: int) -> ResponseReturnValue:
    """End a cover today: by either of the two, or by who plans the work."""
    found = db.get_or_404(Cover, cover_id)
    if not _plans() and signed_in().id not in (found.user_id, found.by_id):
        abort(403)
    with transaction():
        cover.end(found, this_deed())
    flash("The cover has ended.", "success")
    return redirect(url_for(".show"))
