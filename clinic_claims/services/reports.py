"""The denied-claims report: filters, groups, totals that agree with their lines.

Groups are summed by the database; lines are read only where they are shown or written to a file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Text, case, cast, func, select

from ..db import db
from ..domain.papers import harmless
from ..models import Authorization, Claim, Denial, Facility, Patient, Payer, Plan, Provider, TreatmentCase, User
from .deeds import Deed, Refused
from .denial_columns import (
    DECIDED_ON,
    DIMENSIONS,
    IS_WON,
    LEVEL,
    OPEN,
    WRITTEN_OFF,
    codes_in_words,
    from_denials,
    listed,
)
from .denial_filters import Filters, conditions, refuse_disorder, tables

ZERO = Decimal("0.00")
GROUPS = tuple(DIMENSIONS)
MOST_GROUPS = 3
AT_ONCE = 2000  # lines fetched in one go


class Row(NamedTuple):
    """One denial in the report. Amounts are dollars."""

    reference: str
    denied_on: date
    claim: str
    patient: str
    payer: str
    plan: str
    treatment: str
    condition: str
    category: str
    code: str
    remarks: str
    month: str
    approved_before: str
    state: str
    denied: Decimal
    recovered: Decimal
    written_off: Decimal
    open: Decimal
    plan_class: str
    provider: str
    facility: str
    owner: str
    level: str
    service_on: date | None
    decided_on: date | None


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


_SUMMED = ("won", "denied", "recovered", "written_off", "open")


def _group(wanted: Sequence[Any], keys: tuple[Any, ...], sums: Sequence[Any]) -> Group:
    rest, values = list(keys), []
    for dimension in wanted:
        values.append(dimension.say(*(rest.pop(0) for _ in dimension.columns)))
    denials, won, denied, recovered, written_off, open_ = sums
    money = {"denied": denied, "recovered": recovered, "written_off": written_off, "open": open_}
    return Group(values=tuple(values), denials=denials, overturned=int(won), keys=keys, **money)


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


_CODES = (cast(Denial.carcs, Text).label("carcs"), cast(Denial.rarcs, Text).label("rarcs"))  # read by `listed`
_CELLS = (
    Denial.id, Denial.denied_on, Claim.number, Authorization.id.label("request"), Patient.last_name, Patient.first_name,
    Payer.name.label("payer"), Plan.name.label("plan"), TreatmentCase.treatment, TreatmentCase.condition,
    Denial.category, Denial.group, *_CODES, Denial.month, Denial.approved_before, Denial.state, Denial.amount,
    Denial.recovered, WRITTEN_OFF.label("written_off"), OPEN.label("open"), Plan.payer_class,
    Provider.name.label("provider"), Facility.name.label("facility"), User.full_name.label("owner"),
    LEVEL.label("level"), Claim.service_from, DECIDED_ON.label("decided_on"),
)  # fmt: skip


def lines(report: Report, group: Group | None = None, limit: int | None = None) -> Iterator[Row]:
    """Yield the denials of the report, or of one of its groups, newest first."""
    query = from_denials(_CELLS, ("payer", "case", "patient", "provider", "facility", "owner"))
    query = query.where(*conditions(report.filters, report.today), *_within(report, group))
    query = query.order_by(Denial.denied_on.desc(), Denial.id.desc()).limit(limit)
    with db.session.connection().execute(query, execution_options={"yield_per": AT_ONCE}) as found:
        yield from map(_row, found)


def _within(report: Report, group: Group | None) -> Iterator[Any]:
    columns = [column for name in report.group_by for column in DIMENSIONS[name].columns]
    for column, key in zip(columns, group.keys if group else (), strict=False):
        yield column.is_(None) if key is None else column == key


def _row(cells: Any) -> Row:
    (
        key, denied_on, number, request, last, first, payer, plan, treatment, condition, category, group, carcs, rarcs,
        month, approved, state, denied, recovered, written_off, left, plan_class, provider, facility, owner, level,
        service_on, decided_on,
    ) = cells  # fmt: skip
    return Row(
        reference=f"DEN-{key:05d}",
        denied_on=denied_on,
        claim=number or f"AUTH-{request:05d}",
        patient=f"{last}, {first}",
        payer=payer,
        plan=plan,
        treatment=_SAY["treatment"](treatment),
        condition=_SAY["condition"](condition),
        category=category,
        code=codes_in_words(group, carcs),
        remarks=", ".join(listed(rarcs)),
        month=_SAY["month"](month),
        approved_before=_SAY["approved_before"](approved),
        state=_SAY["state"](state),
        denied=denied,
        recovered=recovered,
        written_off=written_off,
        open=left,
        plan_class=plan_class,
        provider=provider,
        facility=_SAY["facility"](facility),
        owner=_SAY["owner"](owner),
        level=_SAY["level"](level),
        service_on=service_on,
        decided_on=decided_on,
    )


_SAY = {name: dimension.say for name, dimension in DIMENSIONS.items()}

__all__ = ["GROUPS", "Filters", "Group", "Report", "Row", "denied", "harmless", "lines"]
