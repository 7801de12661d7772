"""The small records that several kinds of file share, and how their text becomes dates and codes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .findings import Fault
from .tables import EMPTY, YEARS, Row


@dataclass(frozen=True, slots=True)
class Person:
    """A patient or subscriber as the file names them; `sex` is M, F or U."""

    last: str = ""
    first: str = ""
    member_id: str = ""
    born_on: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A clinic, a physician or a facility; `tax_id` only where the file gives one in place of the NPI or beside it."""

    name: str = ""
    npi: str = ""
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A DTP segment: its qualifier (472 service, 434 statement, 435 admission) and first and last day."""

    segment: int
    qualifier: str
    first: date | None
    last: date | None


class Reference(NamedTuple):
    """A REF segment: its qualifier (F8 original claim, G1 authorization, 6R line control number) and value."""

    segment: int
    qualifier: str
    value: str


def ref(refs: tuple[Reference, ...], qualifier: str) -> str:
    """Look up the first reference of a qualifier; "" when there is none."""
    return next((found.value for found in refs if found.qualifier == qualifier), "")


def provider(row: Row, tax_id: str = "") -> Provider:
    """Read a provider from an NM1 row; identifiers other than the NPI (XX) are tax numbers when 24 or 34 say so."""
    name = f"{row['first']} {row['last']}".strip()
    if row["id_kind"] == "XX":
        return Provider(name, row["id"], tax_id)
    return Provider(name, "", tax_id or (row["id"] if row["id_kind"] in {"24", "34", "FI"} else ""))


def period(row: Row) -> Period:
    """Read a DTP row."""
    first, last = days(row["value"])
    return Period(row["segment"], row["qualifier"], first, last)


def undated(found: Iterable[Row], *qualifiers: str) -> Iterator[Fault]:
    """Yield a fault for each DTP row of some qualifiers that names no day."""
    for row in found:
        if row["qualifier"] in qualifiers and None in days(row["value"]):
            yield Fault(row["segment"], "DTP", "DTP03 should be a date but says something else")


def days(text: str) -> tuple[date | None, date | None]:
    """Read CCYYMMDD, with or without a time after it, or a range of two such; None where there is no such day."""
    begin, _, end = text.partition("-")
    first = day(begin)
    return first, day(end) if end else first


def day(text: str) -> date | None:
    """Read the first eight digits of a text as a day."""
    try:
        found = date.fromisoformat(text[:8]) if re.match("[0-9]{8}", text) else None
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def refs(found: Iterable[Row]) -> tuple[Reference, ...]:
    """Read REF rows."""
    return tuple(Reference(row["segment"], row["qualifier"], row["value"]) for row in found)


def modifiers(row: Row) -> tuple[str, ...]:
    """Gather the columns modifier_1 to modifier_4 that hold one."""
    return tuple(row[f"modifier_{n}"] for n in range(1, 5) if row[f"modifier_{n}"])


def in_role(found: Iterable[Row], *roles: str) -> Row:
    """Find the first party (NM1) in one of some roles; an empty row where there is none."""
    return next((row for row in found if row["role"] in roles), EMPTY)
