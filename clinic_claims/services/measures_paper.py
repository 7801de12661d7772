"""The measures as a report: each with its value, interval, definition and the published figures beside it."""

from collections.abc import Mapping
from typing import Any

from ..domain.benchmarks import Benchmark
from ..domain.measures import Figure
from ..domain.papers import Bar, Chart, Column, Paper, Section, Table
from . import exposure
from .deeds import Deed
from .exposure import Pile
from .measures import Period, figures

COLUMNS = (
    Column("Measure"),
    Column("Value", "text", "The figure of the period; days are medians."),
    Column("9 of 10 within", "count", "Days: the 90th percentile."),
    Column("95 % sure between", "text", "Where the true figure lies, by the Wilson interval or by ranks."),
    Column("Cases", "count"),
    Column("Numerator"),
    Column("Denominator"),
    Column("Dated by"),
    Column("Beside it"),
    Column("Note"),
)
PILES = (Column("Days since the denial"), Column("Denials", "count"), Column("Open $", "money"))
WEEKS = (Column("Week of the act-by day"), Column("Items", "count"), Column("At stake $", "money"))


def value_of(figure: Figure) -> str:
    """Write a figure's value: "12.5 %", "14 days", "$1,842.00"."""
    if figure.value is None:
        return "–"
    match figure.measure.unit:
        case "percent":
            return f"{figure.value:.1f} %"
        case "days":
            return f"{figure.value:.1f}".removesuffix(".0") + " days"
        case "dollars":
            return f"−${-figure.value:,.2f}" if figure.value < 0 else f"${figure.value:,.2f}"
        case _:
            return f"{figure.value:,.0f}"


def between(figure: Figure) -> str:
    """Write a figure's interval; empty without one."""
    if figure.low is None or figure.high is None:
        return ""
    unit = " %" if figure.measure.unit == "percent" else " days"
    return f"{figure.low:.0f} and {figure.high:.0f}{unit}"


def beside(figure: Figure, deed: Deed) -> list[Benchmark]:
    """Return the published figures for a measure."""
    return [row for row in deed.book.benchmarks.values() if row.measure == figure.measure.id]


def paper(period: Period, deed: Deed, about: str, found: Mapping[str, Figure] | None = None) -> Paper:
    """Return the whole report; `found` are the period's figures where they are known already."""
    rows = [_row(figure, deed) for figure in (found or figures(period, deed)).values()]
    anchors = tuple((f"{row.says} ({row.year})", _source(row)) for row in deed.book.benchmarks.values())
    aging, weeks = exposure.aging(deed.today), exposure.at_risk(deed.today)
    return Paper(
        title="Measures",
        about=about,
        sections=(
            Section(title="Figures", table=Table(name="Measures", columns=COLUMNS, rows=rows)),
            _piles("Open dollars by days since the denial", aging, PILES, "Aging"),
            _piles("Dollars at stake by week", weeks, WEEKS, "Weeks"),
        ),
        means=anchors,
        means_title="What others published, and where it was read",
        slug="measures",
    )


def _source(row: Benchmark) -> str:
    return f"{row.source} [{row.confidence.replace('_', ' ')}]"


def _row(figure: Figure, deed: Deed) -> tuple[Any, ...]:
    measure = figure.measure
    name = f"{measure.name} ({measure.standard})" if measure.standard else measure.name
    anchors = "; ".join(f"{row.says} ({row.year})" for row in beside(figure, deed))
    defined = (measure.numerator, measure.denominator, measure.dated)
    return name, value_of(figure), figure.slow, between(figure), figure.n, *defined, anchors, figure.note


def _piles(title: str, piles: tuple[Pile, ...], columns: tuple[Column, ...], name: str) -> Section:
    rows = [(pile.label, pile.count, pile.amount) for pile in piles]
    total = ("Total", sum(pile.count for pile in piles), sum(pile.amount for pile in piles))
    table = Table(name=name, columns=columns, rows=rows, total=total)
    return Section(title=title, chart=pile_chart(name.lower(), title, piles), table=table)


def pile_chart(name: str, title: str, piles: tuple[Pile, ...]) -> Chart:
    """Draw piles of dollars as columns."""
    bars = [Bar(label=pile.label, value=float(pile.amount), shown=short(pile.amount)) for pile in piles]
    words = "The table holds the same figures."
    return Chart(id=f"chart-{name}", kind="columns", title=title, description=words, whole="Dollars", bars=tuple(bars))


def short(amount: Any) -> str:
    """Write dollars as they fit above a column: $950, $12k, $1.2M; nothing for none."""
    if not amount:
        return ""
    if amount >= 1_000_000:
        return f"${amount / 1_000_000:.1f}M"
    return f"${amount / 1000:.0f}k" if amount >= 10_000 else f"${amount:,.0f}"
