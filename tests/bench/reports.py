"""How long each report takes, beside the leanest plain SQL for the figures and lists that it shows."""

import csv
import io
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
    scorecard,
    what_works,
)
from clinic_claims.services.deeds import Deed
from clinic_claims.services.measures import Period
from clinic_claims.services.reports import Filters

from .harness import Figure, Results, interleaved
from .stores import TODAY, opened, sizes

ROUNDS = 5
WANTED = "p50 <= 1.5x"
YEAR = Period(date(2025, 11, 23), date(2026, 11, 22))
JOINED = (
    "denial d LEFT JOIN claim c ON c.id = d.claim_id JOIN coverage v ON v.id = c.coverage_id "
    "JOIN plan p ON p.id = v.plan_id JOIN payer y ON y.id = p.payer_id"
)
SUMS = (
    "count(*), count(*) FILTER (WHERE d.state IN ('overturned', 'partly_overturned') OR d.recovered > 0), "
    "sum(d.amount), sum(d.recovered), sum(d.amount - d.recovered) FILTER (WHERE d.state = 'written_off'), "
    "sum(d.amount - d.recovered) FILTER (WHERE d.state NOT IN ('written_off', 'patient_balance') "
    "AND d.amount > d.recovered)"
)
YEARLY = "d.month BETWEEN 202511 AND 202611 AND d.denied_on BETWEEN '2025-11-23' AND '2026-11-22'"
# The floor of each report: the figures and lists it cannot do without, written by hand.
DENIED = f"SELECT y.name, d.category, {SUMS} FROM {JOINED} GROUP BY 1, 2"
MONTH = f"SELECT d.month, {SUMS} FROM denial d GROUP BY 1"
LINES = (
    "SELECT d.id, d.denied_on, c.number, t.last_name, t.first_name, y.name, p.name, s.treatment, s.condition, "
    "d.category, d.carcs, d.rarcs, d.month, d.approved_before, d.state, d.amount, d.recovered, p.payer_class, r.name, "
    f"f.name, c.service_from, d.settled_on FROM {JOINED} JOIN treatment_case s ON s.id = c.case_id "
    "JOIN patient t ON t.id = s.patient_id JOIN provider r ON r.id = c.provider_id "
    "JOIN facility f ON f.id = c.facility_id ORDER BY 2 DESC, 1 DESC"
)
UNCLEAN = (
    "SELECT subject_id FROM event WHERE subject = 'claim' AND action IN "
    "('note_rejected', 'request_information', 'correct')"
)
CLAIMS = (
    "SELECT count(*), sum(c.charged), sum(c.adjusted), count(d.claim_id), sum(d.amount), "
    f"sum(CASE WHEN c.id NOT IN ({UNCLEAN}) THEN 1 END) FROM claim c JOIN coverage v ON v.id = c.coverage_id "
    "LEFT JOIN (SELECT claim_id, sum(amount) AS amount FROM denial GROUP BY 1) d ON d.claim_id = c.id "
    "WHERE c.submitted_on >= '{}'"
)
APPEALED = (
    "SELECT d.denied_on, a.filed, count(*) FROM denial d LEFT JOIN (SELECT denial_id, min(filed_on) AS filed "
    "FROM appeal GROUP BY 1) a ON a.denial_id = d.id WHERE d.denied_on >= '2025-11-23' GROUP BY 1, 2"
)
ENDED = (
    f"SELECT d.denied_on, d.settled_on, d.state, {SUMS} FROM denial d WHERE d.denied_on >= '2025-11-23' "
    "GROUP BY 1, 2, 3"
)
WINDOWS = (
    "SELECT count(*), count(a.id) FROM deadline t LEFT JOIN appeal a ON a.denial_id = t.denial_id AND "
    "a.filed_on <= t.legal WHERE t.clock = 'appeal' AND t.who = 'clinic' "
    "AND t.legal BETWEEN '2025-11-23' AND '2026-11-22'"
)
WORK = (
    "SELECT count(*), count(before) FROM (SELECT lag(at) OVER (PARTITION BY actor ORDER BY at, id) AS before "
    "FROM event WHERE subject IN ('denial', 'appeal', 'letter') AND action NOT IN ('view', 'print') "
    "AND at >= '2025-11-23') w"
)
MISSED = (
    f"SELECT {SUMS} FROM deadline t JOIN denial d ON d.id = t.denial_id WHERE t.clock = 'appeal' AND t.who = 'clinic' "
    "AND t.legal < '2026-11-22' AND (t.stopped_at IS NULL OR date(t.stopped_at) > t.legal) "
    f"AND (d.settled_on IS NULL OR d.settled_on > t.legal) AND {YEARLY} AND NOT EXISTS (SELECT 1 FROM appeal a "
    "WHERE a.denial_id = d.id AND a.filed_on BETWEEN date(t.started_at) AND t.legal)"
)
AGING = "SELECT d.denied_on, sum(d.amount - d.recovered) FROM denial d GROUP BY 1"
CAUSES = (
    "SELECT d.category, CAST(d.carcs AS TEXT), CAST(d.rarcs AS TEXT), count(*), sum(d.amount) FROM denial d "
    "GROUP BY 1, 2, 3"
)
BROKEN = f"SELECT y.name, {SUMS} FROM {JOINED} WHERE d.approved_before GROUP BY 1"
OWED = (
    "deadline t JOIN claim c ON c.id = t.claim_id JOIN coverage v ON v.id = c.coverage_id "
    "JOIN plan p ON p.id = v.plan_id JOIN payer y ON y.id = p.payer_id WHERE t.who = 'payer' AND t.legal < '2026-11-22'"
)
LATE = f"SELECT y.name, count(*), count(*) FILTER (WHERE t.stopped_at IS NULL), min(t.legal) FROM {OWED} GROUP BY 1"
OLDEST = (
    "SELECT t.label, t.legal, c.number, y.name FROM (SELECT * FROM deadline WHERE who = 'payer' "
    "AND legal < '2026-11-22' AND stopped_at IS NULL ORDER BY legal, id LIMIT 5) t JOIN claim c ON c.id = t.claim_id "
    "JOIN coverage v ON v.id = c.coverage_id JOIN plan p ON p.id = v.plan_id JOIN payer y ON y.id = p.payer_id"
)
RESULTS = (
    f"SELECT y.name, d.category, CAST(d.carcs AS TEXT), a.level, count(*) FROM {JOINED} "
    "JOIN appeal a ON a.denial_id = d.id WHERE a.decided_on IS NOT NULL GROUP BY 1, 2, 3, 4"
)
PATHS = (
    "SELECT d.state, EXISTS (SELECT 1 FROM appeal a WHERE a.denial_id = d.id), EXISTS (SELECT 1 FROM event e WHERE "
    "e.subject = 'denial' AND e.subject_id = d.id AND e.action = 'correct'), count(*) FROM denial d GROUP BY 1, 2, 3"
)
CHANCES = (
    "SELECT d.category, s.treatment, y.name, count(*), count(*) FILTER (WHERE d.state IN ('overturned', "
    f"'partly_overturned') OR d.recovered > 0) FROM {JOINED} JOIN treatment_case s ON s.id = c.case_id "
    "WHERE EXISTS (SELECT 1 FROM appeal a WHERE a.denial_id = d.id AND a.decided_on IS NOT NULL) GROUP BY 1, 2, 3"
)
OPEN = f"SELECT {SUMS} FROM denial d WHERE d.state NOT IN ('overturned', 'patient_balance', 'written_off')"
BILLED = (
    f"SELECT {SUMS} FROM denial d JOIN claim c ON c.id = d.claim_id "
    "WHERE c.submitted_on BETWEEN '2026-08-25' AND '2026-11-22'"
)
DECIDED = (
    f"SELECT {SUMS} FROM denial d LEFT JOIN (SELECT denial_id, max(decided_on) AS decided "
    "FROM appeal GROUP BY 1) a ON a.denial_id = d.id WHERE coalesce(a.decided, d.settled_on) "
    "BETWEEN '2026-08-25' AND '2026-11-22' AND (d.state IN ('overturned', 'partly_overturned') OR d.recovered > 0)"
)
AT_RISK = "SELECT act_by, count(*), sum(minus_cents) FROM work_item WHERE subject IN ('denial', 'appeal') GROUP BY 1"
ONLY = "y.name = (SELECT min(name) FROM payer)"
ONE_PAYER = f"SELECT d.state, d.approved_before, {SUMS} FROM {JOINED} WHERE {ONLY} GROUP BY 1, 2"
LIST = f"SELECT d.*, c.number FROM {JOINED} WHERE {ONLY} AND {{}} ORDER BY d.denied_on DESC, d.id DESC LIMIT 300"
ITS_LATE = f"SELECT count(*), count(*) FILTER (WHERE t.stopped_at IS NULL), min(t.legal) FROM {OWED} AND {ONLY}"
ITS_LATEST = f"SELECT t.*, c.number, c.submitted_on FROM {OWED} AND {ONLY} ORDER BY t.legal, t.id LIMIT 500"
FLOORS = {
    "denied": (DENIED,),
    "month": (MONTH,),
    "lines": (LINES,),
    "measures": (CLAIMS.format("2025-11-23"), APPEALED, ENDED, WINDOWS, WORK),
    "aging": (AGING,),
    "causes": (CAUSES,),
    "broken": (BROKEN,),
    "late": (LATE,),
    "scorecard": (
        *(ONE_PAYER, ITS_LATE, ITS_LATEST, LIST.format("d.approved_before")),
        LIST.format("(d.state IN ('overturned', 'partly_overturned') OR d.recovered > 0)"),
        LIST.format("CAST(d.rarcs AS TEXT) = '[]' AND d.reason_quoted IS NULL"),
    ),
    "works": (RESULTS, PATHS, CHANCES, CAUSES),
    "overview": (
        *(OPEN, CLAIMS.format("2026-08-25"), BILLED, DECIDED, MISSED, BROKEN, AT_RISK, AGING, OLDEST, CAUSES),
        *(f"SELECT {key}, {SUMS} FROM denial d WHERE {YEARLY} GROUP BY 1" for key in ("d.month", "d.category")),
    ),
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
        for name, (floor, work) in _works(deed).items():
            plain = _plain_file if "CSV" in name else _floor(FLOORS[floor])
            taken = interleaved(ROUNDS, {"ours": _apart(work), "floor": _apart(plain)})
            wanted = WANTED if name.startswith("denied") else ""
            note = "floor: plain SQL" + (" and csv.writer" if "CSV" in name else "")
            results.add(Figure(f"{name}, {where}", taken["ours"], taken["floor"], "ms", wanted, note))


def _works(deed: Deed) -> dict[str, tuple[str, Callable[[], object]]]:
    def lines() -> int:
        return sum(1 for _ in reports.lines(reports.denied(Filters(), deed, ())))

    def as_csv() -> int:
        return sum(len(part) for part in report_files.to_csv(reports.denied(Filters(), deed, ())))

    return {
        "denied by payer, reason": ("denied", lambda: reports.denied(Filters(), deed)),
        "denied by month": ("month", lambda: reports.denied(Filters(), deed, ("month",))),
        "denied, every line": ("lines", lines),
        "denied as CSV": ("lines", as_csv),
        "all measures of a year": ("measures", lambda: measures.figures(YEAR, deed)),
        "aging": ("aging", lambda: exposure.aging(deed.today)),
        "causes": ("causes", lambda: exposure.causes(Period(), deed.book)),
        "approved, then denied": ("broken", lambda: broken_approvals.by_payer(Period())),
        "late answers": ("late", lambda: late_answers.scores(Period(), deed.today)),
        "scorecard of a payer": ("scorecard", lambda: scorecard.paper(scorecard.payers()[0], Period(), deed, "")),
        "what works": ("works", lambda: what_works.paper(Period(), deed, "")),
        "overview, whole": ("overview", lambda: dashboard.overview(deed)),
    }


def _floor(statements: tuple[str, ...]) -> Callable[[], object]:
    return lambda: [db.session.execute(text(statement)).all() for statement in statements]


def _plain_file() -> object:
    """Write the lines as CSV with nothing but a cursor and a writer."""
    out = io.StringIO()
    csv.writer(out).writerows(db.session.connection().exec_driver_sql(LINES))
    return out.tell()


def _apart(work: Callable[[], object]) -> Callable[[], object]:
    """Run the work in a transaction of its own, as a page would."""

    def run() -> None:
        work()
        db.session.rollback()

    return run
