"""People at the door: an application with its own database file, a clock to move, and somebody signed in."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, Event
from clinic_claims.services import accounts, appeals, denials, intake
from clinic_claims.services.deeds import Deed

from ..services.era import claim as era_claim
from ..services.era import remittance
from ..test_data_walk import put_the_chart_on_file, put_the_enclosures_on_file

PASSWORD = "a calm blue morning"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(database: str, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application on either database, outside any context, as a server has it."""
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "test")
    settings = {"INSTANCE": tmp_path, "CLOCK": clock, "PROPAGATE_EXCEPTIONS": False}
    app = create_app(settings | {"SQLALCHEMY_DATABASE_URI": database})
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def add_person(app: Flask, clock: Clock) -> Callable[..., str]:
    """Add a person of a role, with PASSWORD as their own; gives the e-mail address."""

    def add(role: str, first_password: bool = False) -> str:
        email = f"{role}@clinic.example"
        with app.app_context(), transaction():
            deed = Deed("setup", clock(), app.extensions["rulebook"])
            user, _ = accounts.add_user(f"Pat {role.replace('_', ' ').title()}", email, [role], deed)
            user.password = hash_password(PASSWORD)
            user.must_change_password = first_password
        return email

    return add


@pytest.fixture
def sign_in(client: FlaskClient, add_person: Callable[..., str]) -> Callable[..., FlaskClient]:
    """Sign somebody of this role in, through the real door; gives the client."""

    def enter(role: str = "biller") -> FlaskClient:
        answer = send(client, "/login", email=add_person(role), password=PASSWORD)
        assert answer.status_code == 302, answer.text
        return client

    return enter


def token_of(client: FlaskClient, page: str = "/login") -> str:
    """Read the form token from a page, as a browser would."""
    text = client.get(page).text
    return text.split('name="csrf-token" content="')[1].split('"')[0]


def send(client: FlaskClient, address: str, page: str | None = None, **answers: str):
    """Send a form with the token of the page it stands on."""
    return client.post(address, data={"csrf_token": token_of(client, page or address), **answers})


DENIED = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]


@pytest.fixture
def denied(app: Flask, request: pytest.FixtureRequest) -> SimpleNamespace:
    """A claim denied by remittance although approved, its chart and enclosures on file: the numbers of its records."""
    with app.app_context():
        claim, deed = request.getfixturevalue("submitted"), request.getfixturevalue("deed")
        with transaction():
            put_the_chart_on_file(request.getfixturevalue("clinic"), deed)
            put_the_enclosures_on_file(claim, deed)
            intake.take_in("era.835", remittance([era_claim(claim.number, "4", "652", "0", DENIED)]), deed)
        denial = db.session.query(Denial).one()
        numbers = SimpleNamespace(claim=claim.id, denial=denial.id, number=claim.number)
        db.session.remove()
    return numbers


@pytest.fixture
def appeal(app, denied, later):
    """An appeal whose letter lacks nothing."""
    with app.app_context():
        with transaction():
            denial = db.session.get(Denial, denied.denial)
            quoted = "Precertification/authorization absent."
            denials.note_notice(denial, later(1), reason_quoted=quoted, received_how="mail")
            number = appeals.start(denial, later(1)).id
        db.session.remove()
    return number


@pytest.fixture
def read(app: Flask) -> Callable[..., Any]:
    """Look into the database after a request: `read(lambda: ...)` gives the answer."""

    def run(question: Callable[[], Any]) -> Any:
        with app.app_context():
            return question()

    return run


@pytest.fixture
def records(app: Flask, request: pytest.FixtureRequest) -> SimpleNamespace:
    """A patient with an approval and a submitted claim on record; gives their ids, as pages know them."""
    with app.app_context():
        claim = request.getfixturevalue("submitted")
        case = claim.case
        return SimpleNamespace(
            claim=claim.id,
            case=case.id,
            patient=case.patient_id,
            authorization=claim.authorization_id,
            coverage=claim.coverage_id,
            provider=claim.provider_id,
            facility=claim.facility_id,
            payer=claim.coverage.plan.payer_id,
            plan=claim.coverage.plan_id,
        )


@pytest.fixture
def told(app: Flask, records: SimpleNamespace) -> Callable[..., list[str]]:
    """The actions that the history tells of a record, oldest first."""

    def actions(table: str, key: int) -> list[str]:
        with app.app_context():
            query = select(Event.action).where(Event.subject == table, Event.subject_id == key).order_by(Event.id)
            return list(db.session.scalars(query))

    return actions


@pytest.fixture
def state_of(app: Flask) -> Callable[[type[Any], int], str]:
    """The state of a record as stored."""

    def read(kind: type[Any], key: int) -> str:
        with app.app_context():
            return db.session.get(kind, key).state

    return read


def hidden(client: FlaskClient, page: str) -> dict[str, str]:
    """Read the hidden answers of a page's form, as a browser would send them back."""
    return dict(re.findall(r'<input[^>]*name="(version|seen)"[^>]*value="([^"]*)"', client.get(page).text))
