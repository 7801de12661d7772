"""Connections to a server: tried once they lay idle, so that a server that restarted is met by no error."""

import pytest
import sqlalchemy as sa

from clinic_claims import db as house
from clinic_claims.db import db

WHO = sa.text("select pg_backend_pid()")


@pytest.fixture
def app(make_app, postgres_tables):
    return make_app(postgres_tables)


def backend() -> int:
    number = db.session.scalar(WHO)
    db.session.rollback()
    return number


def end(url: str, number: int) -> None:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.execute(sa.text("select pg_terminate_backend(:number, 5000)"), {"number": number})
    engine.dispose()


def test_a_connection_that_died_while_it_lay_idle_is_replaced(app, postgres_tables, monkeypatch):
    monkeypatch.setattr(house, "TRUSTED", -1.0)
    first = backend()
    assert backend() == first
    end(postgres_tables, first)
    assert backend() != first


def test_a_connection_used_a_moment_ago_is_not_tried_again(app, monkeypatch):
    backend()
    tried: list[object] = []
    monkeypatch.setattr(db.engine.dialect, "do_ping", lambda connection: tried.append(connection) or True)
    monkeypatch.setattr(house, "TRUSTED", 3600.0)
    backend()
    assert tried == []
    monkeypatch.setattr(house, "TRUSTED", -1.0)
    backend()
    assert len(tried) == 1
