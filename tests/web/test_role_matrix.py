"""Every page × every role: what opens and what is refused follows from the page's mark and the one table of roles."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.domain.permissions import GRANTED, IN_AN_EMERGENCY, Permission, Role, for_step
from clinic_claims.models import Denial, Event
from clinic_claims.services import denials
from clinic_claims.web.security import Door, mark_of
from clinic_claims.web.steps import ACTIONS

from .conftest import PASSWORD, send, token_of

OPENS = {200, 204, 302, 400, 404, 409, 422}  # the page was reached: it may still say that something is missing
ENDS_THE_WALK = {"static", "security.logout"}
NOT_READY = {"health.ready"}  # says 503 where a part is not ready, to everybody


def pages(app) -> Iterator[tuple[str, str, str]]:
    """Give endpoint, address and method of every page, with a record that is there in the address."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint not in ENDS_THE_WALK:
                yield (
                    rule.endpoint,
                    adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method=method),
                    method,
                )


def expected(app, role: Role, endpoint: str) -> set[int]:
    match mark_of(app, endpoint):
        case Door.CLOSED:
            return {404}
        case Permission() as permission:
            return OPENS if permission in GRANTED[role] else {403}
        case _:
            return OPENS | {503} if endpoint in NOT_READY else OPENS


@pytest.fixture
def enter(app, client, add_person):
    """Sign somebody of a role in who is not the account that pages about accounts speak of."""
    other = add_person("auditor")

    def sign_in(role: Role):
        email = other if role is Role.AUDITOR else add_person(role.value)
        assert send(client, "/login", email=email, password=PASSWORD).status_code == 302
        return client

    return sign_in


def ask(client, address: str, method: str, token: str):
    return client.open(address, method=method, data={"csrf_token": token} if method == "POST" else None, buffered=True)


@pytest.mark.parametrize("role", Role)
def test_each_page_opens_to_the_roles_of_the_table_and_to_no_other(app, denied, enter, role):
    client = enter(role)
    token = token_of(client, "/account")
    wrong = []
    for endpoint, address, method in pages(app):
        answer = ask(client, address, method, token)
        if answer.status_code not in expected(app, role, endpoint):
            wrong.append(f"{method} {endpoint}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_each_refusal_is_a_line_of_history(app, denied, enter, role):
    client = enter(role)
    token = token_of(client, "/account")
    refused = [
        ask(client, address, method, token).status_code
        for endpoint, address, method in pages(app)
        if expected(app, role, endpoint) == {403}
    ]
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.action == "refused")).all()
        assert [event.data["page"] is not None for event in told] == [True] * len(refused)
    assert set(refused) <= {403}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_step_is_open_to_the_roles_of_the_table_and_to_no_other(app, denied, enter, role, method):
    client = enter(role)
    token = token_of(client, "/account")
    wrong = []
    for table, action in sorted(ACTIONS):
        granted = {for_step(table, action), Permission.CLAIM_READ} <= GRANTED[role]
        answer = ask(client, f"/steps/{table}/1/{action}", method, token)
        if (answer.status_code == 403) is granted:
            wrong.append(f"{table} {action}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_the_menu_offers_only_what_opens(denied, enter, role):
    client = enter(role)
    menu = re.search(r'<nav class="bar-nav".*?</nav>', client.get("/account").text, re.DOTALL)
    links = re.findall(r'<a href="([^"]+)"', menu[0]) if menu else []
    assert links
    assert [address for address in links if client.get(address).status_code != 200] == []


@pytest.mark.parametrize("role", Role)
def test_what_an_emergency_opens_is_reading(role):
    assert {permission.value for permission in IN_AN_EMERGENCY} == {"claim.read"}
    assert (Permission.EMERGENCY_OPEN in GRANTED[role]) <= (Permission.CLAIM_READ not in GRANTED[role])


@pytest.mark.parametrize(("proposer", "signed"), [("manager@clinic.example", False), ("D. Park", True)])
def test_nobody_signs_the_write_off_that_they_proposed(app, denied, later, enter, proposer, signed):
    client = enter(Role.MANAGER)
    with app.app_context(), transaction():
        denial = db.session.get(Denial, denied.denial)
        denials.move(denial, "ask_peer_to_peer", later(1))
        denials.move(denial, "note_upheld", later(1))
        denials.move(denial, "propose_write_off", later(1, proposer), write_off_reason="The patient moved away")
    page = client.get("/steps/denial/1/sign_write_off").text
    held = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("version", "seen")}
    answer = send(client, "/steps/denial/1/sign_write_off", **held)
    assert (answer.status_code == 302) is signed
    assert ("somebody other than the proposer" in answer.text.lower()) is not signed
