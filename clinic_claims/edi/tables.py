"""Rows out of the parser's column tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import oxedi
from arro3.core import ChunkedArray, DataType, Table

Row = dict[str, Any]


def rows(table: oxedi.Table, number: Callable[[int], int]) -> list[Row]:
    """Read a table whole; text is never None, and `number` tells each row's segment in the file from its index."""
    if not len(table):
        return []
    arrow = Table.from_arrow(table)
    columns = dict(zip(arrow.column_names, map(_values, arrow.columns), strict=True))
    columns["segment"] = [number(index) for index in columns["segment"]]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def by(found: Iterable[Row], link: str) -> dict[int | None, list[Row]]:
    """Sort rows under the row of another table they belong to."""
    groups: dict[int | None, list[Row]] = defaultdict(list)
    for row in found:
        groups[row[link]].append(row)
    return groups


class Kin:
    """The rows of one transaction set, found by what they belong to."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.tables = tables
        self.groups: dict[tuple[str, ...], dict[tuple[Any, ...], list[Row]]] = {}

    def below(self, name: str, **owner: int | None) -> list[Row]:
        """Find a table's rows under their owners, in file order; `line=None` asks for those under no line."""
        key = (name, *owner)
        if key not in self.groups:
            group = self.groups[key] = defaultdict(list)
            for row in self.tables[name]:
                group[tuple(row[link] for link in owner)].append(row)
        return self.groups[key].get(tuple(owner.values()), [])

    def first(self, name: str, **owner: int | None) -> Row:
        """Find the first such row; an empty one where there is none."""
        return next(iter(self.below(name, **owner)), EMPTY)


class _Empty(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


EMPTY: Row = _Empty()


YEARS = range(1, 2200)  # a later one is a slip, and no deadline can be reckoned from it


def _values(column: ChunkedArray) -> list[Any]:
    if DataType.is_date(column.type):
        return [day if day is None or day.year in YEARS else None for day in column.to_pylist()]
    if not DataType.is_binary(column.type):
        return list(column.to_pylist())
    if column.null_count == len(column):
        return [""] * len(column)
    values = column.to_pylist()
    texts = {value: text_of(value) if value else "" for value in set(values)}  # most columns hold few different ones
    return [texts[value] for value in values]


def text_of(value: bytes) -> str:
    """Decode UTF-8, else Latin-1: the header never says which. Blanks around and NULs within are dropped."""
    try:
        return value.decode("utf-8").replace("\x00", "").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").replace("\x00", "").strip()
