"""The denied-claims report: filters, groups, totals that agree with their rows."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.lifecycle import DenialState
from ..models import Authorization, Claim, Coverage, Denial, Payer, Plan, TreatmentCase
from .deeds import Deed, Refused

ZERO = Decimal("0.00")
GROUPS = ("payer", "category", "treatment", "month", "code", "condition", "state", "approved_before")
MOST_GROUPS = 3


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the report covers: denial days, both ends included; empty means all."""

    since: date | None = None
    until: date | None = None
    payer: str | None = None
    category: str | None = None
    treatment: str | None = None
    state: str | None = None
    approved_before: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
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


@dataclass(frozen=True, kw_only=True)
class Report:
    """Rows, groups and the total; the total equals the sum of either."""

    filters: Filters
    group_by: tuple[str, ...]
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    total: Group


def denied(filters: Filters, deed: Deed, group_by: Sequence[str] = ("payer", "category")) -> Report:
    """Build the report. Raises Refused for an unknown group or for days in the wrong order."""
    if unknown := [name for name in group_by if name not in GROUPS]:
        raise Refused(f"Cannot group by {', '.join(unknown)}. Choose from: {', '.join(GROUPS)}.")
    if len(group_by) > MOST_GROUPS:
        raise Refused(f"Group by at most {MOST_GROUPS} things.")
    if filters.since and filters.until and filters.until < filters.since:
        raise Refused("The last day lies before the first day.")
    rows = tuple(_row(denial, deed) for denial in db.session.scalars(_query(filters)))
    return Report(
        filters=filters, group_by=tuple(group_by), rows=rows, groups=_grouped(rows, group_by), total=_sum((), rows)
    )


def _query(filters: Filters) -> Any:
    query = select(Denial).options(
        joinedload(Denial.claim).options(*_about(Claim)), joinedload(Denial.authorization).options(*_about(Authorization))
    )  # fmt: skip
    query = query.outerjoin(Denial.claim).outerjoin(Denial.authorization)
    case_id = db.func.coalesce(Claim.case_id, Authorization.case_id)
    coverage_id = db.func.coalesce(Claim.coverage_id, Authorization.coverage_id)
    if filters.treatment:
        query = query.join(TreatmentCase, TreatmentCase.id == case_id)
        query = query.where(TreatmentCase.treatment == filters.treatment)
    if filters.payer:
        query = query.join(Coverage, Coverage.id == coverage_id).join(Plan).join(Payer)
        query = query.where(Payer.name == filters.payer)
    return query.where(*_conditions(filters)).order_by(Denial.denied_on.desc(), Denial.id.desc())


def _about(kind: type[Claim] | type[Authorization]) -> tuple[Any, ...]:
    return (
        joinedload(kind.case).joinedload(TreatmentCase.patient),
        joinedload(kind.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
    )


def _conditions(filters: Filters) -> list[Any]:
    wanted = [
        (filters.since, lambda: Denial.denied_on >= filters.since),
        (filters.until, lambda: Denial.denied_on <= filters.until),
        (filters.category, lambda: Denial.category == filters.category),
        (filters.state, lambda: Denial.state == filters.state),
        (filters.approved_before is not None, lambda: Denial.approved_before == filters.approved_before),
    ]
    return [condition() for given, condition in wanted if given]


def _row(denial: Denial, deed: Deed) -> Row:
    about = denial.subject
    written_off = denial.amount - denial.recovered if denial.state == DenialState.WRITTEN_OFF else ZERO
    moved = denial.amount - denial.recovered if denial.state == DenialState.PATIENT_BALANCE else ZERO
    return Row(
        reference=denial.reference,
        denied_on=denial.denied_on,
        claim=about.number if isinstance(about, Claim) else about.reference,
        patient=about.case.patient.name,
        payer=about.coverage.plan.payer.name,
        plan=about.coverage.plan.name,
        treatment={"toxin": "Botulinum toxin", "mvd": "MVD surgery"}[about.case.treatment],
        condition=about.case.condition.replace("_", " "),
        category=denial.category,
        code=", ".join(f"{denial.group}-{carc}" if denial.group else carc for carc in denial.carcs),
        remarks=", ".join(denial.rarcs),
        month=f"{denial.month // 100}-{denial.month % 100:02d}",
        approved_before="approved before" if denial.approved_before else "not approved before",
        state=denial.state.value,
        denied=denial.amount,
        recovered=denial.recovered,
        written_off=written_off,
        open=max(denial.amount - denial.recovered - written_off - moved, ZERO),
    )


def _grouped(rows: Iterable[Row], group_by: Sequence[str]) -> tuple[Group, ...]:
    members: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        members.setdefault(tuple(getattr(row, name) for name in group_by), []).append(row)
    groups = [_sum(values, found) for values, found in members.items()]
    return tuple(sorted(groups, key=lambda group: (-group.denied, group.values)))


def _sum(values: tuple[str, ...], rows: Sequence[Row]) -> Group:
    return Group(
        values=values,
        denials=len(rows),
        overturned=sum(row.recovered > 0 for row in rows),
        denied=sum((row.denied for row in rows), ZERO),
        recovered=sum((row.recovered for row in rows), ZERO),
        written_off=sum((row.written_off for row in rows), ZERO),
        open=sum((row.open for row in rows), ZERO),
    )


def to_csv(report: Report) -> str:
    """Write the rows as CSV, safe to open in a spreadsheet: no cell can start a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([field.name for field in fields(Row)])
    writer.writerows([[harmless(value) for value in asdict(row).values()] for row in report.rows])
    return out.getvalue()


def harmless(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def to_json(report: Report) -> dict[str, Any]:
    """Give filters, groups, rows and total with ISO dates and money strings."""
    return {
        "filters": {name: _plain(value) for name, value in asdict(report.filters).items()},
        "group_by": list(report.group_by),
        "groups": [_named(group, report.group_by) for group in report.groups],
        "rows": [{name: _plain(value) for name, value in asdict(row).items()} for row in report.rows],
        "total": _named(report.total, ()),
    }


def _named(group: Group, group_by: Sequence[str]) -> dict[str, Any]:
    sums = {name: _plain(value) for name, value in asdict(group).items() if name != "values"}
    return dict(zip(group_by, group.values, strict=True)) | sums


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value
