"""The check before a claim is sent: whatever a computer can see that the payer would deny.

Errors stop the claim until they are cured or overridden with a reason; warnings do not. Each finding names the codes it
would have drawn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .codes import CodeBook, diagnosis_fault, side_fault, side_of_modifiers, unit_fault
from .counting import Length, add, spoken
from .matching import Match, Severity
from .payer_classes import Confidence
from .words import listed

MEDICARE = ("medicare_ffs",)
ADVANTAGE = ("medicare_advantage_enrollee", "medicare_advantage_noncontract_provider")
SEPARATE = {"25", "57", "59", "XE", "XP", "XS", "XU"}
NEVER_TOGETHER = (("50", "RT"), ("50", "LT"), ("JW", "JZ"), ("GA", "GZ"), ("GA", "GX"), ("GA", "GY"), ("GX", "GZ"))
SIDED = ("64612", "64616", "61458")  # services of one side
BOTH_SIDED = ("64611", "64615")
DOUBTFUL = timedelta(days=6)  # days 84 to 89: a payer that counts three months may say no
FRESH = timedelta(days=7)  # an eligibility check holds for the week of the service
ASC = "24"
INTERVAL = "interval"  # the check on the days between two injections


@dataclass(frozen=True, kw_only=True)
class Check:
    """One [[check]] of rules/mismatches.toml."""

    id: str
    label: str
    severity: Severity
    carcs: tuple[str, ...]
    cure: str
    example: str
    source: str
    confidence: Confidence
    rarcs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that would be denied: what, with which codes, and how to cure it."""

    rule: str
    label: str
    severity: Severity
    says: str
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]
    cure: str
    confidence: Confidence

    @property
    def codes(self) -> str:
        """The denial it would cause: "CARC 284 · N54"."""
        return " · ".join([f"CARC {' or '.join(self.carcs)}", *self.rarcs])

    @property
    def sentence(self) -> str:
        """The finding as a refusal shows it."""
        return f"{self.says} ({self.codes}). {self.cure}"


@dataclass(frozen=True, kw_only=True)
class LineToCheck:
    """A service line, planned or billed, in billing units."""

    code: str
    units: int
    diagnosis: str
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ToCheck:
    """What is on file around a visit or a claim; None or empty where nothing is.

    `earliest` is the first payable day after the last injection, `asked_on` the last eligibility check, `eligible` its
    answer. `missing` names papers that should be on file. `large_vial` is the sentence of the vial arithmetic.
    """

    lines: tuple[LineToCheck, ...]
    day: date | None
    payer_class: str
    place: str | None = None
    billing: bool = True
    sent_on: date | None = None
    file_by: date | None = None
    file_act_by: date | None = None
    last_injection: date | None = None
    earliest: date | None = None
    early_reason: str | None = None
    coverage_from: date | None = None
    coverage_to: date | None = None
    asked_on: date | None = None
    eligible: bool | None = None
    referral_missing: bool = False
    approval_missing: bool = False
    preferred: tuple[str, ...] = ()
    large_vial: str | None = None
    waste_paid: bool | None = None
    abn_on_file: bool = False
    missing: tuple[str, ...] = ()


Said = Iterator[tuple[str, str]]


def run(
    claim: ToCheck, checks: Mapping[str, Check], book: CodeBook, matches: Iterable[Match] = ()
) -> tuple[Finding, ...]:
    """Return every finding, errors first: of the checks, then of the three columns."""
    parts = (_filing, _codes, _modifiers, _drug, _pairs, _limits, _interval, _coverage, _papers)
    found = [_finding(checks[name], says) for part in parts for name, says in part(claim, book)]
    found += [of_match(match) for match in matches if not match.same]
    return tuple(sorted(found, key=lambda finding: finding.severity != "error"))


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those that stop a claim."""
    return tuple(finding for finding in findings if finding.severity == "error")


def of_match(match: Match) -> Finding:
    """Turn a row of the three columns that differs into a finding."""
    rule = match.rule
    return Finding(
        rule=rule.id,
        label=match.what,
        severity="error",
        says=match.says,
        carcs=rule.carcs,
        rarcs=rule.rarcs,
        cure=rule.cure,
        confidence=rule.confidence,
    )


def _finding(check: Check, says: str) -> Finding:
    return Finding(
        rule=check.id,
        label=check.label,
        severity=check.severity,
        says=says,
        carcs=check.carcs,
        rarcs=check.rarcs,
        cure=check.cure,
        confidence=check.confidence,
    )


def _filing(claim: ToCheck, _: CodeBook) -> Said:
    if claim.sent_on is None or claim.file_by is None:
        return
    if claim.sent_on > claim.file_by:
        yield "timely_filing", f"Filing ended {spoken(claim.file_by)}"
    elif claim.file_act_by and claim.sent_on > claim.file_act_by:
        yield "timely_filing_near", f"Filing ends {spoken(claim.file_by)}"


def _codes(claim: ToCheck, book: CodeBook) -> Said:
    for line in claim.lines:
        if fault := diagnosis_fault(book, line.diagnosis):
            yield "diagnosis_code", fault
        if fault := side_fault(book, line.diagnosis, line.modifiers):
            yield "line_side", f"{line.code}: {fault}"
        if line.code in SIDED and side_of_modifiers(line.modifiers) is None:
            yield "side_missing", f"{line.code} names no side"


def _modifiers(claim: ToCheck, _: CodeBook) -> Said:
    for line in claim.lines:
        worn = set(line.modifiers)
        for one, other in NEVER_TOGETHER:
            if {one, other} <= worn:
                yield "modifiers", f"{line.code} carries {one} and {other}"
        if line.code in BOTH_SIDED and "50" in worn:
            yield "modifiers", f"{line.code} is both sides already, without 50"
        if "50" in worn and claim.place == ASC:
            yield "modifiers", f"{line.code}-50 in a surgery center: bill RT and LT on two lines"
        if "GA" in worn and claim.payer_class not in MEDICARE:
            yield "abn", f"{line.code} carries GA, which Original Medicare alone knows"
        elif "GA" in worn and not claim.abn_on_file:
            yield "abn", f"{line.code} carries GA and no signed notice is on file"


def _drug(claim: ToCheck, book: CodeBook) -> Said:
    """Look at drug lines: JW or JZ, waste that is not paid or could have been smaller, the plan's own product."""
    drugs = [line for line in claim.lines if line.code in book.products]
    since = book.wastage_dates["jz_required"].day
    if claim.billing and claim.day and claim.day >= since:
        for code in dict.fromkeys(line.code for line in drugs):
            worn = {modifier for line in drugs if line.code == code for modifier in line.modifiers}
            if not worn & {"JW", "JZ"}:
                own = claim.payer_class in (*MEDICARE, *ADVANTAGE)
                yield "jw_jz" if own else "jw_jz_other_payer", f"{code} carries neither JW nor JZ"
    if claim.waste_paid is False and any("JW" in line.modifiers for line in drugs):
        yield "waste_not_paid", "This payer said that it pays no discarded drug"
    if claim.large_vial:
        yield "large_vial", claim.large_vial
    for code in dict.fromkeys(line.code for line in drugs):
        if claim.preferred and code not in claim.preferred:
            brands = listed(book.products[own].brand if own in book.products else own for own in claim.preferred)
            yield "preferred_product", f"The plan prefers {brands}, not {book.products[code].brand}"


def _pairs(claim: ToCheck, book: CodeBook) -> Said:
    lines = {line.code: line for line in claim.lines}
    for code in lines:
        pairs = book.ncci.get(code)
        for other in pairs.column2 if pairs else ():
            if pairs and other in lines:
                apart = SEPARATE & set(lines[other].modifiers)
                yield "ncci_separate" if apart else "ncci", f"{other} beside {code}: {pairs.note}"


def _limits(claim: ToCheck, book: CodeBook) -> Said:
    """Hold the day's units against the medically unlikely edits; in a surgery center two sides are two lines."""
    for code in dict.fromkeys(line.code for line in claim.lines):
        own = [line for line in claim.lines if line.code == code]
        units = max(line.units for line in own) if claim.place == ASC and code in SIDED else _total(own)
        row = book.procedures.get(code) or book.products.get(code)
        if (fault := unit_fault(book, code, units)) and row:
            yield "mue" if row.mue_indicator == 2 else "mue_with_records", fault


def _total(lines: Sequence[LineToCheck]) -> int:
    return sum(line.units for line in lines)


def _interval(claim: ToCheck, _: CodeBook) -> Said:
    if claim.day is None or claim.last_injection is None or claim.earliest is None:
        return
    days = (claim.day - claim.last_injection).days
    if claim.day < claim.earliest and not claim.early_reason:
        when = f"{spoken(claim.day)} is day {days} after the injection of {spoken(claim.last_injection)}"
        yield INTERVAL, f"{when}; the earliest payable day is {spoken(claim.earliest)}"
        return
    months = add(claim.last_injection, Length(months=3), lambda _: False)
    if claim.earliest <= claim.day < min(months, claim.earliest + DOUBTFUL):
        yield "interval_months", f"Day {days} is no sooner than 84 days and short of three months ({spoken(months)})"


def _coverage(claim: ToCheck, _: CodeBook) -> Said:
    day = claim.day
    if day is None:
        return
    if (claim.coverage_to and claim.coverage_to < day) or claim.eligible is False:
        ended = f" on {spoken(claim.coverage_to)}" if claim.coverage_to and claim.coverage_to < day else ""
        yield "coverage_ended", f"Coverage ended{ended} before the service of {spoken(day)}"
    if claim.coverage_from and claim.coverage_from > day:
        yield "coverage_not_begun", f"Coverage begins {spoken(claim.coverage_from)}, after the service of {spoken(day)}"
    if claim.billing and (claim.asked_on is None or claim.asked_on < day - FRESH):
        last = f"last checked {spoken(claim.asked_on)}" if claim.asked_on else "never checked"
        yield "eligibility_stale", f"Eligibility for {spoken(day)} was {last}"


def _papers(claim: ToCheck, _: CodeBook) -> Said:
    if claim.approval_missing:
        yield "authorization", "The plan asks for approval and none is on file for this service"
    if claim.referral_missing:
        yield "referral", "The plan asks for a referral and none is on file"
    if claim.missing:
        yield "documents", f"Not on file: {listed(claim.missing)}"
