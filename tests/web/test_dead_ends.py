"""No page leads its reader to a closed door: every link that a role is shown opens to that role."""

import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from clinic_claims.db import db
from clinic_claims.domain.permissions import Role
from clinic_claims.models import User

from ..browser.office import PASSWORD, load_demo
from .conftest import send

OF_EACH = 3  # pages of one kind looked at: what they hold differs by their state


class Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "a" and address.startswith("/"):
            self.found.append(address.split("#")[0])


@pytest.fixture(scope="module")
def demo() -> Iterator[Flask]:
    with tempfile.TemporaryDirectory() as folder:
        app = load_demo(Path(folder))
        yield app
        with app.app_context():
            db.engine.dispose()


def endpoint_of(app: Flask, address: str) -> str:
    try:
        return app.url_map.bind("localhost").match(address.split("?")[0], "GET")[0]
    except RequestRedirect as moved:
        return endpoint_of(app, moved.new_url.removeprefix("http://localhost"))
    except HTTPException:
        return "nowhere"


def walk(app: Flask, client: FlaskClient) -> Iterator[tuple[int, str, str]]:
    """Follow the links from the start, a few of each kind; gives what each page answered and what led to it."""
    ahead, looked_at, seen = deque([("/", "the start")]), Counter[str](), {"/"}
    while ahead:
        address, source = ahead.popleft()
        answer = client.get(address)
        body = answer.data  # read to its end, so that a streamed one leaves nothing open
        yield answer.status_code, address, source
        page = body.decode() if answer.mimetype == "text/html" else ""
        for link in [*Links(page).found, *filter(None, [answer.headers.get("Location")])]:
            endpoint = endpoint_of(app, link)
            if link not in seen and looked_at[endpoint] < OF_EACH:
                seen.add(link)
                looked_at[endpoint] += 1
                ahead.append((link, address))


@pytest.mark.parametrize("role", Role)
def test_no_page_leads_to_a_closed_door(demo: Flask, role: Role) -> None:
    with demo.app_context():
        people = {tuple(user.role_names): user.email for user in db.session.query(User)}
        db.session.remove()
    client = demo.test_client()
    assert send(client, "/login", email=people[(role.value,)], password=PASSWORD).status_code == 302
    answered = list(walk(demo, client))
    assert len(answered) > 30
    assert [each for each in answered if each[0] >= 400] == []
