"""The fixtures most tests stand on: an application on either database, a deed, and a small clinic on record."""

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, event

from clinic_claims import create_app, rulebook
from clinic_claims.db import db, transaction
from clinic_claims.models import Clinic, Facility, Payer, Plan, Provider
from clinic_claims.services import authorizations, claims, patients
from clinic_claims.services.authorizations import Requested
from clinic_claims.services.claims import Line
from clinic_claims.services.deeds import Deed
from config import Test

from .buckets import bucket_address, bucket_server  # noqa: F401 (fixtures)
from .contract import clinic_office, demo_folder, new_folder, office, own_clinic  # noqa: F401 (fixtures)
from .postgres import postgres, postgres_kept, postgres_tables, postgres_url  # noqa: F401 (fixtures)

MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # where files wait for no disk, and how many bytes must be free there
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)  # Friday noon in New York
SETTINGS = {key: getattr(Test, key) for key in dir(Test) if key.isupper()}

# Properties: the same examples every time, however slow the machine; `--hypothesis-profile=search` looks for others.
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
settings.register_profile("same", derandomize=True, database=None, **PATIENT)
settings.register_profile("search", max_examples=500, **PATIENT)
settings.load_profile("same")


def pytest_configure() -> None:
    """Keep the tests' files in memory where there is room, and their calls to this machine off any proxy."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@event.listens_for(Engine, "connect")
def answer_in_no_order(connection: Any, _: object) -> None:
    """Turn about the rows of SQLite wherever a question asks for no order: PostgreSQL may give them in any."""
    if hasattr(connection, "total_changes"):
        connection.execute("PRAGMA reverse_unordered_selects=ON")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory):
    """A database with every table and no row, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    app = create_app(SETTINGS | {"INSTANCE": folder})
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    return folder / "clinic_claims.sqlite"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The address of an empty database: the embedded one, then a real server."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_tables")
    shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "clinic_claims.sqlite")
    return ""


@pytest.fixture
def make_app(tmp_path):
    """Build an application on a database address, inside its context."""
    contexts = []

    def make(address: str, **more) -> Flask:
        app = create_app(SETTINGS | {"INSTANCE": tmp_path, "SQLALCHEMY_DATABASE_URI": address} | more)
        context = app.app_context()
        context.push()
        contexts.append(context)
        if address and not db.inspect(db.engine).has_table("event"):
            db.create_all()
        return app

    yield make
    for context in reversed(contexts):
        db.session.remove()
        db.engine.dispose()
        context.pop()


@pytest.fixture
def app(database, make_app):
    return make_app(database)


@pytest.fixture(scope="session")
def book():
    return rulebook.load()


@pytest.fixture
def deed(book):
    return Deed(actor="D. Park", at=NOON, book=book)


@pytest.fixture
def later(deed):
    """The same person some days on."""
    return lambda days, actor="D. Park": Deed(actor=actor, at=NOON + timedelta(days=days), book=deed.book)


@pytest.fixture
def clinic(app, deed):
    """A clinic with one payer of each common class, a toxin patient with an approval, and nothing billed yet."""
    with transaction():
        db.session.add(
            Clinic(
                name="Harbor Light Neurology", npi="1234567893", tin="12-3456789", taxonomy="2084N0400X",
                street="2200 Lakeshore Terrace", city="Westmere", state="TX", zip="75999",
                phone="(214) 555-0142", fax="(214) 555-0143", email="appeals@harborlight.example",
            )
        )  # fmt: skip
        made = SimpleNamespace(
            provider=Provider(
                name="Elena R. Park, MD", credentials="Board certified in Neurology", specialty="neurologist",
                npi="1002003006", direct_line="(214) 555-0147",
            ),
            office=Facility(name="Harbor Light office", npi="1234567893", place_of_service="11"),
            payer=Payer(
                name="Lone Prairie", edi_id="LONEP", aliases=["LONE PRAIRIE INS"],
                appeals_address=["Lone Prairie", "Appeals", "P.O. Box 932", "Austin, TX 73399"],
            ),
        )  # fmt: skip
        made.plan = Plan(payer=made.payer, name="Choice PPO", payer_class="erisa_self_funded")
        db.session.add_all([made.provider, made.office, made.payer, made.plan])
        db.session.flush()
        made.patient = patients.enter(
            deed, mrn="HL-1", last_name="Castellano", first_name="Renata", born_on=date(1955, 11, 2), sex="female"
        )
        made.coverage = patients.add_coverage(made.patient, made.plan, "LPX 773 204", deed, group_number="TX-1")
        made.case = patients.open_case(
            made.patient, made.provider, deed, treatment="toxin", condition="hemifacial_spasm", diagnosis="G51.31",
            side="right", product="J0585", planned_units=25, interval_weeks=12,
        )  # fmt: skip
    return made


@pytest.fixture
def approval(clinic, deed):
    """An approval of one session, valid this quarter."""
    lines = [
        Requested(code="64612", units=1, diagnosis="G51.31", modifier="RT"),
        Requested(code="J0585", units=100, diagnosis="G51.31"),
    ]
    with transaction():
        made = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
        authorizations.move(made, "submit", deed, submitted_on=date(2026, 10, 1), submitted_by="portal")
        authorizations.move(
            made, "approve", deed, number="PA-8841", decided_on=date(2026, 10, 6),
            valid_from=date(2026, 10, 6), valid_to=date(2027, 1, 6),
        )  # fmt: skip
    return made


@pytest.fixture
def submitted(clinic, approval, deed):
    """A claim of $652.00 that was given on Oct 20 under the approval and sent to the payer."""
    lines = [
        Line(code="64612", diagnosis="G51.31", charged=Decimal("412.00"), modifiers=["RT"]),
        Line(code="J0585", diagnosis="G51.31", units=100, charged=Decimal("240.00"), modifiers=["JZ"]),
    ]
    with transaction():
        claim = claims.enter(
            "HL-26-1001",
            clinic.case,
            clinic.coverage,
            clinic.provider,
            clinic.office,
            lines,
            deed,
            authorization=approval,
        )
        claims.move(claim, "ask_approval", deed)
        claims.move(claim, "note_approval", deed)
        claims.move(claim, "record_service", deed, service_from=date(2026, 10, 20))
        claims.move(claim, "finish_coding", deed)
        claims.move(claim, "submit", deed, submitted_on=date(2026, 10, 22))
    return claim
