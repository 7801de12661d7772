"""How fast a remittance file is posted, beside its reader alone and beside a bare insert of the very rows it makes.

Each figure comes from a process of its own, so that its peak memory is its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine, func, insert, select

from clinic_claims import create_app, rulebook
from clinic_claims.db import db
from clinic_claims.domain.lifecycle import ClaimState
from clinic_claims.edi import era835
from clinic_claims.models import Claim
from clinic_claims.services import intake, seeding
from clinic_claims.services.deeds import Deed

from ..conftest import SETTINGS
from ..services.era import claim, remittance
from .harness import Figure, Results

STRANGERS, OURS, PER_SET = 20_000, 1_000, 1_000
SEEDED = 5_000  # of which about a quarter waits for the payer
WRITTEN = {
    *("remittance", "claim_payment", "line_payment", "adjustment", "work_item"),
    *("denial", "denial_line", "deadline", "event"),
}
WAITING = (ClaimState.SUBMITTED, ClaimState.ACCEPTED, ClaimState.PENDING, ClaimState.INFORMATION_REQUESTED)
LINES = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]


def deed() -> Deed:
    return Deed(actor="bench", at=datetime(2026, 11, 20, 17, tzinfo=UTC), book=rulebook.load())


def application(folder: Path):
    return create_app(SETTINGS | {"INSTANCE": folder})


def strangers() -> bytes:
    """Claims that are not ours, each with a denied line."""
    made = [claim(f"X-{number}", "1", "652", "300", LINES) for number in range(STRANGERS)]
    return whole(made)


def ours(folder: Path) -> bytes:
    """Payments of claims on record: every fifth denied, the others paid in full."""
    with application(folder).app_context():
        db.create_all()
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


def whole(made: list[list[str]]) -> bytes:
    sets = range(0, len(made), PER_SET)
    return b"".join(remittance(made[start : start + PER_SET], trace=f"EFT-{start}") for start in sets)


def reader(file: Path, _: Path) -> int:
    """The reader alone: every claim as finished records."""
    return sum(len(each.claims) for part in era835.stream(file.read_bytes()) for each in part.remittances)


def posting(file: Path, folder: Path) -> int:
    """The deed as the command does it."""
    with application(folder).app_context():
        db.create_all()
        (folder / "before.json").write_text(json.dumps({table.name: last(table) for table in made()}))
        db.session.remove()
        began = time.perf_counter()
        answer = intake.run(file, deed())
        print(json.dumps(time.perf_counter() - began))
        assert answer.status == "posted", answer.faults[:3]
        return answer.claims


def made() -> list[Table]:
    """The tables that posting writes to."""
    return [table for table in db.metadata.sorted_tables if table.name in WRITTEN]


def last(table: Table) -> int:
    return db.session.scalar(select(func.max(table.c.id))) or 0


def inserting(file: Path, folder: Path) -> int:
    """A bare insert of the rows that posting has made, without reading, matching or checking anything."""
    source = create_engine(f"sqlite:///{folder / 'clinic_claims.sqlite'}")
    target = create_engine(f"sqlite:///{folder / 'bare.sqlite'}")
    before = json.loads((folder / "before.json").read_text())
    with application(folder).app_context():
        tables = made()
        db.metadata.create_all(target)
    rows: dict[Table, list[dict[str, Any]]] = {}
    with source.connect() as connection:
        for table in tables:
            query = select(table).where(table.c.id > before[table.name])
            rows[table] = [dict(row) for row in connection.execute(query).mappings()]
    began = time.perf_counter()
    with target.begin() as connection:
        for table, lines in rows.items():
            if lines:
                connection.execute(insert(table), lines)
    print(json.dumps(time.perf_counter() - began))
    return sum(map(len, rows.values()))


WORKS = {"reader": reader, "posting": posting, "inserting": inserting}


def measured(work: str, file: Path, folder: Path) -> tuple[float, float]:
    """Run one work in a process of its own; return its seconds and its peak memory in megabytes."""
    command = [sys.executable, "-m", "tests.bench.imports", work, str(file), str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    told = json.loads(said[-1])
    return float(said[0]) if len(said) > 1 else told["seconds"], told["peak"]


def measure(results: Results) -> None:
    with tempfile.TemporaryDirectory() as place:
        for name, count, known in (
            (f"{STRANGERS:,} claims, none ours", STRANGERS, False),
            (f"{OURS:,} of ours", OURS, True),
        ):
            folder = Path(place, name.split()[0])
            folder.mkdir()
            file = folder / "era.835"
            file.write_bytes(ours(folder) if known else strangers())
            _compare(results, name, count, file, folder)


def _compare(results: Results, name: str, count: int, file: Path, folder: Path) -> None:
    taken = {work: measured(work, file, folder) for work in WORKS}
    rate = {work: count / seconds for work, (seconds, _) in taken.items()}
    results.add(
        Figure(f"{name}, posted", rate["posting"], rate["reader"], "claims/s", "", "floor: the reader alone"),
        Figure(
            f"{name}, posted", rate["posting"], rate["inserting"], "claims/s", "", "floor: a bare insert of the rows"
        ),
        Figure(f"{name}, peak memory", taken["posting"][1], taken["reader"][1], "MB", "", "floor: the reader alone"),
    )


if __name__ == "__main__":
    started = time.perf_counter()
    WORKS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    spent = time.perf_counter() - started
    print(json.dumps({"seconds": spent, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
