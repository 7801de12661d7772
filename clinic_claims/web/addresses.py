"""Where each record's page is."""

from typing import Any

from flask import Flask, current_app, url_for

from ..models import Appeal, Authorization, Claim, Denial, Note, Patient, SurgicalCase, Visit

Record = Claim | Authorization | Denial | Appeal | Patient | Note | Visit | SurgicalCase
PAGES: dict[type[Any], tuple[str, str]] = {
    Claim: ("claims.show", "claim_id"),
    Authorization: ("authorizations.show", "authorization_id"),
    Denial: ("denials.show", "denial_id"),
    Appeal: ("appeals.show", "appeal_id"),
    Patient: ("patients.show", "patient_id"),
    Note: ("notes.show", "note_id"),
    Visit: ("visits.show", "visit_id"),
    SurgicalCase: ("surgery.show", "surgery_id"),
}

BY_TABLE = {kind.__tablename__: page for kind, page in PAGES.items()}


def init_app(app: Flask) -> None:
    """Make the addresses known to templates."""
    app.add_template_global(page_of)
    app.add_template_global(page_at)


def page_at(table: str, key: int) -> str:
    """Return the address of a record's page by its table's name; an unmatched payment's is where files come in."""
    endpoint, name = BY_TABLE.get(table, ("imports.index", ""))
    if endpoint not in current_app.view_functions:
        return url_for("pages.home")
    values: dict[str, Any] = {name: key} if name else {}
    return url_for(endpoint, **values)


def page_of(record: Record) -> str:
    """Return the address of a record's page; an appeal without a page of its own is shown with its denial."""
    endpoint, key = PAGES[type(record)]
    if endpoint in current_app.view_functions:
        values: dict[str, Any] = {key: record.id}
        return url_for(endpoint, **values)
    if isinstance(record, Appeal):
        return page_of(record.denial)
    return page_of(record.subject) if isinstance(record, Denial) else url_for("pages.home")
