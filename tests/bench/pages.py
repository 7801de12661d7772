"""How fast pages are, whole and signed in, beside the leanest SQL for the same rows; and how they grow with the claims.

A page may take three times its SQL and 15 ms; from ten thousand claims to a million it may grow by a third.
"""

import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from clinic_claims.cli.serve import settle
from clinic_claims.db import db

from . import stores
from .harness import Figure, Results, seconds

ROUNDS = 40
KINDS = ("SQLite", "PostgreSQL")
WANTED = "p95 <= 3x + 15 ms"
OF_A_REPORT = "p95 <= 1.5x"
TODAY = stores.TODAY.date()
ITEMS = "select * from work_item where from_on <= ? {} order by sort_on {o}, minus_worth {o}, id {o} limit 51"
CLAIMS = """select c.*, p.last_name, p.first_name, y.name from claim c
    join treatment_case t on t.id = c.case_id join patient p on p.id = t.patient_id
    join coverage v on v.id = c.coverage_id join plan l on l.id = v.plan_id join payer y on y.id = l.payer_id
    where c.id < ? {} order by c.id desc limit 51"""
DENIED = """select y.name, d.category, count(*), sum(d.amount), sum(d.recovered) from denial d
    left join claim c on c.id = d.claim_id left join "authorization" a on a.id = d.authorization_id
    join coverage v on v.id = coalesce(c.coverage_id, a.coverage_id)
    join plan l on l.id = v.plan_id join payer y on y.id = l.payer_id
    where d.month >= ? and d.denied_on >= ? group by 1, 2"""
ONE_CLAIM = (
    "select * from claim where id = ?",
    "select * from service_line where claim_id = ?",
    "select * from denial where claim_id = ?",
    "select * from deadline where claim_id = ? and stopped_at is null",
    "select * from event where subject = 'claim' and subject_id = ?",
)


@dataclass
class Page:
    """A request, and the statements that fetch the rows it shows."""

    name: str
    ask: Callable[[FlaskClient], Any]
    floor: list[tuple[str, tuple[Any, ...]]]
    rounds: int = ROUNDS


@dataclass
class Taken:
    """Milliseconds of one page at one size."""

    p50: float
    p95: float
    floor: float
    queries: int


def measure(results: Results) -> None:
    """Measure at 10 and 100 thousand claims; CLINIC_BENCH_MILLION=1 adds a million, CLINIC_BENCH_KEEP a folder."""
    os.environ["CLINIC_CLAIMS_ENV"] = "test"
    keep = os.environ.get("CLINIC_BENCH_KEEP")
    sizes = list(stores.sizes(bool(os.environ.get("CLINIC_BENCH_MILLION"))))
    with stores.opened(Path(keep) if keep else None) as found:
        for kind in KINDS:
            taken = {size: at_size(found.app(kind, size)) for size in sizes}
            for name in taken[sizes[0]]:
                _report(results, f"{kind}, {name}", {size: taken[size][name] for size in sizes})


def _report(results: Results, name: str, taken: dict[int, Taken]) -> None:
    """One figure for the largest size, one for how it grew from the smallest."""
    smallest, largest = min(taken), max(taken)
    for size, at in taken.items():
        note = f"p50 {at.p50:.1f} ms, {at.queries} queries"
        bound = OF_A_REPORT if "report" in name and size == largest else WANTED
        results.add(Figure(f"{name}, {size:,} claims, p95", at.p95, at.floor, "ms", bound, note))
    title = f"{name}, growth {smallest:,} to {largest:,}"
    wanted = "" if "report" in name else "<= 1.3"  # a report grows with the rows it sums
    results.add(Figure(title, taken[largest].p50, taken[smallest].p50, "ms", wanted))


def at_size(app: Flask) -> dict[str, Taken]:
    """Measure every page over one database, each request on its own as a server has it: nothing is left from before."""
    client = stores.signed_in(app)
    settle()
    with app.app_context():
        engine = db.engine
    asked = pages(client, *_places(engine))
    return {page.name: _taken(page, client, engine) for page in asked}


def pages(client: FlaskClient, place: str, middle: int, claim: int) -> list[Page]:
    """List what is measured: where each begins was looked up before."""
    token = stores.token_in(client.get("/claims").text)
    day, worth, number = place.split("_")
    beyond = "and (sort_on, minus_worth, id) > (?, ?, ?)"
    names = "select * from patient where name_key >= ? and name_key <= ? order by name_key limit 50"
    return [
        Page("worklist, first page", _get("/today"), [(ITEMS.format("", o=""), (TODAY,))]),
        Page(
            "worklist, middle page",
            _get(f"/today?after={place}"),
            [(ITEMS.format(beyond, o=""), (TODAY, day, int(worth), int(number)))],
        ),
        Page("claims, first page", _get("/claims"), [(CLAIMS.format(""), (2**31 - 1,))]),
        Page("claims, middle page", _get(f"/claims?before={middle}"), [(CLAIMS.format(""), (middle,))]),
        Page("claims, last page", _get("/claims?before=52"), [(CLAIMS.format(""), (52,))]),
        Page("claim", _get(f"/claims/{claim}"), [(statement, (claim,)) for statement in ONE_CLAIM]),
        Page(
            "search by name",
            lambda client: client.post("/patients/find", data={"csrf_token": token, "words": "Abbott"}),
            [(names, ("abbott", "abbott\U0010ffff"))],
        ),
        Page("denied report, a year", _get("/reports/denied?since=2026-01-01"), [(DENIED, (202601, "2026-01-01"))], 20),
    ]


def _get(address: str) -> Callable[[FlaskClient], Any]:
    return lambda client: client.get(address)


def _places(engine: Any) -> tuple[str, int, int]:
    """Look up the middle of the worklist, the middle claim, and a claim with a denial."""
    items = "select sort_on, minus_worth, id from work_item where from_on <= ? order by 1, 2, 3 limit 1 offset "
    half = "(select count(*) / 2 from work_item where from_on <= ?)"
    (day, worth, number), *_ = rows(engine, items + half, (TODAY, TODAY))
    ((last,),) = rows(engine, "select max(id) from claim", ())
    ((denied,),) = rows(engine, "select max(claim_id) from denial", ())
    return f"{day}_{worth}_{number}", last // 2, denied


def rows(engine: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
    """Run a statement in the driver's own terms, on a connection of the pool; the floor of everything."""
    postgresql = engine.dialect.name == "postgresql"
    given = values if postgresql else tuple(map(str, values)) if TODAY in values else values
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(statement.replace("?", "%s") if postgresql else statement, given)
        return cursor.fetchall()
    finally:
        connection.close()


def _taken(page: Page, client: FlaskClient, engine: Any) -> Taken:
    queries = count_queries(engine, lambda: _open(page, client))
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(page.rounds):
        ours.append(seconds(lambda: _open(page, client)) * 1000)
        floor.append(seconds(lambda: [rows(engine, *asked) for asked in page.floor]) * 1000)
    p95 = statistics.quantiles(ours, n=20)[-1]
    return Taken(statistics.median(ours), p95, statistics.median(floor), queries)


def _open(page: Page, client: FlaskClient) -> None:
    answer = page.ask(client)
    assert answer.status_code == 200, f"{page.name}: {answer.status}"


def count_queries(engine: Any, work: Callable[[], object]) -> int:
    """Count the statements that reach the database; the first round has filled the caches."""
    work()
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
