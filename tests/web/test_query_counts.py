"""How many statements each page asks the database: a fixed number, however many rows it shows."""

import pytest
from sqlalchemy import select

from clinic_claims.db import db
from clinic_claims.models import Denial
from clinic_claims.services import seeding
from clinic_claims.services.deeds import Deed

from ..bench.pages import count_queries
from .conftest import token_of

PAGES = ("/today", "/claims", "/patients", "/approvals", "/reports/denied")


@pytest.fixture
def asked(app, clock, sign_in):
    """Counts the statements of a page after seeding so many claims."""
    client = sign_in("manager")

    def count(claims: int, seed: int, ask) -> int:
        with app.app_context():
            seeding.load(claims, seed, Deed("seed", clock(), app.extensions["rulebook"]))
            engine = db.engine
        answers = []
        number = count_queries(engine, lambda: answers.append(ask(client)))
        assert answers[-1].status_code == 200
        return number

    return count


@pytest.mark.parametrize("address", PAGES)
def test_a_list_asks_no_more_for_more_rows(asked, address):
    few = asked(12, 1, lambda client: client.get(address))
    many = asked(90, 2, lambda client: client.get(address))
    assert many <= few + 1, f"{address}: {few} statements for few rows, {many} for many"


def test_a_search_asks_no_more_for_more_people(asked):
    def search(client):
        return client.post("/patients/find", data={"csrf_token": token_of(client, "/claims"), "words": "a"})

    few = asked(30, 1, search)
    assert asked(120, 2, search) <= few + 1


def a_denied_claim(app) -> int:
    with app.app_context():
        return db.session.scalar(select(Denial.claim_id).order_by(Denial.id).limit(1))


def test_a_claim_asks_no_more_for_a_longer_history(asked, app, clock):
    def newest(client):
        return client.get(f"/claims/{a_denied_claim(app)}")

    assert asked(60, 1, newest) == asked(60, 2, newest)


@pytest.mark.parametrize(("address", "most"), [("/today", 13), ("/claims", 10), ("/approvals", 9), ("/patients", 8)])
def test_a_page_asks_no_more_than_it_needs(asked, address, most):
    assert asked(60, 1, lambda client: client.get(address)) <= most


def test_a_claim_asks_for_what_stands_around_it_in_one_look(asked, app):
    def newest(client):
        return client.get(f"/claims/{a_denied_claim(app)}")

    assert asked(60, 1, newest) <= 25
