"""People at the door: an application with its own database file, a clock to move, and somebody signed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password

from clinic_claims import create_app
from clinic_claims.db import db, transaction
from clinic_claims.services import accounts
from clinic_claims.services.deeds import Deed

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
def app(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("CLINIC_CLAIMS_ENV", "test")
    address = f"sqlite:///{tmp_path / 'web.sqlite'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": address, "CLOCK": clock, "PROPAGATE_EXCEPTIONS": False})
    with app.app_context():
        db.create_all()
    return app


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
