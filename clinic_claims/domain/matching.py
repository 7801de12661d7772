"""Approved, performed and billed side by side: each difference names the denial it will draw and how to cure it.

Runs when a visit is scheduled (approved and planned), before billing (all three) and on a denial (all three). What a
column does not state differs from nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from .codes import CodeBook, side_of_diagnosis, side_of_modifiers
from .payer_classes import Confidence
from .words import period

Severity = Literal["error", "warning"]
Cell = tuple[str, ...]
"""What one column states of one thing; empty when it states nothing."""

GUARDED = ("toxin_injection", "mvd", "tn_alternatives")
"""Groups of procedures that approvals are about; an office visit beside them is no mismatch."""
SOURCES = {"buy_and_bill": "bought by the clinic", "specialty_pharmacy": "sent by a pharmacy for this patient"}
DATED = ("dates", "date_of_service")


@dataclass(frozen=True, kw_only=True)
class Example:
    """What a row must answer for three cells."""

    approved: Cell = ()
    performed: Cell = ()
    billed: Cell = ()
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One [[mismatch]] of rules/mismatches.toml: a thing that must agree, the codes it draws when not, and the cure."""

    id: str
    what: str
    compare: Literal["same", "among", "within", "inside"]
    carcs: tuple[str, ...]
    cure: str
    source: str
    confidence: Confidence
    example: tuple[Example, ...]
    rarcs: tuple[str, ...] = ()

    def differs(self, approved: Cell, performed: Cell, billed: Cell) -> bool:
        """Tell whether the three columns disagree in this row's way."""
        done = [set(cell) for cell in (performed, billed) if cell]
        match self.compare:
            case "same":
                stated = [set(cell) for cell in (approved, performed, billed) if cell]
                return any(cell != stated[0] for cell in stated)
            case "among":
                return bool(approved) and any(cell - set(approved) for cell in done)
            case "within":
                return bool(approved) and max(_sum(performed), _sum(billed)) > _sum(approved)
            case "inside":
                return any(not _first(approved) <= day <= _last(approved) for cell in done for day in cell)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One of the three columns. `units` are billing units by code, waste included; `days` are the days of service,
    in the approved column the first and last approved day, either of which may be missing."""

    units: Mapping[str, int] = field(default_factory=dict)
    sides: Cell = ()
    diagnosis_sides: Cell = ()
    diagnoses: Cell = ()
    first_day: date | None = None
    last_day: date | None = None
    rendering: str | None = None
    billing: str | None = None
    facility: str | None = None
    place: str | None = None
    plan: str | None = None
    member_id: str | None = None
    drug_source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line to be put into a column."""

    code: str
    units: int
    diagnosis: str = ""
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """One row of the check, as shown; `rule` says what follows when it is not the `same`."""

    rule: Mismatch
    what: str
    approved: str
    performed: str
    billed: str
    same: bool

    @property
    def says(self) -> str:
        """The difference in a sentence."""
        named = (("approved", self.approved), ("performed", self.performed), ("billed", self.billed))
        return f"{self.what}: {', '.join(f'{name} {cell}' for name, cell in named if cell)}"


def column(items: Iterable[Item], book: CodeBook, **more: object) -> Column:
    """Add up lines of one approval, visit or claim; codes that approvals are not about are left out."""
    kept = [item for item in items if kind_of(item.code, book)]
    units: dict[str, int] = {}
    for item in kept:
        units[item.code] = units.get(item.code, 0) + item.units
    sides = [side_of_modifiers(item.modifiers) for item in kept]
    told = {"sides": _unique(sides), "diagnoses": _unique(item.diagnosis for item in kept)}
    own_sides = _unique(side_of_diagnosis(book, item.diagnosis) for item in kept)
    return Column(units=units, **{"diagnosis_sides": own_sides, **told, **more})  # pyright: ignore[reportArgumentType]


def kind_of(code: str, book: CodeBook) -> str:
    """Say whether a code is a drug or a procedure that approvals are about; empty when it is neither."""
    if code in book.products:
        return "drug"
    row = book.procedures.get(code)
    return "procedure" if row and row.group in GUARDED else ""


def compare(
    approved: Column | None,
    performed: Column | None,
    billed: Column | None,
    rules: Mapping[str, Mismatch],
    book: CodeBook,
) -> tuple[Match, ...]:
    """Return every row that at least two columns speak of, in the order of the rules."""
    columns = tuple(each or Column() for each in (approved, performed, billed))
    found: list[Match] = []
    for rule in rules.values():
        for what, cells in _cells(rule, columns, book):
            if sum(map(bool, cells)) > 1:
                found.append(_match(rule, what, cells))
    return tuple(found)


def _match(rule: Mismatch, what: str, cells: tuple[Cell, ...]) -> Match:
    approved, performed, billed = cells
    shown = [_shown(rule, cell) for cell in cells]
    return Match(rule, what, shown[0], shown[1], shown[2], not rule.differs(approved, performed, billed))


def _cells(rule: Mismatch, columns: tuple[Column, ...], book: CodeBook) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Yield the rows of one rule: one, except for units, which have one for each code."""
    if rule.id not in ("units", "units_recorded"):
        yield rule.what, tuple(_cell(rule.id, place, columns, book) for place in range(3))
        return
    for code in dict.fromkeys(code for each in columns for code in each.units):
        cells = tuple(_units(each, code) for each in columns)
        yield f"{code} {rule.what.lower()}", cells if rule.id == "units" else _recorded(code, columns, book)


def _recorded(code: str, columns: tuple[Column, ...], book: CodeBook) -> tuple[Cell, ...]:
    """Set record and bill side by side: a code missing from one of them counts as none. Pharmacy drug is not billed."""
    _, performed, billed = columns
    if performed.drug_source == "specialty_pharmacy" and kind_of(code, book) == "drug":
        return (), (), ()
    none = ("0",) if performed.units and billed.units else ()
    return (), _units(performed, code) or none, _units(billed, code) or none


def _units(each: Column, code: str) -> Cell:
    return (str(each.units[code]),) if code in each.units else ()


def _cell(rule: str, place: int, columns: tuple[Column, ...], book: CodeBook) -> Cell:
    """Return what the column at `place` (approved, performed, billed) states of a rule's thing."""
    each, approved = columns[place], place == 0
    match rule:
        case "procedure" | "product":
            kind = "drug" if rule == "product" else "procedure"
            return tuple(code for code in each.units if kind_of(code, book) == kind)
        case "half_approved":
            return _unique(kind_of(code, book) for code in each.units)
        case "side":
            return each.sides
        case "side_of_diagnosis":
            return () if approved else (columns[1].sides if place == 1 else each.diagnosis_sides)
        case "diagnosis":
            return each.diagnoses
        case "dates":
            return _window(each) if approved else _days(each)
        case "date_of_service":
            return () if approved else _days(each)
        case _:
            value = getattr(each, rule)
            return (value,) if value else ()


def _days(each: Column) -> Cell:
    return _unique(day.isoformat() for day in (each.first_day, each.last_day) if day)


def _window(each: Column) -> Cell:
    if each.first_day is None and each.last_day is None:
        return ()
    return ((each.first_day or date.min).isoformat(), (each.last_day or date.max).isoformat())


def _shown(rule: Mismatch, cell: Cell) -> str:
    if rule.id in DATED and cell:
        first, last = date.fromisoformat(cell[0]), date.fromisoformat(cell[-1])
        if last == date.max or first == date.min:
            return f"from {period(first, first)}" if last == date.max else f"to {period(last, last)}"
        return period(first, last)
    return ", ".join(SOURCES.get(value, value) for value in cell)


def _unique(values: Iterable[str | None]) -> Cell:
    return tuple(dict.fromkeys(value for value in values if value))


def _sum(cell: Cell) -> int:
    return sum(map(int, cell))


def _first(cell: Cell) -> str:
    return min(cell, default="")


def _last(cell: Cell) -> str:
    return max(cell, default="9")


def failing_examples(rules: Iterable[Mismatch]) -> tuple[tuple[str, str], ...]:
    """Return id and sentence for each row that its own example contradicts."""
    return tuple(
        (rule.id, f"example {number} should {'' if row.differs else 'not '}differ")
        for rule in rules
        for number, row in enumerate(rule.example, start=1)
        if rule.differs(row.approved, row.performed, row.billed) != row.differs
    )


def unknown_codes(
    rows: Mapping[str, tuple[Cell, Cell]], carcs: Collection[str], rarcs: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield id and fault for each row that names a reason code which the rulebook does not know."""
    for name, (reasons, remarks) in rows.items():
        for code in (*(set(reasons) - set(carcs)), *(set(remarks) - set(rarcs))):
            yield name, f"{code} is not among the denial codes"
