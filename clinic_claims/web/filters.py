"""How money, days, moments and states are written on a page."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, has_request_context
from markupsafe import Markup
from sqlalchemy import select

from ..clock import day_of, here, now, today
from ..db import db
from ..domain.lifecycle import words
from ..models.accounts import User
from ..models.parties import Plan

NEAR = 7  # days: from here on a date is amber

SUBJECTS = {  # kinds of records whose table is called otherwise than people do
    "app_user": "Account",
    "authorization": "Approval",
    "claim_payment": "Payment",
    "peer_to_peer": "Peer-to-peer call",
    "surgical_case": "Operation",
}
TONES = {
    "late": {"denied", "rejected", "upheld", "dismissed", "recouped", "reversed", "revoked", "expired", "written_off"},
    "soon": {"overdue", "pended", "information_requested", "partly_paid", "partly_approved", "partly_overturned"}
    | {"modified", "write_off_proposed", "in_review"},
    "good": {"approved", "paid", "overturned", "not_required", "accepted", "ready"},
    "live": {"open", "submitted", "pending", "filed", "appealing", "correcting", "peer_to_peer", "drafting"}
    | {"awaiting_approval", "ready_to_schedule", "service_given", "ready_to_bill"},
}


HAPPENED = {
    "calls": {"call", "note", "follow_up_done", "arrange_call", "finish_call"},
    "letters": {"finish_letter", "sign_letter", "arrange_letter", "bind_packet", "deliver", "add_document"},
    "money": {"post_payment", "post_part_payment", "post_denial", "reverse", "recoup", "recover", "sign_write_off"},
}


def init_app(app: Flask) -> None:
    """Make the words known to templates."""
    app.jinja_env.filters.update(
        money=money, money0=money0, birth=birth,
        day=shown_day, short_day=on_hover(short_day), long_day=on_hover(long_day), moment=on_hover(moment),
        plan_name=plan_name, subject=subject,
        happened=happened, state=state, tone=tone, due=due, due_day=due_day, due_tone=due_tone, person=person,
    )  # fmt: skip
    app.add_template_global(today)
    app.add_template_global(day_of)
    app.add_template_global(now)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def money(amount: Decimal | None) -> str:
    """Write dollars and cents: "$1,842.00"; a dash where there is none."""
    if amount is None:
        return "–"
    return f"−${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def money0(amount: Decimal | int | None) -> str:
    """Write whole dollars, for lists: "$1,842"."""
    return money(None if amount is None else Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP)).removesuffix(".00")


def on_hover(write: Callable[[Any], str]) -> Callable[[Any], str]:
    """Let a page show a date as people read it, with the ISO form on hover; `| striptags` leaves the words alone."""

    @lru_cache(4096)
    def dressed(when: date | datetime, on: date, zone: ZoneInfo) -> str:
        exact = when.astimezone(zone).isoformat(" ", "minutes") if isinstance(when, datetime) else when.isoformat()
        return Markup('<time datetime="{}" title="{}">{}</time>').format(when.isoformat(), exact, write(when))

    def written(when: date | datetime | None) -> str:
        return write(when) if when is None else dressed(when, *page_day())  # a list names the same few days often

    return written


def page_day() -> tuple[date, ZoneInfo]:
    """Return the day and the zone of the page being written, asked once a page: a list writes hundreds of dates."""
    if not has_request_context():
        return today(), here()
    if (known := g.get("page_day")) is None:
        known = g.page_day = today(), here()
    return known


def day(when: date | None) -> str:
    """Write a day as people read it: "Tue, Dec 2", with the year unless it is this one."""
    if when is None:
        return "–"
    year = f", {when.year}" if when.year != today().year else ""
    return f"{when:%a, %b} {when.day}{year}"


shown_day = on_hover(day)


def long_day(when: date) -> str:
    """Write a day in full, for the head of a page: "Tuesday, December 2"."""
    return f"{when:%A, %B} {when.day}"


def birth(when: date) -> str:
    """Write a date of birth as cards print it: "02/09/1961"."""
    return f"{when:%m/%d/%Y}"


def short_day(when: date | None) -> str:
    """Write a day without its weekday: "Dec 2"."""
    if when is None:
        return "–"
    year = f", {when.year}" if when.year != today().year else ""
    return f"{when:%b} {when.day}{year}"


def moment(when: datetime | None) -> str:
    """Write a moment in the clinic's time: "Nov 20, 2:12 PM"."""
    if when is None:
        return "–"
    local = when.astimezone(here())
    return f"{short_day(local.date())}, {f'{local:%I:%M %p}'.lstrip('0')}"


def state(name: str) -> str:
    """Write a state as a label: `partly_paid` is "Partly paid"."""
    return words(name).capitalize()


def subject(table: str) -> str:
    """Name the kind of record an event tells of: `authorization` is "Approval"."""
    return SUBJECTS.get(table, words(table).capitalize())


def plan_name(plan: Plan) -> str:
    """Name payer and plan, the payer once."""
    return plan.name if plan.name.startswith(plan.payer.name) else f"{plan.payer.name}, {plan.name}"


def happened(event: Any) -> str:
    """Sort a line of history for the filters beside it: calls, letters, money, states or other."""
    return next(
        (name for name, words in HAPPENED.items() if event.action in words), "states" if event.reached else "other"
    )


def tone(name: str) -> str:
    """Return the color family of a state: late, soon, good, live or quiet."""
    return next((family for family, names in TONES.items() if name in names), "quiet")


def due(when: date) -> str:
    """Say how far a day is: "in 10 days", "today", "2 days late"."""
    days = (when - page_day()[0]).days
    if days in (0, 1):
        return ("today", "tomorrow")[days]
    count = f"{abs(days):,} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} late"


def due_tone(when: date) -> str:
    """Return late, soon (within 7 days) or calm."""
    days = (when - page_day()[0]).days
    if days < 0:
        return "late"
    return "soon" if days <= NEAR else "calm"


def due_day(when: date, large: bool = False) -> str:
    """Show the day something is due, and how far it is beside it, in its color."""
    return _due_day(when, large, *page_day())


@lru_cache(4096)
def _due_day(when: date, large: bool, *_: date | ZoneInfo) -> str:
    look = f"due due-{due_tone(when)}{' due-large' if large else ''}"
    shown = Markup('<span class="{}">{} <span class="due-words">{}</span></span>')
    return shown.format(look, shown_day(when), due(when))


def person(actor: str) -> str:
    """Give the name of whoever the history calls by e-mail address; a program's name stays as it is."""
    if "@" not in actor:
        return actor
    names: dict[str, Any] = g.setdefault("names", {})
    if actor not in names:
        names[actor] = db.session.scalar(select(User.full_name).where(User.email == actor)) or actor
    return names[actor]
