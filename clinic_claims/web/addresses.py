"""Where each record's page is."""

from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user

from ..domain.permissions import Permission
from ..models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    Denial,
    Note,
    Patient,
    RejectedBatch,
    SurgicalCase,
    Task,
    Visit,
)
from .security import mark_of

Record = Claim | Authorization | Denial | Appeal | Patient | Note | Visit | SurgicalCase | Task
PAGES: dict[type[Any], tuple[str, str]] = {
    Claim: ("claims.show", "claim_id"),
    Authorization: ("authorizations.show", "authorization_id"),
    Denial: ("denials.show", "denial_id"),
    Appeal: ("appeals.show", "appeal_id"),
    Patient: ("patients.show", "patient_id"),
    Note: ("notes.show", "note_id"),
    Visit: ("visits.show", "visit_id"),
    SurgicalCase: ("surgery.show", "surgery_id"),
    Task: ("checklists.task", "task_id"),
}

PLACE = 9_876_543_210  # a number that stands in no address by itself
BY_TABLE = {kind.__tablename__: page for kind, page in PAGES.items()}
BY_TABLE[ClaimPayment.__tablename__] = ("unmatched.show", "payment_id")
BY_TABLE[RejectedBatch.__tablename__] = ("rejected.show", "batch_id")


def init_app(app: Flask) -> None:
    """Make the addresses known to templates; `url_for` is as Flask's, and builds each kind of address once."""
    app.add_template_global(address_for, "url_for")
    app.add_template_global(name_of)
    app.add_template_global(page_of)
    app.add_template_global(page_at)
    app.add_template_global(page_if_open)


def address_for(endpoint: str, **values: Any) -> str:
    """Return an address within the site: a list names hundreds, which differ in one number."""
    told = [pair for pair in values.items() if pair[1] is not None]
    if endpoint[0] == "." or any(name[0] == "_" for name, _ in told):
        return url_for(endpoint, **values)
    if len(told) == 1 and isinstance(told[0][1], int):
        before, after = _around(request.script_root, endpoint, told[0][0])
        return f"{before}{told[0][1]}{after}"
    return _built(request.script_root, endpoint, tuple(told))


@lru_cache(1024)
def _built(root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


@lru_cache(1024)
def _around(root: str, endpoint: str, name: str) -> tuple[str, str]:
    """Return what stands before and after the number in an address of this kind."""
    values: dict[str, Any] = {name: PLACE}
    before, _, after = url_for(endpoint, **values).partition(str(PLACE))
    return before, after


def page_at(table: str, key: int) -> str:
    """Return the address of a record's page by its table's name; a payment's shows the claims that may be meant."""
    endpoint, name = BY_TABLE[table]
    if endpoint not in current_app.view_functions:
        return url_for("pages.home")
    values: dict[str, Any] = {name: key}
    return address_for(endpoint, **values)


def page_if_open(table: str, key: int) -> str | None:
    """Return the address of a record's page, or None where it is closed to the person signed in."""
    known: dict[str, bool] = g.setdefault("open_pages", {})  # a list asks it of every row
    if table not in known:
        mark = mark_of(current_app, BY_TABLE[table][0])
        known[table] = isinstance(mark, Permission) and current_user.may(mark)
    return page_at(table, key) if known[table] else None


def name_of(record: Claim | Authorization | Denial | Appeal) -> str:
    """Return the number people know a record by: the payer's for an approval once there is one, else our own."""
    return getattr(record, "number", None) or record.reference


def page_of(record: Record) -> str:
    """Return the address of a record's page; an appeal without a page of its own is shown with its denial."""
    endpoint, key = PAGES[type(record)]
    if endpoint in current_app.view_functions:
        values: dict[str, Any] = {key: record.id}
        return address_for(endpoint, **values)
    if isinstance(record, Appeal):
        return page_of(record.denial)
    return page_of(record.subject) if isinstance(record, Denial) else url_for("pages.home")
