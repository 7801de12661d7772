"""Read rules/*.toml into the domain's frozen records, once, and refuse a rulebook that does not add up.

Every fault of every file is reported together, each with its file and line, so that a billing lead can mend
them in one sitting. The application does not start on a faulty rulebook.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from .domain.arguments import Argument
from .domain.citations import Citation, Overstatement
from .domain.clock_checks import faults as clock_faults
from .domain.clock_rules import Rule
from .domain.codes import (
    CodeBook,
    Diagnosis,
    Modifier,
    NcciPairs,
    Place,
    Procedure,
    Product,
    Trap,
    WastageDate,
    WastageExample,
)
from .domain.codes import faults as code_faults
from .domain.deadlines import ClockBook
from .domain.denial_codes import (
    Carc,
    Category,
    Combination,
    DenialCodes,
    EndedCode,
    Group,
    LetterWords,
    Rarc,
    misfits,
)
from .domain.denial_routes import Route
from .domain.denial_routes import faults as route_faults
from .domain.evidence import Evidence
from .domain.hooks import Column, Hook
from .domain.letters import LetterBook, LetterKind
from .domain.payer_classes import Amount, Level, PayerClass
from .domain.policies import Pattern, Policy
from .domain.protections import Protection
from .domain.x12_codes import ClaimPayment, ClaimStatus, ProviderAdjustment, ReviewOutcome, X12Codes
from .domain.x12_codes import faults as x12_faults
from .reading import Misread, from_toml

FOLDER = Path(__file__).parent / "rules"
LETTERS = ("citations", "arguments", "hooks", "letters", "evidence")
FILES = ("codes", "denial_codes", "denial_routes", "payer_classes", "policies", "protections", "x12_codes")
CLOCKS = ("deadlines", "decision_clocks", "claim_clocks")
Row = TypeVar("Row")


class RulebookError(ValueError):
    """The rule files hold faults; `faults` lists them as `file:line: what is wrong`."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Rulebook:
    """Every rule the product knows, by id. `digest` is the SHA-256 of all rule files, kept with each letter."""

    digest: str
    clocks: ClockBook
    codes: CodeBook
    denial_codes: DenialCodes
    denial_routes: Mapping[str, Route]
    policies: Mapping[str, Policy]
    patterns: Mapping[str, Pattern]
    protections: Mapping[str, Protection]
    x12: X12Codes
    letters: LetterBook


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


@cache
def load(folder: Path = FOLDER) -> Rulebook:
    """Read every rule file. Raises RulebookError with all faults of all files."""
    sources = {name: Source(folder / f"{name}.toml") for name in (*FILES, *CLOCKS, *LETTERS)}
    codes = _codes(sources["codes"])
    denial_codes = _denial_codes(sources["denial_codes"])
    clocks = _clocks(sources["payer_classes"], [sources[name] for name in CLOCKS])
    letters = _letters({name: sources[name] for name in LETTERS})
    book = Rulebook(
        digest=_digest(folder),
        clocks=clocks,
        codes=codes,
        denial_codes=denial_codes,
        denial_routes=_routes(sources["denial_routes"], denial_codes, clocks),
        letters=letters,
        policies=sources["policies"].rows("policy", Policy),
        patterns=sources["policies"].rows("pattern", Pattern),
        protections=sources["protections"].rows("protection", Protection),
        x12=_x12(sources["x12_codes"]),
    )
    faults = [fault for source in sources.values() for fault in source.faults]
    if faults:
        raise RulebookError(faults)
    return book


def _routes(source: Source, codes: DenialCodes, clocks: ClockBook) -> dict[str, Route]:
    routes = source.rows("route", Route)
    for name, what in route_faults(routes, codes.categories, clocks.classes, clocks.levels):
        source.blame("route", name, what)
    return routes


def _x12(source: Source) -> X12Codes:
    codes = X12Codes(
        review_outcomes=source.rows("review_outcome", ReviewOutcome, "code"),
        claim_statuses=source.rows("claim_status", ClaimStatus, "code"),
        claim_payments=source.rows("claim_payment", ClaimPayment, "code"),
        provider_adjustments=source.rows("provider_adjustment", ProviderAdjustment, "code"),
    )
    for table, key, name, what in x12_faults(codes):
        source.blame(table, name, what, key)
    return codes


def _codes(source: Source) -> CodeBook:
    book = CodeBook(
        diagnoses=source.rows("diagnosis", Diagnosis, "code"),
        procedures=source.rows("procedure", Procedure, "code"),
        products=source.rows("product", Product, "code"),
        modifiers=source.rows("modifier", Modifier, "code"),
        places=source.rows("place", Place, "code"),
        ncci=source.rows("ncci", NcciPairs, "column1"),
        wastage_dates=source.rows("wastage_date", WastageDate),
        wastage_examples=source.rows("wastage_example", WastageExample, "case"),
        traps=source.rows("trap", Trap),
    )
    for table, key, name, what in code_faults(book):
        source.blame(table, name, what, key)
    return book


def _denial_codes(source: Source) -> DenialCodes:
    codes = DenialCodes(
        categories=source.rows("category", Category),
        groups=source.rows("group", Group, "code"),
        carcs=source.rows("carc", Carc, "code"),
        rarcs=source.rows("rarc", Rarc, "code"),
        combinations=source.rows("combination", Combination),
        ended=source.rows("ended", EndedCode, "code"),
        letter_words=source.rows("letter_words", LetterWords, "category"),
    )
    for table, key, name, what in misfits(codes):
        source.blame(table, name, what, key)
    return codes


def _clocks(ladders: Source, files: Iterable[Source]) -> ClockBook:
    """Read the payer classes, their ladders and every clock rule, and check them against each other."""
    found = [(source, source.rows("rule", Rule)) for source in files]
    homes = {name: source for source, rules in found for name in rules}
    book = ClockBook(
        classes=ladders.rows("payer_class", PayerClass),
        levels=ladders.rows("level", Level),
        rules={name: rule for _, rules in found for name, rule in rules.items()},
        amounts=tuple(ladders.rows("amount", Amount, "year").values()),
    )
    for name, fault in clock_faults(book):
        homes[name].blame("rule", name, fault)
    return book


def _letters(files: Mapping[str, Source]) -> LetterBook:
    book = LetterBook(
        citations=files["citations"].rows("citation", Citation),
        overstatements=files["citations"].rows("overstatement", Overstatement),
        arguments=files["arguments"].rows("argument", Argument),
        hooks=files["hooks"].rows("hook", Hook),
        columns=files["hooks"].rows("column", Column),
        kinds=files["letters"].rows("letter", LetterKind),
        evidence=files["evidence"].rows("evidence", Evidence),
    )
    homes = {"argument": "arguments", "hook": "hooks", "letter": "letters", "evidence": "evidence"}
    for table, name, what in book.faults():
        files[homes[table]].blame(table, name, what)
    return book


def _digest(folder: Path) -> str:
    whole = sha256()
    for path in sorted(folder.glob("*.toml")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()
