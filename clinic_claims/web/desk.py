"""A person's desk beside the list of today: work put aside, lists kept, what falls due, one's own calendar."""

from datetime import date
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..db import transaction
from ..domain.permissions import Permission
from ..services import cover, desk, due_calendar, notes, worklist
from ..services.deeds import Refused
from . import worklist as list_page
from .security import Door, needs, record_access, safe_back, signed_in, this_deed

blueprint = Blueprint("desk", __name__)


@blueprint.post("/today/put-aside")
@needs(Permission.NOTE_WRITE)
def snooze() -> ResponseReturnValue:
    """Put the chosen items aside until a day, with a reason; without a day, take them up again."""
    back = redirect(safe_back(request.form.get("back", "")) or url_for("worklist.today"))
    chosen, deed = list_page.chosen_items(), this_deed()
    if not chosen:
        flash("Choose at least one item of the list first.", "info")
        return back
    try:
        with transaction():
            for item in chosen:
                desk.snooze(item, _day(), request.form.get("reason", ""), deed)
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
        return back
    flash("1 item put aside." if len(chosen) == 1 else f"{len(chosen)} items put aside.", "success")
    return back


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("until", ""))
    except ValueError:
        raise Refused("Enter a day such as 2026-12-01.") from None


@blueprint.post("/today/take-up")
@needs(Permission.NOTE_WRITE)
def wake() -> ResponseReturnValue:
    """Take the chosen items up again."""
    chosen, deed = list_page.chosen_items(), this_deed()
    with transaction():
        for item in chosen:
            desk.wake(item, deed)
    return redirect(url_for("worklist.today"))


@blueprint.post("/today/views")
@needs(Permission.CLAIM_READ)
def keep_view() -> ResponseReturnValue:
    """Keep the filters of the list under a name, as a tab."""
    back = safe_back(request.form.get("back", "")) or url_for("worklist.today")
    asked = list_page.read_address(urlsplit(back).query)
    try:
        with transaction():
            desk.keep_view(signed_in(), request.form.get("name", ""), urlsplit(asked.address()).query)
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
    return redirect(asked.address())


@blueprint.post("/today/views/<int:view_id>/remove")
@needs(Permission.CLAIM_READ)
def drop_view(view_id: int) -> ResponseReturnValue:
    """Remove a tab of one's own."""
    with transaction():
        desk.drop_view(signed_in(), view_id)
    return redirect(url_for("worklist.today"))


@blueprint.get("/today/due")
@needs(Permission.CLAIM_READ)
def due() -> ResponseReturnValue:
    """Show what is late or falls due in 0, 1, 3, 7 and 14 days, the notes that name one, and loose ends."""
    with transaction():
        record_access("view", "worklist", page="due")
    me, deed = signed_in(), this_deed()
    return render_template(
        "worklist/due.html",
        groups=desk.due_soon(me, list_page.covered(), deed),
        named=notes.unread(me),
        loose=desk.loose_ends(deed) if current_user.may(Permission.EMERGENCY_REVIEW) else [],
        people={person.id: person for person in list_page.people()},
        kinds=list_page.KINDS,
        covered=list_page.covered(),
        has_feed=desk.has_feed(me),
    )


@blueprint.post("/today/calendar")
@needs(Permission.CLAIM_READ)
def open_feed() -> ResponseReturnValue:
    """Make a secret address for one's calendar; an earlier one leads nowhere from now on."""
    with transaction():
        secret = desk.open_feed(signed_in(), this_deed())
    return render_template("worklist/feed.html", address=url_for(".feed", secret=secret, _external=True))


@blueprint.post("/today/calendar/close")
@needs(Permission.CLAIM_READ)
def close_feed() -> ResponseReturnValue:
    """Let one's calendar address lead nowhere."""
    with transaction():
        desk.close_feed(signed_in())
    flash("The calendar address leads nowhere now.", "success")
    return redirect(url_for(".due"))


@blueprint.get("/calendar/<secret>.ics")
@needs(Door.PUBLIC)
def feed(secret: str) -> ResponseReturnValue:
    """Give a calendar program somebody's act-by days: no name, no claim number, no amount."""
    person = desk.feed_of(secret) or abort(404)
    deed = this_deed()
    mine = worklist.Wanted(owner_id=person.id, covered=cover.covered_by(person, deed.today))
    found = worklist.items(deed, wanted=mine, limit=due_calendar.MOST)
    return Response(due_calendar.write(found, deed.at, bare=True), mimetype="text/calendar")
