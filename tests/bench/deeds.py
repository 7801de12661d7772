"""How many status changes a second 1, 8 and 32 clients make, beside bare transactions that change and note a row."""

import os
import time
from collections.abc import Callable
from itertools import count, cycle
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import ClaimState
from clinic_claims.models import Claim
from clinic_claims.services import claims
from clinic_claims.services.deeds import Deed

from . import stores
from .harness import Figure, Results

CLIENTS = (1, 8, 32)
CLAIMS = 10_000
SPAN, WARM = 4.0, 1.5  # seconds measured, and before that
MOVES = {"submitted": "note_accepted", "pending": "note_accepted", "accepted": "note_pending"}
SIDE = (
    "drop table if exists side_claim",
    "drop table if exists side_event",
    "create table side_claim (id integer primary key, state varchar)",
    "create table side_event (id bigint primary key, claim_id integer, sentence varchar)",
)
processes = get_context("fork")


def measure(results: Results) -> None:
    """Both databases commit without waiting for the disk, so that what is measured is the work."""
    os.environ["CLINIC_CLAIMS_ENV"] = "test"
    keep = os.environ.get("CLINIC_BENCH_KEEP")
    with stores.opened(Path(keep) if keep else None) as found:
        for kind in ("SQLite", "PostgreSQL"):
            app = found.app(kind, CLAIMS)
            _prepare(app)
            for clients in CLIENTS:
                ours, floor = _rate(app, clients, _moves), _rate(app, clients, _bare)
                title = f"{kind}, status changes, {clients} client{'s' if clients > 1 else ''}"
                results.add(Figure(title, ours, floor, "/s", "", "floor: bare transactions"))


def _prepare(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        for statement in SIDE:
            connection.exec_driver_sql(statement)
        rows = ", ".join(f"({number}, 'submitted')" for number in range(max(CLIENTS)))
        connection.exec_driver_sql(f"insert into side_claim values {rows}")


def _rate(app: Flask, clients: int, work: Callable[[Flask, int, int, float], int]) -> float:
    """Let so many processes work at once and count what they finish in a second."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # a connection must not cross the fork
    start, done = processes.Barrier(clients), processes.Queue()
    workers = [processes.Process(target=_client, args=(app, n, clients, work, start, done)) for n in range(clients)]
    for worker in workers:
        worker.start()
    finished = sum(done.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join()
    return finished / SPAN


def _client(app: Flask, number: int, clients: int, work: Any, start: Barrier, done: Any) -> None:
    with app.app_context():
        work(app, number, clients, time.monotonic() + WARM)
        start.wait()
        done.put(work(app, number, clients, time.monotonic() + SPAN))


def _moves(app: Flask, number: int, clients: int, until: float) -> int:
    """Move this client's claims to and fro between accepted and pending, each in its own transaction."""
    movable = select(Claim.id).where(Claim.state.in_([ClaimState(state) for state in MOVES])).order_by(Claim.id)
    mine = db.session.scalars(movable).all()[number::clients]
    db.session.rollback()
    for finished, key in enumerate(cycle(mine)):
        if time.monotonic() >= until:
            return finished
        with transaction():
            claim = db.session.get_one(Claim, key)
            deed = Deed(f"client {number}", now(), app.extensions["rulebook"])
            claims.move(claim, MOVES[claim.state], deed)
    return 0


def _bare(_: Flask, number: int, clients: int, until: float) -> int:
    """Change a row and add one that tells of it: what any program would have to do."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    postgresql = db.engine.dialect.name == "postgresql"
    sign = "%s" if postgresql else "?"
    keys = count(time.time_ns() // 1000 * 64 + number, 64)
    for finished in count():
        if time.monotonic() >= until:
            connection.close()
            return finished
        if not postgresql:
            cursor.execute("begin immediate")
        cursor.execute(f"update side_claim set state = {sign} where id = {sign}", ("pending", number))
        told = (next(keys), number, "Pending at payer.")
        cursor.execute(f"insert into side_event values ({sign}, {sign}, {sign})", told)
        cursor.execute("commit") if not postgresql else connection.commit()
    return 0
