"""How long each report takes, beside the plain SQL that scans the tables it speaks of."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from clinic_claims.db import db
from clinic_claims.services import (
    broken_approvals,
    dashboard,
    exposure,
    late_answers,
    measures,
    report_files,
    reports,
    what_works,
)
from clinic_claims.services.deeds import Deed
from clinic_claims.services.measures import Period
from clinic_claims.services.reports import Filters

from .harness import Figure, Results, interleaved
from .stores import TODAY, opened, sizes

ROUNDS = 3
YEAR = Period(date(2025, 11, 23), date(2026, 11, 22))
JOINED = (
    "denial d LEFT JOIN claim c ON c.id = d.claim_id JOIN coverage v ON v.id = c.coverage_id "
    "JOIN plan p ON p.id = v.plan_id JOIN payer y ON y.id = p.payer_id"
)
SUMS = "count(*), sum(d.amount), sum(d.recovered)"
# The floor of each report: the sums it cannot do without, written by hand.
FLOORS = {
    "denied": f"SELECT y.name, d.category, {SUMS} FROM {JOINED} GROUP BY 1, 2",
    "month": f"SELECT d.month, {SUMS} FROM denial d GROUP BY 1",
    "lines": f"SELECT d.id, d.denied_on, c.number, y.name, d.amount, d.recovered FROM {JOINED} ORDER BY 2 DESC, 1 DESC",
    "measures": (
        "SELECT count(*), sum(c.charged), count(d.claim_id), sum(d.amount) FROM claim c LEFT JOIN "
        "(SELECT claim_id, sum(amount) AS amount FROM denial GROUP BY 1) d ON d.claim_id = c.id "
        "WHERE c.submitted_on >= '2025-11-23'"
    ),
    "aging": "SELECT d.denied_on, sum(d.amount - d.recovered) FROM denial d GROUP BY 1",
    "causes": f"SELECT d.category, CAST(d.carcs AS TEXT), {SUMS} FROM denial d GROUP BY 1, 2",
    "broken": f"SELECT y.name, {SUMS} FROM {JOINED} WHERE d.approved_before GROUP BY 1",
    "late": (
        "SELECT count(*) FROM deadline t JOIN claim c ON c.id = t.claim_id JOIN coverage v ON v.id = c.coverage_id "
        "WHERE t.who = 'payer' AND t.legal < '2026-11-22'"
    ),
    "works": f"SELECT y.name, count(*) FROM {JOINED} JOIN appeal a ON a.denial_id = d.id GROUP BY 1",
}


def measure(results: Results) -> None:
    """Measure at 10 and 100 thousand claims; CLINIC_BENCH_MILLION=1 adds a million, CLINIC_BENCH_KEEP a folder."""
    keep = os.environ.get("CLINIC_BENCH_KEEP")
    with opened(Path(keep) if keep else None) as stores:
        for kind in ("SQLite", "PostgreSQL"):
            for size in sizes(bool(os.environ.get("CLINIC_BENCH_MILLION"))):
                _measure(stores.app(kind, size), f"{kind}, {size:,} claims", results)


def _measure(app: Flask, where: str, results: Results) -> None:
    with app.app_context():
        deed = Deed("bench", TODAY, app.extensions["rulebook"])
        floors = {name: _floor(statement) for name, statement in FLOORS.items()}
        for name, (floor, work) in _works(deed).items():
            taken = interleaved(ROUNDS, {"ours": _apart(work), "floor": _apart(floors[floor])})
            results.add(Figure(f"{name}, {where}", taken["ours"], taken["floor"], "ms", "", "floor: plain SQL"))


def _works(deed: Deed) -> dict[str, tuple[str, Callable[[], object]]]:
    def lines() -> int:
        return sum(1 for _ in reports.lines(reports.denied(Filters(), deed, ())))

    def csv() -> int:
        return sum(len(line) for line in report_files.to_csv(reports.denied(Filters(), deed, ())))

    return {
        "denied by payer, reason": ("denied", lambda: reports.denied(Filters(), deed)),
        "denied by month": ("month", lambda: reports.denied(Filters(), deed, ("month",))),
        "denied, every line": ("lines", lines),
        "denied as CSV": ("lines", csv),
        "all measures of a year": ("measures", lambda: measures.figures(YEAR, deed)),
        "aging": ("aging", lambda: exposure.aging(deed.today)),
        "causes": ("causes", lambda: exposure.causes(Period(), deed.book)),
        "approved, then denied": ("broken", lambda: broken_approvals.by_payer(Period())),
        "late answers": ("late", lambda: late_answers.scores(Period(), deed.today)),
        "what works": ("works", lambda: what_works.paper(Period(), deed, "")),
        "overview, whole": ("measures", lambda: dashboard.overview(deed)),
    }


def _floor(statement: str) -> Callable[[], object]:
    return lambda: db.session.execute(text(statement)).all()


def _apart(work: Callable[[], object]) -> Callable[[], object]:
    """Run the work in a transaction of its own, as a page would."""

    def run() -> None:
        work()
        db.session.rollback()

    return run
