"""One rule file: its rows as the domain's frozen records, and the place of everything that is wrong with it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .reading import Misread, from_toml

Row = TypeVar("Row")


@dataclass
class Source:
    """One rule file: its parsed tables, its lines (to say where a fault is) and the faults found so far."""

    path: Path
    faults: list[str] = field(default_factory=list)
    _text: str = ""
    _data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the file; a file that is missing or no TOML is a fault, not a crash."""
        try:
            self._text = self.path.read_text("utf-8")
            self._data = tomllib.loads(self._text)
        except FileNotFoundError:
            self.faults.append(f"{self.path.name}:1: the file is missing")
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            self.faults.append(f"{self.path.name}:{line[1] if line else 1}: {error}")

    def rows(self, table: str, record: type[Row], key: str = "id") -> dict[str, Row]:
        """Build one record for each `[[table]]`, by its key; wrong or repeated rows become faults."""
        found: dict[str, Row] = {}
        for index, data in enumerate(self._data.get(table, [])):
            try:
                row = from_toml(data, record)
            except Misread as error:
                self.faults += [f"{self._place(table, index, fault)}: {fault}" for fault in error.faults]
                continue
            name = str(getattr(row, key))
            if name in found:
                self.faults.append(f"{self._place(table, index, key)}: {table} {name} stands twice")
            found[name] = row
        return found

    def value(self, name: str, kind: type[Row]) -> Row | None:
        """Return one top-level value or table, checked; None (and a fault) when it does not fit."""
        try:
            return from_toml(self._data[name], kind)
        except KeyError:
            self.faults.append(f"{self.path.name}:1: {name} is missing")
        except Misread as error:
            self.faults += [f"{self.path.name}:1: {name}.{fault}" for fault in error.faults]
        return None

    def blame(self, table: str, name: str, what: str, key: str = "id") -> None:
        """Add a fault at the row of that name: for checks that need more than one row."""
        names = [str(row.get(key)) for row in self._data.get(table, [])]
        self.faults.append(f"{self._place(table, names.index(name), what)}: {table} {name}: {what}")

    def _place(self, table: str, index: int, fault: str) -> str:
        """Name file and line: of the key the fault speaks of, else of the row's header."""
        lines = self._text.splitlines()
        starts = [n for n, line in enumerate(lines) if line.strip() == f"[[{table}]]"]
        if index >= len(starts):
            return f"{self.path.name}:1"
        start = starts[index]
        end = starts[index + 1] if index + 1 < len(starts) else len(lines)
        word = re.split(r"[.:\[\s]", fault.strip())[0]
        hits = [n for n in range(start, end) if re.match(rf"\s*{re.escape(word)}\s*=", lines[n])]
        return f"{self.path.name}:{(hits or [start])[0] + 1}"
