"""Today: what needs a person, soonest first, and whose it is."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select, tuple_
from werkzeug.datastructures import MultiDict

from ..db import db, transaction
from ..domain.permissions import Permission, Role
from ..models import Appeal, Authorization, Claim, Denial, Note, RejectedBatch, Task, User, WorkItem
from ..services import cover, desk, owners, worklist
from ..services.deeds import Refused
from ..services.worklist import Cursor, Wanted
from . import background
from .addresses import PAGES, address_for, page_if_open
from .security import needs, record_access, safe_back, signed_in, this_deed

PAGE = 50  # rows
URGENCIES = {"unknown": "Date not known", "late": "Late", "week": "This week", "later": "Later"}
KINDS = {
    "denial": "Denial",
    "appeal": "Appeal",
    "claim": "Claim",
    "authorization": "Approval",
    "unmatched": "Payment",
    "batch": "File sent",
    "note": "Follow-up",
    "visit": "Benefits",
    "task": "Task",
}
ROLES = (Role.AUTHORIZATION_COORDINATOR, Role.BILLER, Role.PHYSICIAN, Role.MANAGER)
ASLEEP = {"payer": "At the payer", "aside": "Put aside"}
ASSIGNABLE: dict[str, type[Any]] = {
    "claim": Claim,
    "authorization": Authorization,
    "denial": Denial,
    "appeal": Appeal,
    "note": Note,
    "rejected_batch": RejectedBatch,
    "task": Task,
}

RECORD_PAGES = {endpoint for endpoint, _ in PAGES.values()}

blueprint = Blueprint("worklist", __name__)


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `whose` is mine, nobody or empty; `show` an urgency, sign or payer; `role` a role."""

    whose: str = ""
    show: str = ""
    payer: str = ""
    kind: str = ""
    role: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything at all is filtered."""
        return self != Asked()

    def address(self, **change: str) -> str:
        """Return the address of the list with something changed, from its first page."""
        values: dict[str, Any] = {name: value for name, value in (vars(self) | change).items() if value}
        return address_for("worklist.today", **values)

    def wanted(self, show: str | None = None) -> Wanted:
        """Return the question to ask; `show` stands in for the figure chosen."""
        chosen = self.show if show is None else show
        whose = {"mine": current_user.id, "nobody": worklist.UNASSIGNED}.get(self.whose)
        return Wanted(
            owner_id=whose,
            covered=covered() if self.whose == "mine" else (),
            kind=self.kind or None,
            payer=self.payer or None,
            role=self.role or None,
            urgency=URGENCIES.get(chosen),
            to_sign=chosen == "sign",
            at_payer=chosen == "payer",
            aside=chosen == "aside",
        )


TO_SIGN = Asked(whose="mine", show="sign")


@blueprint.get("/today")
@needs(Permission.CLAIM_READ)
def today() -> ResponseReturnValue:
    """Show the open work by urgency."""
    with transaction():
        record_access("view", "worklist")
    background.wake()  # the day's own work, which the first to sign in ordered
    deed, asked = this_deed(), read(request.args)
    counted, own = figures(asked)
    found = worklist.items(deed, wanted=asked.wanted(), after=place(request.args.get("after", "")), limit=PAGE + 1)
    shown, active = found[:PAGE], people()
    return render_template(
        "worklist/today.html",
        asked=asked,
        groups=[(ASLEEP[asked.show], shown)] if asked.show in ASLEEP and shown else worklist.groups(shown, deed.today),
        figures=counted,
        to_sign=None if asked == TO_SIGN else own,
        sign_here=TO_SIGN.address(),
        more=written(worklist.cursor(shown[-1])) if len(found) > PAGE else None,
        payers=worklist.payers(),
        roles=ROLES,
        people=active,
        **known(active),
        views=desk.views(signed_in()),
        tomorrow=deed.today + timedelta(days=1),
        next_due=None if shown else worklist.next_due(deed, current_user.id if asked.whose == "mine" else None),
        paged="after" in request.args,
    )


@blueprint.app_template_global()
def next_of_mine() -> dict[str, str] | None:
    """Return what the person signed in does next, on the page of a record that they have just moved on."""
    if request.endpoint not in RECORD_PAGES or not current_user.may(Permission.CLAIM_READ):
        return None
    deed = this_deed()
    for item in worklist.items(deed, wanted=Asked(whose="mine").wanted(), limit=3):
        page = page_if_open(item.subject, item.subject_id)
        if page and page != request.path:
            return {"page": page, "asks": item.asks_for(deed.today), "what": item.claim or item.item}
    return None


def known(active: list[User] | None = None) -> dict[str, Any]:
    """Return what rows need beside their items."""
    owners = {person.id: person for person in active or people()}
    return {"kinds": KINDS, "owners": owners, "covered": covered()}


@blueprint.post("/today/assign")
@needs(Permission.DENIAL_WRITE)
def assign() -> ResponseReturnValue:
    """Give the chosen items to a person, or to nobody."""
    back = redirect(safe_back(request.form.get("back", "")) or url_for("worklist.today"))
    owner = db.session.get(User, request.form.get("owner", type=int) or 0)
    deed, chosen = this_deed(), [found for row in request.form.getlist("rows") if (found := _record(row))]
    if not chosen:
        flash("Choose at least one item of the list first.", "info")
        return back
    try:
        with transaction():
            for record in chosen:
                owners.assign(record, owner, deed)
    except Refused as refused:
        flash(" ".join(refused.reasons), "error")
        return back
    what = "1 item" if len(chosen) == 1 else f"{len(chosen)} items"
    flash(f"{what} given to {owner.full_name if owner else 'nobody'}.", "success")
    return back


def chosen_items() -> list[WorkItem]:
    """Return the items of the list that a form names."""
    rows = [row.partition("-") for row in request.form.getlist("rows")]
    asked = [(table, int(key)) for table, _, key in rows if key.isdecimal()]
    query = select(WorkItem).where(tuple_(WorkItem.subject, WorkItem.subject_id).in_(asked))
    return list(db.session.scalars(query.order_by(WorkItem.sort_on, WorkItem.minus_worth, WorkItem.id)))


def read(args: MultiDict[str, str]) -> Asked:
    """Read the filters of the address; what it does not know is left out."""
    whose, show, kind = args.get("whose", ""), args.get("show", ""), args.get("kind", "")
    role = args.get("role", "")
    return Asked(
        whose=whose if whose in ("mine", "nobody") else "",
        show=show if show in (*URGENCIES, *ASLEEP, "sign") else "",
        payer=args.get("payer", "")[:200],
        kind=kind if kind in KINDS else "",
        role=role if role in ROLES else "",
    )


def read_address(query: str) -> Asked:
    """Read the filters of an address that a form carries back."""
    return read(MultiDict(parse_qsl(query)))


def place(text: str) -> Cursor | None:
    """Read where a page begins; anything else begins at the top."""
    try:
        day, cents, number = text.split("_")
        return date.fromisoformat(day), int(cents), int(number)
    except ValueError:
        return None


def written(cursor: Cursor) -> str:
    """Write where a page begins, for the address."""
    return "_".join(map(str, cursor))


def figures(asked: Asked) -> tuple[list[dict[str, Any]], int]:
    """Return the figures on top, each with the address that shows its rows; and how much waits for one's signature."""
    deed = this_deed()
    looks = {"unknown": "soon", "late": "late", "week": "soon"}
    without_sum = {"sign": "To sign", "payer": "At payer", "aside": "Put aside"}
    labels = {slug: URGENCIES[slug] for slug in looks} | without_sum
    questions = {slug: asked.wanted(slug) for slug in labels} | {"own": TO_SIGN.wanted()}
    counts = worklist.count_each(deed, questions)
    own = counts.pop("own").items
    return [
        {
            "label": labels[slug],
            "count": f"{count.items:,}{'+' if count.more else ''}",
            "sum": count.dollars if count.dollars and not count.more and slug not in without_sum else None,
            "tone": looks.get(slug, "calm") if count.items else "calm",
            "here": asked.show == slug,
            "href": asked.address(show="" if asked.show == slug else slug),
        }
        for slug, count in counts.items()
        if count.items or slug not in ("unknown", "aside")
    ], own


def covered() -> tuple[int, ...]:
    """Return whose work the person signed in sees to today; asked once a request."""
    if "covered" not in g:
        g.covered = cover.covered_by(signed_in(), this_deed().today)
    return g.covered


def people() -> list[User]:
    """Return everybody who can be given work, by name."""
    return list(db.session.scalars(select(User).where(User.active).order_by(User.full_name)))


def _record(row: str) -> Any:
    table, _, key = row.partition("-")
    kind = ASSIGNABLE.get(table)
    return db.session.get(kind, int(key)) if kind and key.isdecimal() else None
