"""A report as people read it: sections with a chart and the table behind it, then what the words mean.

The page, the PDF, the workbook and the JSON document are all made from this, so that they say the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["text", "count", "money", "percent", "days", "day", "code"]
FIGURES = ("count", "money", "percent", "days")
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Ref:
    """A cell that names a record: its table, its key, and the words shown."""

    table: str
    key: int
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Column:
    """A column: its heading, the kind of its cells, and what it means where that needs saying."""

    label: str
    kind: Kind = "text"
    means: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether its cells line up on the right."""
        return self.kind in FIGURES


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under headings; a cell may be None. `total` is a last row; `empty` stands where there are no rows."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Any]]
    total: Sequence[Any] | None = None
    empty: str = "Nothing to show in this range."


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One mark of a chart: its size, the part of it drawn darker, or the ends of its interval."""

    label: str
    value: float
    shown: str
    part: float = 0
    part_shown: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars lie, columns stand, ranges are dots on a line from 0 to 100. `whole` and `part` name what is drawn."""

    id: str
    kind: Literal["bars", "columns", "ranges"]
    title: str
    description: str
    whole: str
    bars: tuple[Bar, ...]
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One thing the report says."""

    title: str
    text: str = ""
    chart: Chart | None = None
    table: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A whole report. `about` says in words what it covers; `means`, under its own title, explains its words."""

    title: str
    about: str
    sections: tuple[Section, ...]
    means: tuple[tuple[str, str], ...] = ()
    means_title: str = "What the words mean"
    slug: str = "report"


def shown(value: Any, kind: Kind) -> str:
    """Write a cell as text: "1,842.00", "12.5 %", "2026-11-22"; a dash where there is nothing."""
    if value is None:
        return "–"
    match kind:
        case "money":
            return f"{value:,.2f}"
        case "percent":
            return f"{value:.1f} %"
        case "count":
            return f"{value:,}"
        case "days":
            return f"{value:,.1f}".removesuffix(".0")
        case _:
            return str(value)


def harmless(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(RUN) else value
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float | Decimal | date) else harmless(str(value))
