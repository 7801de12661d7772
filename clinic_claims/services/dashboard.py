"""The manager's overview: six figures, four charts, three lists of what to do, and the reports that are due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..domain.measures import Figure
from ..domain.papers import Bar, Chart
from ..models import SavedReport, WorkItem
from ..rulebook import Rulebook
from . import broken_approvals, exposure, late_answers, measures, reports, saved_reports, worklist
from .deeds import Deed
from .exposure import Cause
from .late_answers import Answer
from .measures import Period
from .measures_paper import pile_chart, short
from .report_files import group_words, without_gaps
from .reports import Filters, Group, Report

QUARTER = timedelta(days=89)
YEAR = timedelta(days=364)
FEW = 5  # rows of each list
REASONS = 8  # bars of the chart by reason


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the page shows. `quarter` and `year` are the first days of the last 90 and the last 365.

    `billed` are the denials of the claims that the denial rate counts.
    """

    today: date
    quarter: date
    year: date
    open: Group
    this_week: worklist.Count
    denial_rate: Figure
    billed: Group
    won: Group
    missed: int
    broken: int
    charts: tuple[Chart, ...]
    first: list[WorkItem]
    late: list[Answer]
    causes: list[Cause]
    due: list[SavedReport]


def overview(deed: Deed) -> Overview:
    """Gather the page. Each figure is the total of the list that it opens."""
    today = deed.today
    quarter, year = today - QUARTER, today - YEAR
    whole_year, last_quarter = Period(year, today), Period(quarter, today)
    return Overview(
        today=today,
        quarter=quarter,
        year=year,
        open=_total(Filters(standing="open"), deed),
        this_week=worklist.count(deed, worklist.Wanted(urgency="This week")),
        denial_rate=measures.denial_rate(last_quarter),
        billed=_total(Filters(dates="billed", since=quarter, until=today), deed),
        won=_total(Filters(dates="decision", since=quarter, until=today, standing="won"), deed),
        missed=_total(Filters(since=year, until=today, missed=True), deed).denials,
        broken=sum(row.denials for row in broken_approvals.by_payer(whole_year)),
        charts=_charts(deed, year),
        first=worklist.items(deed, limit=FEW),
        late=list(late_answers.awaited(Period(), today, FEW)),
        causes=[cause for cause in exposure.causes(whole_year, deed.book) if cause.caught][:FEW],
        due=saved_reports.due(deed),
    )


def _total(filters: Filters, deed: Deed) -> Group:
    return reports.denied(filters, deed, ()).total


def _charts(deed: Deed, year: date) -> tuple[Chart, ...]:
    covered = Filters(since=year, until=deed.today)
    by_month, by_reason = (reports.denied(covered, deed, (name,)) for name in ("month", "category"))
    return (
        _of_groups("months", "columns", "Denied and won back, by month", _months(by_month.groups)),
        pile_chart("at-risk", "At stake, by week to act", exposure.at_risk(deed.today)),
        pile_chart("aging", "Still open, by days since the denial", exposure.aging(deed.today)),
        _of_groups("reasons", "bars", "Denied, by reason", _reasons(by_reason, deed.book)),
    )


def _of_groups(name: str, kind: str, title: str, bars: Iterable[Bar]) -> Chart:
    return Chart(
        id=f"chart-{name}",
        kind="columns" if kind == "columns" else "bars",
        title=title,
        description="The table behind holds the same figures.",
        whole="Denied",
        part="Won back",
        bars=tuple(bars),
    )


def _months(groups: Sequence[Group]) -> Iterable[Bar]:
    for group in without_gaps(groups):
        first = date.fromisoformat(f"{group.values[0]}-01")
        yield _bar(f"{first:%b} {first:%y}", group)


def _reasons(report: Report, book: Rulebook) -> Iterable[Bar]:
    for group in report.groups[:REASONS]:
        yield _bar(group_words("category", group.values[0], book), group)


def _bar(label: str, group: Group) -> Bar:
    return Bar(
        label=label,
        value=float(group.denied),
        part=float(group.recovered),
        shown=short(group.denied),
        part_shown=short(group.recovered),
    )
