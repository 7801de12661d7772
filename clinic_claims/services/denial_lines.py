"""The denials of a report one by one: as values, and as lines of CSV for files of any length.

Cells are taken as the database keeps them and said a column at a time; what was said lately is remembered, so that a
line costs little more than reading it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Text, cast, type_coerce
from sqlalchemy.types import NullType

from ..db import db
from ..domain.papers import RUN, harmless
from ..models import Authorization, Claim, Denial, Patient, Payer, Plan, Provider
from .denial_columns import (
    DECIDED_ON,
    DIMENSIONS,
    OPEN,
    WRITTEN_OFF,
    codes_in_words,
    from_denials,
    listed,
)

AT_ONCE = 250  # lines fetched in one go: with more, memory takes longer than is won
REMEMBERED = 1 << 14  # values of a column
QUOTED = (",", '"', "\r", "\n")  # what must stand in quotes in a file
BREAK = "\x1f"  # stands between the values of a column that are looked through in one go
MARKS = (*QUOTED, *(BREAK + mark for mark in RUN))

Way = tuple[int, Callable[..., Iterable[Any]]]
"""How a value is made: of how many columns, and what makes a column of it out of them."""


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


class _Field(NamedTuple):
    """A value of a line: the columns it is made of, how it is said (empty: as it stands), whether it comes again."""

    columns: tuple[Any, ...]
    say: Callable[..., Any] | None = None
    comes_again: bool = True


def _day(kept: date | str | None) -> date | None:
    return date.fromisoformat(kept) if isinstance(kept, str) else kept  # SQLite keeps days as text


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _remarks(rarcs: str) -> str:
    return ", ".join(listed(rarcs))


def _number(number: str | None, request: int | None) -> str:
    return number or f"AUTH-{request:05d}"


def _dimension(name: str) -> _Field:
    return _Field(DIMENSIONS[name].columns, DIMENSIONS[name].say)


_FIELDS = {
    "reference": _Field((Denial.id,), "DEN-{:05d}".format, comes_again=False),
    "denied_on": _Field((Denial.denied_on,), _day),
    "claim": _Field((Claim.number, Authorization.id), _number, comes_again=False),
    "patient": _Field((Patient.last_name, Patient.first_name), "{}, {}".format, comes_again=False),
    "payer": _Field((Payer.name,)),
    "plan": _Field((Plan.name,)),
    "treatment": _dimension("treatment"),
    "condition": _dimension("condition"),
    "category": _Field((Denial.category,)),
    "code": _Field((Denial.group, cast(Denial.carcs, Text)), codes_in_words),
    "remarks": _Field((cast(Denial.rarcs, Text),), _remarks),
    "month": _dimension("month"),
    "approved_before": _dimension("approved_before"),
    "state": _Field((Denial.state,)),
    "denied": _Field((Denial.amount,), _dollars),
    "recovered": _Field((Denial.recovered,), _dollars),
    "written_off": _Field((WRITTEN_OFF,), _dollars),
    "open": _Field((OPEN,), _dollars),
    "plan_class": _Field((Plan.payer_class,)),
    "provider": _Field((Provider.name,)),
    "facility": _dimension("facility"),
    "owner": _dimension("owner"),
    "level": _dimension("level"),
    "service_on": _Field((Claim.service_from,), _day),
    "decided_on": _Field((DECIDED_ON,), _day),
}
_COLUMNS = [column for name in Row._fields for column in _FIELDS[name].columns]
_AS_KEPT = [type_coerce(column, NullType()).label(f"cell_{place}") for place, column in enumerate(_COLUMNS)]


def rows(conditions: Sequence[Any], limit: int | None = None) -> Iterator[Row]:
    """Yield the denials that answer to the conditions, newest first."""
    for cells in _chunks(conditions, limit):
        yield from map(Row._make, zip(*_said(cells, _VALUES), strict=True))


def csv_lines(conditions: Sequence[Any]) -> Iterator[str]:
    """Write the same as CSV, some thousand lines at a time, as csv.writer would; no cell can start a formula."""
    yield f"{','.join(Row._fields)}\r\n"
    for cells in _chunks(conditions, None):
        lines = map(",".join, zip(*_said(cells, _TEXTS), strict=True))
        yield "\r\n".join([*lines, ""])


def _chunks(conditions: Sequence[Any], limit: int | None) -> Iterator[Sequence[Any]]:
    query = from_denials(_AS_KEPT, ("payer", "case", "patient", "provider", "facility", "owner")).where(*conditions)
    query = query.order_by(Denial.denied_on.desc(), Denial.id.desc()).limit(limit)
    with db.session.connection().execute(query, execution_options={"yield_per": AT_ONCE}) as found:
        yield from found.partitions()


def _said(cells: Sequence[Any], ways: Sequence[Way]) -> Iterator[Iterable[Any]]:
    """Yield each value of the lines as a column."""
    kept = zip(*map(tuple, cells), strict=True)
    for width, make in ways:
        yield make(*[next(kept) for _ in range(width)])


def _values(field: _Field) -> Callable[..., Iterable[Any]]:
    """Return what makes the values of a column."""
    if field.say is None:
        return iter
    return partial(map, lru_cache(REMEMBERED)(field.say) if field.comes_again else field.say)


def _texts(field: _Field) -> Callable[..., Iterable[str]]:
    """Return what writes the values of a column as cells of a file."""
    say = field.say or str
    if field.comes_again:
        return partial(map, lru_cache(REMEMBERED)(lambda *kept: _cell(say(*kept))))
    return lambda *columns: _cells(list(map(say, *columns)))


def _cells(column: list[str]) -> Iterable[str]:
    """Write cells; where no mark is in any of them, which is seen in one go, they stay as they are."""
    together = BREAK + BREAK.join(column)
    return map(_cell, column) if any(mark in together for mark in MARKS) else column


def _cell(value: Any) -> str:
    text = harmless(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in QUOTED) else text


def _ways(made: Callable[[_Field], Callable[..., Iterable[Any]]]) -> list[Way]:
    return [(len(_FIELDS[name].columns), made(_FIELDS[name])) for name in Row._fields]


_VALUES, _TEXTS = _ways(_values), _ways(_texts)
