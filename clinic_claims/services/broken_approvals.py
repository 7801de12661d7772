"""Approved, then denied: each case with its approval, where the claim departed from it, if it did, and the law."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain import words
from ..domain.papers import Bar, Chart, Column, Paper, Ref, Section, Table
from ..domain.protections import Protection, protections_for
from ..models import Authorization, Claim, Coverage, Denial, Payer, Plan, TreatmentCase
from ..rulebook import Rulebook
from . import comparing
from .deeds import Deed
from .denial_columns import IS_WON, OPEN, from_denials
from .measures import Period
from .reports import ZERO

# Reasons that an approval has answered beforehand; it says nothing of coverage, coding or time.
GRANTED = (
    *("prior_auth_missing", "prior_auth_mismatch", "prior_auth_exceeded", "prior_auth_denied"),
    *("pre_approved_then_denied", "medical_necessity", "experimental", "cosmetic", "step_therapy", "frequency"),
    *("diagnosis_not_covered", "noncovered_benefit", "unclassified"),
)
MOST = 300  # cases shown, the newest first
REACH = {
    "bars_denial": "bars the denial",
    "limits_criteria": "limits the criteria",
    "provisional": "provisional approval",
    "no_ban": "no ban: argue plan and contract",
    "not_read": "statute not read yet",
}


@dataclass(frozen=True)
class Case:
    """One denial of an approved service. Without `differences` the payer broke its own approval."""

    denial: Denial
    approval: Authorization
    differences: tuple[str, ...]
    protections: tuple[Protection, ...]

    @property
    def is_breach(self) -> bool:
        """Whether the claim is as approved."""
        return not self.differences


@dataclass(frozen=True)
class PayerSum:
    """Denials of approved services by one payer."""

    payer: str
    denials: int
    won: int
    denied: Decimal
    recovered: Decimal
    open: Decimal


def _wanted(query: Any, period: Period, payer: str | None) -> Any:
    query = query.where(Denial.approved_before, Denial.claim_id.is_not(None), period.holds(Denial.denied_on))
    return query.where(Payer.name == payer) if payer else query


def by_payer(period: Period, payer: str | None = None) -> tuple[PayerSum, ...]:
    """Sum the denials of approved services by payer, the most dollars first."""
    sums = (func.sum(Denial.amount), func.sum(Denial.recovered), func.sum(OPEN))
    columns = (Payer.name, func.count(), func.count().filter(IS_WON), *sums)
    query = _wanted(from_denials(columns, ("payer",)), period, payer).group_by(Payer.name)
    found = [PayerSum(*row) for row in db.session.execute(query)]
    return tuple(sorted(found, key=lambda row: (-row.denied, row.payer)))


def cases(period: Period, deed: Deed, payer: str | None = None, limit: int = MOST) -> Iterator[Case]:
    """Yield the cases, newest first, each compared with its approval anew."""
    keys = _wanted(from_denials((Denial.id,), ("payer",)), period, payer)
    newest = keys.order_by(Denial.denied_on.desc(), Denial.id.desc()).limit(limit)
    about = joinedload(Denial.claim).options(
        joinedload(Claim.authorization),
        joinedload(Claim.case).joinedload(TreatmentCase.patient),
        joinedload(Claim.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
    )
    ids = list(db.session.scalars(newest))
    rows = db.session.scalars(select(Denial).where(Denial.id.in_(ids)).options(about))
    for denial in sorted(rows, key=lambda row: ids.index(row.id)):
        claim = denial.claim
        if claim is not None and claim.authorization is not None:
            yield _case(denial, claim, claim.authorization, deed)


def _case(denial: Denial, claim: Claim, approval: Authorization, deed: Deed) -> Case:
    differences = [row.says for row in comparing.of_claim(claim, deed) if not row.same]
    if denial.category not in GRANTED:
        differences.append("denied for something that an approval does not settle")
    differences += [f"{code} was denied, which the approval does not name" for code in _beside(denial, approval)]
    return Case(denial, approval, tuple(differences), protecting(claim.coverage.plan, deed.book))


def _beside(denial: Denial, approval: Authorization) -> list[str]:
    """Return the codes denied when none of them is among those approved."""
    refused = dict.fromkeys(row.line.code for row in denial.lines)
    return [] if refused.keys() & {line.code for line in approval.lines} else list(refused)


def protecting(plan: Plan, book: Rulebook) -> tuple[Protection, ...]:
    """Return the rules that protect an approval of this plan."""
    found = book.clocks.find_class(plan.payer_class)
    return protections_for(book.protections.values(), found.id if found else plan.payer_class, plan.state)


def outcome(denial: Denial) -> str:
    """Say how a denial stands, with the dollars won back."""
    won = f", ${denial.recovered:,.2f} won back" if denial.recovered else ""
    return f"{denial.state.value.replace('_', ' ').capitalize()}{won}"


def approval_words(approval: Authorization) -> str:
    """Name the approval with its day and the days it covers."""
    told = [approval.number or approval.reference]
    if approval.decided_on:
        told.append(f"of {words.day(approval.decided_on)}")
    if approval.valid_from and approval.valid_to:
        told.append(f"valid {words.day(approval.valid_from)} to {words.day(approval.valid_to)}")
    return ", ".join(told)


def rule_words(protections: tuple[Protection, ...]) -> str:
    """Name the rules and how far they reach; says so where none is known."""
    told = [f"{rule.citation} ({REACH[rule.strength]})" for rule in protections]
    return words.listed(told) if told else "No rule on file for this plan class and state"


CASES = (
    Column("Denied on", "day"),
    Column("Denial"),
    Column("Claim"),
    Column("Payer"),
    Column("Approval", "text", "The payer's number, the day of its decision, and the days it covers."),
    Column("Denied for"),
    Column(
        "Claim and approval",
        "text",
        "Where they differ; where they do not, the payer broke its approval.",
    ),
    Column("Rule that protects", "text", "Law that keeps the payer to its approval, by plan class and state."),
    Column("Outcome"),
    Column("Denied $", "money"),
)
PAYERS = (
    Column("Payer"),
    Column("Denials", "count"),
    Column("Won", "count", "Overturned or paid, wholly or in part."),
    Column("Denied $", "money"),
    Column("Won back $", "money"),
    Column("Open $", "money"),
)


def case_cells(case: Case) -> tuple[Any, ...]:
    """Return the cells of a case in the order of CASES."""
    denial, claim = case.denial, case.denial.subject
    return (
        denial.denied_on,
        Ref("denial", denial.id, denial.reference),
        Ref("claim", claim.id, claim.reference),
        claim.coverage.plan.payer.name,
        approval_words(case.approval),
        denial.codes,
        words.capitalized("; ".join(case.differences)) or "No difference: a breach of the approval",
        rule_words(case.protections),
        outcome(denial),
        denial.amount,
    )


def paper(period: Period, deed: Deed, about: str) -> Paper:
    """Return the whole report."""
    sums = by_payer(period)
    total = ("Total", *(sum((getattr(row, name) for row in sums), zero) for name, zero in _TOTALS.items()))
    rows = [(row.payer, row.denials, row.won, row.denied, row.recovered, row.open) for row in sums]
    found = list(cases(period, deed))
    breaches, every = sum(case.is_breach for case in found), sum(row.denials for row in sums)
    which = f"{len(found)} cases" if len(found) == every else f"the newest {len(found)} of {every:,} cases"
    told = f"Of {which} {breaches} are breaches: the claim is as approved. The others say what differs."
    means = tuple((column.label, column.means) for column in (*PAYERS, *CASES) if column.means)
    return Paper(
        title="Approved, then denied",
        about=about,
        sections=(
            Section(
                title="By payer",
                chart=_chart(sums) if sums else None,
                table=Table(name="By payer", columns=PAYERS, rows=rows, total=total if rows else None),
            ),
            Section(
                title="Each case",
                text=told if found else "",
                table=Table(name="Cases", columns=CASES, rows=[case_cells(case) for case in found]),
            ),
        ),
        means=means,
        slug="approved-then-denied",
    )


_TOTALS: dict[str, Any] = {"denials": 0, "won": 0, "denied": ZERO, "recovered": ZERO, "open": ZERO}


def _chart(sums: tuple[PayerSum, ...]) -> Chart:
    bars = [
        Bar(
            label=row.payer,
            value=float(row.denied),
            part=float(row.recovered),
            shown=f"${row.denied:,.0f}",
            part_shown=f"${row.recovered:,.0f}" if row.recovered else "",
        )
        for row in sums[:12]
    ]
    return Chart(
        id="broken-chart",
        kind="bars",
        title="Dollars denied although approved, and won back",
        description="The table below holds the same figures.",
        whole="Denied although approved",
        part="Won back",
        bars=tuple(bars),
    )
