"""Read rules/*.toml into the domain's frozen records, once, and refuse a rulebook that does not add up.

Every fault of every file is reported together, each with its file and line, so that a billing lead can mend
them in one sitting. The application does not start on a faulty rulebook.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from .domain.arguments import Argument
from .domain.benchmarks import Benchmark
from .domain.benchmarks import faults as benchmark_faults
from .domain.chances import Prior
from .domain.chances import faults as prior_faults
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
from .domain.common_payers import CommonPayer
from .domain.common_payers import faults as common_faults
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
from .domain.glossary import Term
from .domain.glossary import faults as term_faults
from .domain.hooks import Column, Hook
from .domain.letters import LetterBook, LetterKind
from .domain.matching import Mismatch, failing_examples, unknown_codes
from .domain.measures import MEASURES
from .domain.paragraphs import Paragraph
from .domain.payer_classes import Amount, Level, PayerClass
from .domain.policies import Pattern, Policy
from .domain.predenial import Check
from .domain.protections import Protection
from .domain.x12_codes import ClaimPayment, ClaimStatus, ProviderAdjustment, ReviewOutcome, X12Codes
from .domain.x12_codes import faults as x12_faults
from .rulefile import Source

FOLDER = Path(__file__).parent / "rules"
LETTERS = ("citations", "arguments", "hooks", "letters", "evidence", "paragraphs")
FILES = (
    "benchmarks",
    "codes",
    "common_payers",
    "denial_codes",
    "denial_routes",
    "glossary",
    "mismatches",
    "payer_classes",
    "policies",
    "priors",
    "protections",
    "x12_codes",
)
CLOCKS = ("deadlines", "decision_clocks", "claim_clocks")


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
    mismatches: Mapping[str, Mismatch]
    checks: Mapping[str, Check]
    policies: Mapping[str, Policy]
    patterns: Mapping[str, Pattern]
    protections: Mapping[str, Protection]
    x12: X12Codes
    letters: LetterBook
    benchmarks: Mapping[str, Benchmark]
    priors: Mapping[str, Prior]
    glossary: Mapping[str, Term]
    common_payers: Mapping[str, CommonPayer]


@cache
def load(folder: Path = FOLDER) -> Rulebook:
    """Read every rule file. Raises RulebookError with all faults of all files."""
    sources = {name: Source(folder / f"{name}.toml") for name in (*FILES, *CLOCKS, *LETTERS)}
    codes = _codes(sources["codes"])
    denial_codes = _denial_codes(sources["denial_codes"])
    clocks = _clocks(sources["payer_classes"], [sources[name] for name in CLOCKS])
    letters = _letters({name: sources[name] for name in LETTERS})
    mismatches, checks = _mismatches(sources["mismatches"], denial_codes)
    policies = sources["policies"].rows("policy", Policy)
    book = Rulebook(
        digest=_digest(folder),
        clocks=clocks,
        codes=codes,
        denial_codes=denial_codes,
        denial_routes=_routes(sources["denial_routes"], denial_codes, clocks),
        mismatches=mismatches,
        checks=checks,
        letters=letters,
        policies=policies,
        patterns=sources["policies"].rows("pattern", Pattern),
        protections=sources["protections"].rows("protection", Protection),
        x12=_x12(sources["x12_codes"]),
        benchmarks=_benchmarks(sources["benchmarks"]),
        priors=_priors(sources["priors"], denial_codes),
        glossary=_glossary(sources["glossary"]),
        common_payers=_common_payers(sources["common_payers"], clocks, policies),
    )
    faults = [fault for source in sources.values() for fault in source.faults]
    if faults:
        raise RulebookError(faults)
    return book


def _benchmarks(source: Source) -> dict[str, Benchmark]:
    rows = source.rows("benchmark", Benchmark)
    for name, what in benchmark_faults(rows.values(), MEASURES):
        source.blame("benchmark", name, what)
    return rows


def _glossary(source: Source) -> dict[str, Term]:
    terms = source.rows("term", Term)
    for name, what in term_faults(terms):
        source.blame("term", name, what)
    return terms


def _common_payers(source: Source, clocks: ClockBook, policies: Mapping[str, Policy]) -> dict[str, CommonPayer]:
    payers = source.rows("common_payer", CommonPayer)
    for name, what in common_faults(payers.values(), clocks.classes, policies):
        source.blame("common_payer", name, what)
    return payers


def _priors(source: Source, codes: DenialCodes) -> dict[str, Prior]:
    rows = source.rows("prior", Prior)
    for name, what in prior_faults(rows.values(), codes.categories):
        source.blame("prior", name, what)
    return rows


def _routes(source: Source, codes: DenialCodes, clocks: ClockBook) -> dict[str, Route]:
    routes = source.rows("route", Route)
    for name, what in route_faults(routes, codes.categories, clocks.classes, clocks.levels):
        source.blame("route", name, what)
    return routes


def _mismatches(source: Source, codes: DenialCodes) -> tuple[dict[str, Mismatch], dict[str, Check]]:
    mismatches, checks = source.rows("mismatch", Mismatch), source.rows("check", Check)
    for name, what in failing_examples(mismatches.values()):
        source.blame("mismatch", name, what)
    for table, rows in (("mismatch", mismatches), ("check", checks)):
        drawn = {name: (row.carcs, row.rarcs) for name, row in rows.items()}
        for name, what in unknown_codes(drawn, codes.carcs, codes.rarcs):
            source.blame(table, name, what)
    return mismatches, checks


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
        paragraphs=files["paragraphs"].rows("paragraph", Paragraph),
    )
    homes = {"argument": "arguments", "hook": "hooks", "letter": "letters", "evidence": "evidence"}
    homes["paragraph"] = "paragraphs"
    for table, name, what in book.faults():
        files[homes[table]].blame(table, name, what)
    return book


def _digest(folder: Path) -> str:
    whole = sha256()
    for path in sorted(folder.glob("*.toml")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()
