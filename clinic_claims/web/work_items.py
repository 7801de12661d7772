"""One item of Today, in place: whose it is, when to follow up, what is meant to be done; and why it stands there."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Appeal, Note, User, WorkItem
from ..services import desk, notes, owners, places
from ..services.deeds import Deed, Refused
from ..services.follow_ups import ABOUT
from . import worklist as list_page
from .filters import moment, person
from .forms import DateField, Form, LineField, optional
from .security import needs, record_access, safe_back, this_deed
from .steps import changes_since, last_event

TOLD = ("assign", "plan_work", "move_follow_up")  # what this form changes, and so what a second person must be told
GONE = "This item is done or has changed: somebody was faster. Look at the list again."

blueprint = Blueprint("work_items", __name__, url_prefix="/today/items")


class ItemForm(Form):
    """What can be changed of an item where it stands."""

    owner = SelectField("Owner", coerce=int)
    follow_up = DateField("Follow up on", [optional()], render_kw={"type": "date"})
    plan = LineField("Note beside it", [optional()], render_kw={"autocomplete": "off"})
    seen = HiddenField()
    back = HiddenField()

    def fits(self, item: WorkItem) -> None:
        """Offer people, and leave out what this kind of item does not have."""
        self.owner.choices = [(0, "Nobody"), *((each.id, each.full_name) for each in list_page.people())]
        if item.subject not in list_page.ASSIGNABLE:
            del self.owner
        if item.subject not in (*ABOUT, "note", "appeal"):
            del self.follow_up


@blueprint.route("/<int:item_id>", methods=["GET", "POST"])
@needs(Permission.NOTE_WRITE)
def edit(item_id: int) -> ResponseReturnValue:
    """Ask for owner, follow-up day and the line beside an item, and keep them."""
    item = db.session.get(WorkItem, item_id)
    if item is None:
        return _gone()
    about = desk.record_of(item)
    form = ItemForm(prefix=f"item-{item_id}-", data=_now(item, about))
    form.fits(item)
    if not form.is_submitted():
        with transaction():
            record_access("view", about, page="work_item")
        return _panel(item, form)
    if form.validate() and not _is_stale(form, about) and not _refused(form, item, about):
        return _kept(item_id, form)
    return _panel(item, form, 422)


def _now(item: WorkItem, about: Any) -> dict[str, Any]:
    return {
        "owner": item.owner_id or 0,
        "follow_up": item.act_by if item.subject == "note" else None,
        "plan": item.line.text if item.line else "",
        "seen": str(last_event(about)),
        "back": safe_back(request.args.get("back", "")) or "",
    }


def _is_stale(form: ItemForm, about: Any) -> bool:
    """Say who changed the same things since the form was shown; what was typed stays."""
    told = [event for event in changes_since(about, form.seen.data) if event.action in TOLD]
    form.form_errors += [f"{person(event.actor)}, {moment(event.at)}: {event.sentence}" for event in told]
    form.seen.data = str(last_event(about))
    return bool(told)


def _refused(form: ItemForm, item: WorkItem, about: Any) -> bool:
    try:
        with transaction():
            _keep(form, item, about, this_deed())
    except Refused as refused:
        form.form_errors += refused.reasons
    return bool(form.form_errors)


def _keep(form: ItemForm, item: WorkItem, about: Any, deed: Deed) -> None:
    """Do what was changed, and nothing else."""
    if "owner" in form and (form.owner.data or None) != item.owner_id:
        owned = db.session.get_one(list_page.ASSIGNABLE[item.subject], item.subject_id)
        owners.assign(owned, db.session.get(User, form.owner.data), deed)
    if "follow_up" in form and form.follow_up.data:
        if item.subject == "note":
            notes.postpone(db.session.get_one(Note, item.subject_id), form.follow_up.data, deed)
        else:
            noted = about.denial if isinstance(about, Appeal) else about
            notes.add(noted, "note", form.plan.data or item.asks_for(deed.today), deed, promised_on=form.follow_up.data)
    desk.plan_work(item, form.plan.data or "", deed)


def _kept(item_id: int, form: ItemForm) -> ResponseReturnValue:
    """Show the row as it is now; without a script, the page it came from."""
    item = db.session.get(WorkItem, item_id)
    if not _is_partial() or form.back.data:
        flash("Kept.", "success")
        back = safe_back(form.back.data or "") or url_for("worklist.today")
        return ("", {"HX-Redirect": back}) if _is_partial() else redirect(back)
    if item is None:
        return _gone()
    return render_template("worklist/_row_alone.html", item=item, **list_page.known())


def _panel(item: WorkItem, form: ItemForm, code: int = 200) -> ResponseReturnValue:
    page = "worklist/_edit.html" if _is_partial() else "worklist/edit.html"
    title = f"{item.asks_for(this_deed().today)}: {item.claim or item.item}"
    return render_template(page, item=item, form=form, title=title), code


def _gone() -> ResponseReturnValue:
    flash(GONE, "info")
    today = url_for("worklist.today")
    return ("", {"HX-Redirect": today}) if _is_partial() else redirect(today)


def _is_partial() -> bool:
    return request.headers.get("HX-Request") == "true"


@blueprint.get("/<int:item_id>/place")
@needs(Permission.CLAIM_READ)
def place(item_id: int) -> ResponseReturnValue:
    """Say why an item stands where it stands."""
    item = db.get_or_404(WorkItem, item_id)
    page = "worklist/_place.html" if _is_partial() else "worklist/place.html"
    return render_template(page, item=item, place=places.place_of(item))
