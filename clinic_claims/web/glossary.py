"""The glossary: every word of the trade once, and the links that lead to it from the pages."""

import re
from collections.abc import Iterable
from itertools import groupby

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from ..domain.glossary import Term, search
from .security import Door, needs, this_deed

blueprint = Blueprint("glossary", __name__)


@blueprint.get("/glossary")
@needs(Door.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show every term by family, or those that hold the words asked for."""
    words = request.args.get("words", "").strip()[:100]
    book = this_deed().book
    found = search(book.glossary.values(), words)
    families = [("Found", found)] if words else _by_family(book.glossary.values())
    return render_template("glossary/index.html", families=families, words=words, terms=book.glossary)


def _by_family(terms: Iterable[Term]) -> list[tuple[str, list[Term]]]:
    ordered = sorted(terms, key=lambda term: (term.family, term.term.lower()))
    return [(family, list(rows)) for family, rows in groupby(ordered, key=lambda term: term.family)]


@blueprint.app_template_filter("rule_file")
def rule_file(source: str) -> str:
    """Name a file of the rulebook as people speak of it: "payer_classes.toml" is "the rules on payer classes"."""
    return re.sub(r"(\w+)\.toml", lambda found: f"the rules on {found[1].replace('_', ' ')}", source)


@blueprint.app_template_global("term_of")
def term_of(id: str) -> Term:
    """Return a term for a link to it. Raises KeyError for one that is not in the glossary."""
    return current_app.extensions["rulebook"].glossary[id]
