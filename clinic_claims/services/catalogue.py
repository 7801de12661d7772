"""The rulebook as something to search and read: every row of every table with its source and its standing."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import partial
from typing import Any

from ..domain.clock_rules import Rule
from ..domain.counting import spoken
from ..domain.lifecycle import words
from ..rulebook import Rulebook

UNVERIFIED = "unverified: check the notice"
RECALLED = "unverified: look it up before relying on it"
LABELS = {
    "hfs": "HFS",
    "month_end": "Shorter month",
    "if_closed": "Closed last day",
    "hfs_status": "HFS",
    "opd_prior_auth": "Needs Medicare approval (hospital)",
    "mue": "MUE",
}
SAID = {  # choices of a rule that are ids, as people say them
    "clamp": "the last day of a shorter month",
    "first_of_next": "the first day of the next month",
    "stay": "it stays the last day",
    "roll_forward": "it moves to the next business day",
}
ID = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
SHORT = re.compile(r"\b(chip|erisa|fehb|ffs|tricare|va)\b")
NAMED = re.compile(r"\b(medicare|medicaid)\b")
ELSEWHERE = {"id", "source", "citation", "confidence", "recalled_parts", "in_force", "checked", "example", "examples"}
"""Fields with a place of their own on the page."""


@dataclass(frozen=True)
class Kind:
    """One table of the rulebook: its name in addresses, its heading, its rows, and how a row is called."""

    name: str
    label: str
    rows: Callable[[Rulebook], Mapping[str, Any]]
    title: str
    says: str


def _codes(table: str, book: Rulebook) -> Mapping[str, Any]:
    return getattr(book.codes, table)


def _denial_codes(table: str, book: Rulebook) -> Mapping[str, Any]:
    return getattr(book.denial_codes, table)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("clock", "Clocks", lambda book: book.clocks.rules, "{label}", "{counted}"),
        Kind("level", "Appeal levels", lambda book: book.clocks.levels, "{name}, {payer_class}", "{file_within}"),
        Kind("payer-class", "Payer classes", lambda book: book.clocks.classes, "{name}", "{standing}"),
        Kind("carc", "Reason codes", partial(_denial_codes, "carcs"), "CARC {code}", "{short}"),
        Kind("rarc", "Remark codes", partial(_denial_codes, "rarcs"), "RARC {code}", "{short}"),
        Kind("combination", "Code combinations", partial(_denial_codes, "combinations"), "{id}", "{means}"),
        Kind("route", "Ways to answer", lambda book: book.denial_routes, "{name}", "{why}"),
        Kind("policy", "Payer policies", lambda book: book.policies, "{payer} {number}", "{hfs_position}"),
        Kind("pattern", "Usual policy terms", lambda book: book.patterns, "{pattern}", "{value}"),
        Kind("protection", "Protections of an approval", lambda book: book.protections, "{citation}", "{rule}"),
        Kind("diagnosis", "Diagnoses", partial(_codes, "diagnoses"), "{code}", "{description}"),
        Kind("procedure", "Procedures", partial(_codes, "procedures"), "{code}", "{label}"),
        Kind("product", "Toxins", partial(_codes, "products"), "{code} {brand}", "{name}"),
        Kind("modifier", "Modifiers", partial(_codes, "modifiers"), "Modifier {code}", "{label}"),
        Kind("place", "Places of service", partial(_codes, "places"), "Place {code}", "{label}"),
        Kind("trap", "Coding traps", partial(_codes, "traps"), "{trap}", "{detail}"),
        Kind("citation", "Citations", lambda book: book.letters.citations, "{title}", "{finding}"),
        Kind("argument", "Arguments", lambda book: book.letters.arguments, "{heading}", "{summary}"),
        Kind("request", "Requests by law", lambda book: book.letters.hooks, "{request}", "{law}"),
    )
}


@dataclass(frozen=True)
class Entry:
    """One row of the rulebook under its kind and id."""

    kind: Kind
    id: str
    row: Any

    @property
    def title(self) -> str:
        """What it is called."""
        return self.kind.title.format_map(_Said(self.row)).strip()

    @property
    def says(self) -> str:
        """What it says, in a line."""
        return self.kind.says.format_map(_Said(self.row))

    @property
    def confidence(self) -> str:
        """How far it was read in its source: verified, partly_verified, recalled; empty where a row has none."""
        return str(getattr(self.row, "confidence", None) or getattr(self.row, "status", ""))

    @property
    def caution(self) -> str:
        """What must be checked before leaning on it."""
        if self.confidence == "recalled":
            return UNVERIFIED if self.kind.name in ("clock", "level") else RECALLED
        parts = getattr(self.row, "recalled_parts", "")
        return f"not read in the source: {parts}" if parts else ""

    @property
    def in_force(self) -> tuple[date | None, date | None]:
        """First and last day in force, as far as known."""
        span = getattr(self.row, "in_force", None)
        if span is not None:
            return span.since, span.until
        return getattr(self.row, "in_force_from", None), getattr(self.row, "in_force_to", None)

    def facts(self) -> Iterator[tuple[str, str | list[str]]]:
        """Yield every other field that is filled, with its name in words."""
        for each in fields(self.row):
            value = getattr(self.row, each.name)
            if each.name not in ELSEWHERE and value not in (None, "", (), False):
                yield LABELS.get(each.name, words(each.name).capitalize()), plain(value)

    def holds(self, asked: list[str]) -> bool:
        """Say whether every word asked for stands somewhere in the row."""
        text = " ".join(str(getattr(self.row, each.name)) for each in fields(self.row)).casefold()
        return all(word in text for word in asked)


class _Said(dict[str, str]):
    """The fields of a row as words, for the lines above."""

    def __init__(self, row: Any) -> None:
        super().__init__()
        self.row = row

    def __missing__(self, name: str) -> str:
        if name == "counted":
            return _counted(self.row)
        value = getattr(self.row, name, None)
        return str(plain(value)) if value else ""


def spelled(name: str) -> str:
    """Write an id of the rulebook in words: medicare_ffs is "Medicare FFS"."""
    short = SHORT.sub(lambda found: found[0].upper(), words(name))
    return NAMED.sub(lambda found: found[0].capitalize(), short)


def _counted(rule: Rule) -> str:
    """Say how a clock runs, and for whom."""
    runs = f"{rule.length} from {words(rule.starts)}" if rule.length else rule.unknown
    whom = [spelled(name) for name in (*rule.when.payer, *rule.when.payer_class, *rule.when.state)]
    return f"{runs}; {', '.join(whom) or 'everybody'}"


def plain(value: Any) -> str | list[str]:
    """Write a value of the rulebook as people read it."""
    match value:
        case True:
            return "yes"
        case str() if value in SAID:
            return SAID[value]
        case str() if ID.fullmatch(value):
            return spelled(value)
        case date():
            return spoken(value)
        case tuple():
            return [str(plain(each)) for each in value]
        case _ if is_dataclass(value) and type(value).__str__ is object.__str__:
            named = ((each.name, getattr(value, each.name)) for each in fields(value))
            said = {name: plain(each) for name, each in named if each not in (None, "", (), False)}
            return "; ".join(f"{words(name)} {_joined(each)}" for name, each in said.items()) or "any"
        case _:
            return str(value)


def _joined(value: str | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else value


def entries(book: Rulebook, kind: str | None = None) -> Iterator[Entry]:
    """Yield every row of the rulebook, or those of one kind, in the order of the rule files."""
    for each in [KINDS[kind]] if kind else KINDS.values():
        yield from (Entry(each, str(name), row) for name, row in each.rows(book).items())


def search(book: Rulebook, text: str, kind: str | None = None) -> list[Entry]:
    """Find the rows that hold every word; those named so come first."""
    asked = text.casefold().split()
    found = [entry for entry in entries(book, kind) if entry.holds(asked)]
    return sorted(found, key=lambda entry: _nearness(entry, text.casefold().strip()))


def _nearness(entry: Entry, text: str) -> int:
    """Rank a hit: the very code or id, then the title, then the rest."""
    if not text or text == entry.id.casefold():
        return 0
    return 1 if text in entry.title.casefold() else 2


def find(book: Rulebook, kind: str, name: str) -> Entry | None:
    """Return one row, or None."""
    known = KINDS.get(kind)
    row = known.rows(book).get(name) if known else None
    return Entry(known, name, row) if known and row is not None else None


def dated(book: Rulebook, name: str) -> Entry | None:
    """Return the row of that id among those whose source is read again every year."""
    return next(filter(None, (find(book, kind, name) for kind in ("clock", "level", "policy"))), None)
