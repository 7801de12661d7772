"""Filters that live in the address of a list: state, payer and owner, never anything about a patient."""

from enum import StrEnum
from typing import Any

from flask import request
from flask_login import current_user
from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import words
from ..models import Payer
from ..services.registers import Wanted
from .addresses import address_for

PAGE = 50  # rows
OWNERS = {"mine": "Mine", "nobody": "Unassigned"}


def read_wanted(states: type[StrEnum]) -> Wanted:
    """Read the filters of the address; what it does not know is left out."""
    state = request.args.get("state", "")
    owner = {"mine": current_user.id, "nobody": 0}.get(request.args.get("owner", ""))
    known = state if state in list(states) else None
    return Wanted(state=known, payer_id=request.args.get("payer", type=int), owner_id=owner)


def shown_filters(endpoint: str, wanted: Wanted, states: type[StrEnum]) -> list[dict[str, Any]]:
    """Return each filter with its choices as links, and what is chosen with the link that removes it."""
    payers = {str(key): name for key, name in db.session.execute(select(Payer.id, Payer.name).order_by(Payer.name))}
    choices = {
        "state": ("State", {state.value: words(state).capitalize() for state in states}),
        "payer": ("Payer", payers),
        "owner": ("Owner", OWNERS),
    }
    return [_filter(endpoint, name, label, options) for name, (label, options) in choices.items()]


def _filter(endpoint: str, name: str, label: str, options: dict[str, str]) -> dict[str, Any]:
    chosen = options.get(request.args.get(name, ""))
    return {
        "name": name,
        "label": label,
        "chosen": chosen,
        "without": with_change(endpoint, **{name: ""}),
        "links": [(text, with_change(endpoint, **{name: key}), text == chosen) for key, text in options.items()],
    }


def with_change(endpoint: str, **change: Any) -> str:
    """Return the address of the list with some filters changed, from its first page."""
    now = {name: request.args.get(name, "") for name in ("state", "payer", "owner")}
    values: dict[str, Any] = {name: value for name, value in (now | change).items() if value}
    return address_for(endpoint, **values)
