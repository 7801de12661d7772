"""The denied-claims report: filters, groups, totals that agree with their lines.

Groups are summed by the database; lines are read only where they are shown or written to a file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from ..db import db
from ..models import Denial
from . import denial_lines
from .deeds import Deed, Refused
from .denial_columns import DIMENSIONS, IS_WON, OPEN, WRITTEN_OFF, from_denials
from .denial_filters import Filters, conditions, refuse_disorder, tables
from .denial_lines import Row

ZERO = Decimal("0.00")
GROUPS = tuple(DIMENSIONS)
MOST_GROUPS = 3


@dataclass(frozen=True, kw_only=True)
class Group:
    """Denials that share the grouped values. `overturned` counts those won wholly or in part."""

    values: tuple[str, ...]
    denials: int
    overturned: int
    denied: Decimal
    recovered: Decimal
    written_off: Decimal
    open: Decimal
    keys: tuple[Any, ...] = field(default=(), compare=False, repr=False)  # the values as the database holds them

    @property
    def otherwise(self) -> Decimal:
        """Dollars moved to the patient or settled without money: what is left of those denied."""
        return self.denied - self.recovered - self.written_off - self.open


@dataclass(frozen=True, kw_only=True)
class Report:
    """Groups and the total; the total is the sum of the groups, and `lines` gives the denials behind either."""

    filters: Filters
    group_by: tuple[str, ...]
    groups: tuple[Group, ...]
    total: Group
    today: date

    def find(self, values: Sequence[str]) -> Group | None:
        """Return the group with these values."""
        return next((group for group in self.groups if group.values == tuple(values)), None)


def denied(filters: Filters, deed: Deed, group_by: Sequence[str] = ("payer", "category")) -> Report:
    """Build the report. Raises Refused for an unknown group or filter, or for bounds in the wrong order."""
    if unknown := [name for name in group_by if name not in GROUPS]:
        raise Refused(f"Cannot group by {', '.join(unknown)}. Choose from: {', '.join(GROUPS)}.")
    if len(group_by) > MOST_GROUPS:
        raise Refused(f"Group by at most {MOST_GROUPS} things.")
    refuse_disorder(filters)
    groups = sorted(_groups(filters, group_by, deed.today), key=lambda group: (-group.denied, group.values))
    if group_by and group_by[0] == "month":
        groups.sort(key=lambda group: group.values[0])  # months read in their order
    return Report(
        filters=filters, group_by=tuple(group_by), groups=tuple(groups), total=_total(groups), today=deed.today
    )


def _groups(filters: Filters, group_by: Sequence[str], today: date) -> Iterator[Group]:
    """Sum up by group. Each denial's values are named first, so that either database may group by them."""
    wanted = [DIMENSIONS[name] for name in group_by]
    keys = [column for dimension in wanted for column in dimension.columns]
    named = [column.label(f"key_{place}") for place, column in enumerate(keys)]
    sums = [Denial.amount.label("denied"), Denial.recovered.label("recovered")]
    sums += [WRITTEN_OFF.label("written_off"), OPEN.label("open"), case((IS_WON, 1), else_=0).label("won")]
    needed = tables(filters) | {dimension.table for dimension in wanted}
    each = from_denials([*named, *sums], needed, most=True).where(*conditions(filters, today)).subquery()
    by = [each.c[f"key_{place}"] for place in range(len(keys))]
    counted = (
        func.count(),
        *(func.sum(each.c[name]) for name in ("won", "denied", "recovered", "written_off", "open")),
    )
    for found in db.session.execute(select(*by, *counted).group_by(*by)):
        if found[len(keys)]:
            yield _group(wanted, tuple(found[: len(keys)]), found[len(keys) :])


def _group(wanted: Sequence[Any], keys: tuple[Any, ...], sums: Sequence[Any]) -> Group:
    rest, values = list(keys), []
    for dimension in wanted:
        values.append(dimension.say(*(rest.pop(0) for _ in dimension.columns)))
    denials, won, denied, recovered, written_off, open_ = sums
    money = {"denied": denied, "recovered": recovered, "written_off": written_off, "open": open_}
    return Group(values=tuple(values), denials=denials, overturned=int(won), keys=keys, **money)


def empty_group(*values: str) -> Group:
    """Return a group that no denial belongs to."""
    return Group(values=values, denials=0, overturned=0, denied=ZERO, recovered=ZERO, written_off=ZERO, open=ZERO)


def _total(groups: Iterable[Group]) -> Group:
    found = list(groups)
    return Group(
        values=(),
        denials=sum(group.denials for group in found),
        overturned=sum(group.overturned for group in found),
        denied=sum((group.denied for group in found), ZERO),
        recovered=sum((group.recovered for group in found), ZERO),
        written_off=sum((group.written_off for group in found), ZERO),
        open=sum((group.open for group in found), ZERO),
    )


def lines(report: Report, group: Group | None = None, limit: int | None = None) -> Iterator[Row]:
    """Yield the denials of the report, or of one of its groups, newest first."""
    yield from denial_lines.rows(_wanted(report, group), limit)


def csv_lines(report: Report) -> Iterator[str]:
    """Yield the denials of the report as parts of a CSV file."""
    yield from denial_lines.csv_lines(_wanted(report))


def _wanted(report: Report, group: Group | None = None) -> list[Any]:
    return [*conditions(report.filters, report.today), *_within(report, group)]


def _within(report: Report, group: Group | None) -> Iterator[Any]:
    columns = [column for name in report.group_by for column in DIMENSIONS[name].columns]
    for column, key in zip(columns, group.keys if group else (), strict=False):
        yield column.is_(None) if key is None else column == key


__all__ = ["GROUPS", "Filters", "Group", "Report", "Row", "csv_lines", "denied", "lines"]
