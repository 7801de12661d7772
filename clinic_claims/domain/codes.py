"""The codes of the trade and what follows from them: sides, pairs that are not paid together, unit limits.

The records are filled from rules/codes.toml. How much drug to bill is counted in `drug_units`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .payer_classes import Confidence

Side = Literal["right", "left", "both", "unspecified"]
_SIDE_OF_MODIFIER: Mapping[str, Side] = {"RT": "right", "LT": "left", "50": "both"}


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """An ICD-10-CM code. `side` is empty where the code knows no side; a parent code is not `billable`.

    `procedure` is the toxin injection given for it, where its `use` or the code of the injection names it.
    """

    code: str
    description: str
    group: str
    source: str
    confidence: Confidence
    procedure: str | None = None
    billable: bool = True
    side: Side | None = None
    use: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """A CPT or HCPCS service. `mue` is the most units a day; indicator 2 is absolute, 3 may be appealed."""

    code: str
    label: str
    group: str
    source: str
    confidence: Confidence
    add_on: bool = False
    global_days: int | None = None
    bilateral_rule: str | None = None
    mue: int | None = None
    mue_indicator: int | None = None
    mue_source: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Vial:
    """A single-dose vial as sold; `toxin_units` are the manufacturer's units."""

    toxin_units: int
    confidence: Confidence
    ml: str | None = None
    ndc: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Product:
    """A botulinum toxin: one billing unit is `toxin_units_per_billing_unit`. Products are not interchangeable."""

    code: str
    brand: str
    name: str
    toxin_units_per_billing_unit: int
    opd_prior_auth: bool
    hfs_status: str
    vials: tuple[Vial, ...]
    source: str
    confidence: Confidence
    mue: int | None = None
    mue_indicator: int | None = None
    mue_source: str | None = None
    handling: str | None = None


@dataclass(frozen=True, kw_only=True)
class Modifier:
    """A claim modifier: when it belongs on a line and when never."""

    code: str
    label: str
    when: str
    source: str
    confidence: Confidence
    never: str | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place-of-service code."""

    code: str
    label: str
    note: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class NcciPairs:
    """Services (column 2) that NCCI does not pay beside the one in column 1 on the same day."""

    column1: str
    column2: tuple[str, ...]
    note: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class WastageDate:
    """A day from which a rule on discarded drug holds, by date of service unless it says otherwise."""

    id: str
    event: str
    day: date
    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class DrugLine:
    """One drug line of a claim: `units` are billing units; `modifier` is JW, JZ or empty."""

    units: int
    modifier: str = ""


@dataclass(frozen=True, kw_only=True)
class WastageExample:
    """A worked case of drug lines that the counting must reproduce; `injected` are toxin units."""

    case: str
    product: str
    injected: str
    vials: tuple[int, ...]
    lines: tuple[DrugLine, ...]


@dataclass(frozen=True, kw_only=True)
class Trap:
    """Something that goes wrong often enough to be shown to staff."""

    id: str
    trap: str
    detail: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class CodeBook:
    """Every code by its code."""

    diagnoses: Mapping[str, Diagnosis]
    procedures: Mapping[str, Procedure]
    products: Mapping[str, Product]
    modifiers: Mapping[str, Modifier]
    places: Mapping[str, Place]
    ncci: Mapping[str, NcciPairs]
    wastage_dates: Mapping[str, WastageDate]
    wastage_examples: Mapping[str, WastageExample]
    traps: Mapping[str, Trap]

    def find(self, code: str) -> Diagnosis | Procedure | Product | Modifier | None:
        """Return the diagnosis, service, drug or modifier of that code; None when it is not known."""
        code = code.strip().upper()
        for rows in (self.diagnoses, self.procedures, self.products, self.modifiers):
            if code in rows:
                return rows[code]
        return None


def side_of_diagnosis(book: CodeBook, code: str) -> Side | None:
    """Return the side that a diagnosis code states; None when it states none or is not known."""
    row = book.diagnoses.get(code.strip().upper())
    return row.side if row else None


def side_of_modifiers(modifiers: Collection[str]) -> Side | None:
    """Return the side that a line's modifiers state; RT and LT together are both sides, none of them is None."""
    clean = {code.strip().upper() for code in modifiers}
    sides: list[Side] = [side for code, side in _SIDE_OF_MODIFIER.items() if code in clean]
    return "both" if len(sides) > 1 else next(iter(sides), None)


def side_fault(book: CodeBook, diagnosis: str, modifiers: Collection[str]) -> str | None:
    """Say how the side of the diagnosis and the side of the service disagree; None when they agree or say nothing."""
    said, done = side_of_diagnosis(book, diagnosis), side_of_modifiers(modifiers)
    if said == "unspecified" and done:
        return f"{diagnosis} names no side but the service does: use the code of the {done} side as the note says"
    if said is None or done is None or said in (done, "both"):
        return None
    return f"{diagnosis} says {said}, the modifiers say {done}: make both follow the procedure note"


def diagnosis_fault(book: CodeBook, code: str) -> str | None:
    """Say why a known diagnosis code cannot stand on a claim, naming the codes that can."""
    row = book.diagnoses.get(code.strip().upper())
    if row is None or row.billable:
        return None
    children = [child for child in book.diagnoses if child.startswith(row.code) and child != row.code]
    return f"{row.code} is a heading and not billable: use {', '.join(children)}"


def unit_fault(book: CodeBook, code: str, units: int) -> str | None:
    """Say when billing units pass the medically unlikely edit of one day; None when they do not or none is known."""
    row = book.procedures.get(code) or book.products.get(code)
    if row is None or row.mue is None or units <= row.mue:
        return None
    hard = "it cannot be passed" if row.mue_indicator == 2 else "send the records, or appeal with them"
    return f"{code} x {units} is above the limit of {row.mue} a day: {hard}"


def faults(book: CodeBook) -> Iterator[tuple[str, str, str, str]]:
    """Yield table, key, row and sentence for every row that points at something which does not exist."""
    for name, row in book.ncci.items():
        for code in (row.column1, *row.column2):
            if code not in book.procedures:
                yield "ncci", "column1", name, f"column2: {code} is not defined"
    for name, row in book.diagnoses.items():
        if row.procedure and row.procedure not in book.procedures:
            yield "diagnosis", "code", name, f"procedure: {row.procedure} is not defined"
    for name, row in book.wastage_examples.items():
        if row.product not in book.products:
            yield "wastage_example", "case", name, f"product: {row.product} is not defined"
