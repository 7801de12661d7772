"""How fast a remittance file is posted, beside its reader alone and beside bare statements that write its very rows.

The bare statements run on a copy of the database from before, with the same indexes, foreign keys and settings, in one
transaction: one insert a table for the rows that posting made, one update a table for the columns it changed, by key,
and one delete a table for the rows it took away. Nothing is read, matched, checked or sealed, and the rows lie ready
in memory. Every figure is the median of some rounds, each on a fresh copy of the database and each work in a process
of its own, so that its peak memory is its own; a process that posts starts cold, as the command does.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, delete, insert, select, update

from clinic_claims import create_app, rulebook
from clinic_claims.db import db, prepare
from clinic_claims.domain.lifecycle import ClaimState
from clinic_claims.edi import era835
from clinic_claims.models import Claim
from clinic_claims.services import intake, seeding
from clinic_claims.services.deeds import Deed

from ..conftest import SETTINGS
from ..services.era import claim, remittance
from .harness import Figure, Results

ROUNDS = 3
STRANGERS, OURS, PER_SET = 20_000, 1_000, 1_000
SEEDED = 10_000  # of which about an eighth waits for the payer
FEW, MANY = 10_000, 100_000  # claims of one payment, for the peak of memory
WAITING = (ClaimState.SUBMITTED, ClaimState.ACCEPTED, ClaimState.PENDING, ClaimState.INFORMATION_REQUESTED)
LINES = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]


def deed() -> Deed:
    return Deed(actor="bench", at=datetime(2026, 11, 20, 17, tzinfo=UTC), book=rulebook.load())


def application(folder: Path):
    return create_app(SETTINGS | {"INSTANCE": folder})


def strangers(number: int, each: int = PER_SET) -> bytes:
    """Claims that are not ours, each with a denied line, so many to a payment."""
    return whole([claim(f"X-{place}", "1", "652", "300", LINES) for place in range(number)], each)


def ours(folder: Path) -> bytes:
    """Payments of claims on record: every fifth denied, the others paid in full."""
    with application(folder).app_context():
        seeding.load(SEEDED, 1, deed())
        made = [paid(row, denied=place % 5 == 0) for place, row in enumerate(waiting())]
        db.session.remove()
        db.engine.dispose()
    return whole(made)


def waiting() -> Iterator[Claim]:
    yield from db.session.scalars(select(Claim).where(Claim.state.in_(WAITING)).order_by(Claim.id).limit(OURS))


def paid(row: Claim, *, denied: bool) -> list[str]:
    lines = [
        (":".join([line.code, *line.modifiers]), str(line.charged), "0" if denied else str(line.charged),
         f"CO*197*{line.charged}" if denied else "", "N54" if denied else "")
        for line in row.lines
    ]  # fmt: skip
    total = sum((Decimal(line[2]) for line in lines), Decimal(0))
    patient = f"{row.case.patient.last_name}*X****MI*{row.coverage.member_id}"
    said = claim(row.number, "1", str(row.charged), str(total), lines)
    return [each.replace("CASTELLANO*RENATA****MI*LPX", patient) for each in said]


def whole(made: list[list[str]], each: int = PER_SET) -> bytes:
    sets = range(0, len(made), each)
    return b"".join(remittance(made[start : start + each], trace=f"EFT-{start}") for start in sets)


def reader(file: Path, _: Path) -> int:
    """The reader alone: every claim as finished records, checked and counted twice."""
    parts = (part for told in era835.remittances(file.read_bytes()) for part in told)
    return sum(len(each.claims) for part in parts for each in part.remittances)


def posting(file: Path, folder: Path) -> int:
    """The deed as the command does it."""
    with application(folder).app_context():
        shutil.copy(folder / "clinic_claims.sqlite", folder / "bare.sqlite")
        began = time.perf_counter()
        answer = intake.run(file, deed())
        print(json.dumps(time.perf_counter() - began))
        assert answer.status == "posted", answer.faults[:3]
        return answer.claims


Rows = dict[int, dict[str, Any]]


@dataclass(frozen=True)
class Written:
    """What posting did to a table: rows made, rows changed with the columns that differ in any, and keys gone."""

    table: Table
    made: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    columns: list[str]
    gone: list[int]


def rows_of(connection: Connection, table: Table) -> Rows:
    return {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}


def written(before: Engine, after: Engine) -> Iterator[Written]:
    """Compare every table as it was with what posting made of it."""
    with before.connect() as earlier, after.connect() as later:
        for table in (each for each in db.metadata.sorted_tables if "id" in each.c):
            known, found = rows_of(earlier, table), rows_of(later, table)
            made = [row for key, row in found.items() if key not in known]
            changed = [row for key, row in found.items() if key in known and row != known[key]]
            pairs = [(row, known[row["id"]]) for row in changed]
            columns = [each.name for each in table.c if any(new[each.name] != old[each.name] for new, old in pairs)]
            yield Written(table, made, changed, columns, [key for key in known if key not in found])


def write(connection: Connection, told: Written) -> None:
    """Do to a table what posting did, by as few statements as can be."""
    own = told.table.c.id == bindparam("key")
    if told.made:
        connection.execute(insert(told.table), told.made)
    if told.changed:
        news = {name: bindparam(name) for name in told.columns}
        rows = [{name: row[name] for name in told.columns} | {"key": row["id"]} for row in told.changed]
        connection.execute(update(told.table).where(own).values(news), rows)
    if told.gone:
        connection.execute(delete(told.table).where(own), [{"key": key} for key in told.gone])


def inserting(file: Path, folder: Path) -> int:
    """Write the rows that posting has made, changed and taken away, and do nothing else."""
    after, bare = (create_engine(f"sqlite:///{folder / name}.sqlite") for name in ("clinic_claims", "bare"))
    prepare(bare)
    with application(folder).app_context():
        tables = list(written(bare, after))
    began = time.perf_counter()
    with bare.begin() as connection:
        for each in tables:
            write(connection, each)
    print(json.dumps(time.perf_counter() - began))
    return sum(len(each.made) + len(each.changed) + len(each.gone) for each in tables)


def peak() -> float:
    """The most memory this process has held, in megabytes; what its parent held does not count."""
    (line,) = (each for each in Path("/proc/self/status").read_text("ascii").splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


WORKS = {"reader": reader, "posting": posting, "inserting": inserting}


@dataclass(frozen=True)
class Taken:
    """What a work took: seconds, megabytes at its peak, and what it counted."""

    seconds: float
    peak: float
    count: int


def measured(work: str, file: Path, folder: Path) -> Taken:
    """Run one work in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.imports", work, str(file), str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    told = json.loads(said[-1])
    return Taken(float(said[0]) if len(said) > 1 else told["seconds"], told["peak"], told["count"])


def measure(results: Results) -> None:
    with tempfile.TemporaryDirectory() as place:
        for name, count, known in (
            (f"{STRANGERS:,} claims, none ours", STRANGERS, False),
            (f"{OURS:,} of ours", OURS, True),
        ):
            folder = empty(Path(place, name.split()[0]))
            (folder / "era.835").write_bytes(ours(folder) if known else strangers(STRANGERS))
            _compare(results, name, count, folder)
        _flat(results, Path(place))


def empty(folder: Path) -> Path:
    """Make a folder with a database that holds nothing."""
    folder.mkdir()
    with application(folder).app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    return folder


def _round(folder: Path) -> dict[str, Taken]:
    """Do every work on a fresh copy of the folder: the bare statements write what that very posting wrote."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        copy = Path(shutil.copytree(folder, Path(place, "copy")))
        return {work: measured(work, copy / "era.835", copy) for work in WORKS}


def _compare(results: Results, name: str, count: int, folder: Path) -> None:
    rounds = [_round(folder) for _ in range(ROUNDS)]
    assert all(each["posting"].count == count for each in rounds)
    rate = {work: count / median(each[work].seconds for each in rounds) for work in WORKS}
    both = 1 / (1 / rate["reader"] + 1 / rate["inserting"])
    held = {work: median(each[work].peak for each in rounds) for work in WORKS}
    bare = f"floor: bare statements, {rounds[0]['inserting'].count / count:.1f} rows a claim"
    results.add(
        Figure(f"{name}, posted", rate["posting"], rate["reader"], "claims/s", "", "floor: the reader alone"),
        Figure(f"{name}, posted", rate["posting"], rate["inserting"], "claims/s", ">= 0.4", bare),
        Figure(f"{name}, posted", rate["posting"], both, "claims/s", "", "floor: the reader, then bare statements"),
        Figure(f"{name}, peak memory", held["posting"], held["reader"], "MB", "", "floor: the reader alone"),
    )


def _flat(results: Results, place: Path) -> None:
    """Post one payment of few claims and one of many."""
    peaks: list[float] = []
    for number in (MANY, FEW):
        folder = empty(place / f"one-{number}")
        (folder / "era.835").write_bytes(strangers(number, number))
        peaks.append(measured("posting", folder / "era.835", folder).peak)
    title = f"{MANY:,} claims in one payment, peak memory"
    results.add(Figure(title, peaks[0], peaks[1], "MB", "<= 1.3", f"floor: the same of {FEW:,} claims"))


if __name__ == "__main__":
    started = time.perf_counter()
    counted = WORKS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    spent = time.perf_counter() - started
    print(json.dumps({"seconds": spent, "count": counted, "peak": peak()}))
