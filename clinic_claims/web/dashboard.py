"""The overview of reports: how things stand, and what to do about it. Each figure opens its list."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from ..db import transaction
from ..domain.permissions import Permission
from ..services.answering import category_name
from ..services.dashboard import Overview, overview
from ..services.measures_paper import value_of
from .filters import money0
from .report_pages import blueprint
from .reports import EVERY
from .security import needs, record_access, this_deed

DENIED, BROKEN = "reports.denied", "reports.approved_then_denied"
WON: dict[str, Any] = {"dates": "decision", "standing": "won"}


@blueprint.get("/")
@needs(Permission.REPORT_READ)
def dashboard() -> ResponseReturnValue:
    """Show six figures, four charts and three lists."""
    with transaction():
        record_access("view", "report", page="overview")
    deed = this_deed()
    shown = overview(deed)
    return render_template(
        "reports/dashboard.html",
        shown=shown,
        figures=figures(shown),
        chart_links=chart_links(shown),
        reason=lambda category: category_name(category, deed.book),
        denied=url_for(".denied"),
    )


def figures(shown: Overview) -> list[dict[str, Any]]:
    """Return the figures on top, each with the address of its list."""
    quarter: dict[str, Any] = {"since": shown.quarter, "until": shown.today}
    year: dict[str, Any] = {"since": shown.year, "until": shown.today}
    week, items = shown.this_week, _count(shown.this_week.items, "item")
    rate, won = shown.denial_rate, f"{_count(shown.won.denials, 'denial')} won"
    of_claims = f"{_count(shown.billed.denials, 'denial')} on {rate.numerator:,.0f} of {rate.denominator:,.0f} claims"
    return [
        _figure("Still open", money0(shown.open.open), _count(shown.open.denials, "denial"), DENIED, standing="open"),
        _figure("To act on within 7 days", money0(week.dollars), items, "worklist.today", show="week"),
        _figure("Denied, 90 days", value_of(rate), of_claims, DENIED, dates="billed", **quarter),
        _figure("Won back, 90 days", money0(shown.won.recovered), won, DENIED, **WON, **quarter),
        _figure("Windows missed, 12 months", f"{shown.missed:,}", "goal: none", DENIED, missed="yes", **year),
        _figure("Approvals broken, 12 months", f"{shown.broken:,}", "approved, then denied", BROKEN, **year),
    ]


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _figure(label: str, value: str, told: str, endpoint: str, **query: Any) -> dict[str, Any]:
    lines: dict[str, Any] = {"at": EVERY, "_anchor": "rows"} if endpoint == DENIED else {}
    return {"label": label, "value": value, "told": told, "href": url_for(endpoint, **query, **lines)}


def chart_links(shown: Overview) -> list[str]:
    """Return the address of the report behind each chart."""
    year: dict[str, Any] = {"since": shown.year, "until": shown.today}
    return [
        url_for(".denied", group_1="month", **year),
        url_for(".measured", _anchor="dollars-at-stake-by-week"),
        url_for(".denied", standing="open"),
        url_for(".denied", group_1="category", **year),
    ]
