"""Short help on every page, and the tour of a person's first day. Their texts stand in help.toml alone."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ..clock import now
from ..db import transaction
from ..reading import from_toml
from .security import Door, needs, signed_in

blueprint = Blueprint("helping", __name__)


@dataclass(frozen=True, kw_only=True)
class Help:
    """What a page is for, in three lines, and the terms of the glossary it uses."""

    title: str
    lines: tuple[str, ...]
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One step of the tour; `at` names what is lit."""

    title: str
    text: str
    at: str


def _read() -> tuple[list[Stop], dict[str, Help]]:
    known = tomllib.loads(Path(__file__).with_name("help.toml").read_text("utf-8"))
    return [from_toml(row, Stop) for row in known.pop("tour")], {
        name: from_toml(row, Help) for name, row in known.items()
    }


TOUR, PAGES = _read()


def init_app(app: Flask) -> None:
    """Make help and tour known to templates."""
    app.context_processor(_known_to_templates)


def of(endpoint: str) -> Help | None:
    """Return the help of a page: its own, else its family's."""
    return PAGES.get(endpoint) or PAGES.get(endpoint.split(".")[0])


def _known_to_templates() -> dict[str, Any]:
    first = current_user.is_authenticated and current_user.toured_at is None
    return {"help_here": of(request.endpoint or "pages") or PAGES["pages"], "tour": TOUR, "first_day": first}


@blueprint.post("/tour")
@needs(Door.SIGNED_IN)
def toured() -> ResponseReturnValue:
    """Remember that the person has seen the tour, or did not want it."""
    with transaction():
        signed_in().toured_at = now()
    return "", 204
