"""Anything may come in at any address: an answer goes out, never a fault of ours, never a trace."""

from collections import Counter

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from werkzeug.routing import BuildError, Rule

from clinic_claims.web.security import Door, mark_of

from .conftest import PASSWORD, send

REQUESTS = 2000
NASTY = (
    *("", "1", "-1", "0", "9" * 30, "x" * 3000, "%", "_", "'", '"', "' OR 1=1 --", "{{7*7}}", "\x00", "²", "١٢", "😀"),
    *("<img src=x onerror=alert(1)>", "\r\nSet-Cookie: x=1", "../../etc/passwd", "=cmd|'/c calc'!A0", "//evil.example"),
    *("2026-02-30", "2026-11-22", "0001-01-01", "9999-12-31", "1e309", "NaN", "1842.00", "claim-1", "denial", "toxin"),
)
NAMES = [
    "version", "seen", "reason", "password", "email", "words", "rows", "claim", "before", "after", "state", "payer",
    "owner", "group_1", "format", "at", "since", "until", "who", "action", "patient", "number", "amount", "carcs",
    "code", "kind", "title", "next", "back", "roles", "session", "credential", "setup", "which", "show", "sort", "mrn",
    "last_name", "first_name", "born_on", "sex", "plan", "provider", "units", "about", "file", "save", "text", "level",
    "today", "arguments", "treatment", "service_from", "submitted_on", "filed_on", "decided_on", "valid_from",
    "valid_to", "dated_on", "full_name", "category", "page",
]  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(NAMES),
    st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    max_size=8,
)
IN_AN_ADDRESS = st.sampled_from(("1", "2", "99", "9" * 30, "x", "claim", "denial", "%", "'", "²"))
LEAVES = {
    "static",
    "health.ready",
    "security.logout",
    "admin.reset",
    "admin.forget_second_factor",
    "account.end_session",
}
ANY_STATE = {"database": None, "suppress_health_check": list(HealthCheck)}


@pytest.fixture
def people(app, denied, add_person) -> list[tuple[FlaskClient, str]]:
    """A manager and an administrator, signed in, with their tokens: between them nearly every page opens."""
    found = []
    for role in ("manager", "administrator"):
        client = app.test_client()
        assert send(client, "/login", email=add_person(role), password=PASSWORD).status_code == 302
        found.append((client, client.get("/account/time").json["token"]))
    return found


def test_no_request_makes_a_fault(app, people):
    rules = sorted((rule for rule in app.url_map.iter_rules() if rule.endpoint not in LEAVES), key=lambda one: one.rule)
    adapter, answered, faults = app.url_map.bind("localhost"), Counter(), set()

    @seed(20261122)
    @settings(max_examples=REQUESTS, phases=[Phase.generate], **ANY_STATE)
    @given(rule=st.sampled_from(rules), who=st.sampled_from(people), query=FIELDS, form=FIELDS, data=st.data())
    def ask(rule: Rule, who: tuple[FlaskClient, str], query: dict, form: dict, data: st.DataObject) -> None:
        client, token = who
        method = data.draw(st.sampled_from(sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})))
        try:
            address = adapter.build(rule.endpoint, {name: data.draw(IN_AN_ADDRESS) for name in rule.arguments}, method)
        except (BuildError, ValueError):
            assume(False)
        sent = form | {"csrf_token": token} if method == "POST" else None
        with client.open(address, method=method, query_string=query, data=sent) as answer:
            answered[answer.status_code] += 1
            if answer.status_code >= 500 or b"Traceback" in answer.data:
                faults.add(f"{method} {rule.endpoint}: {sorted(query)} {sorted(form)}")
            if mark_of(app, rule.endpoint) is not Door.PUBLIC:
                assert answer.headers["Cache-Control"] == "no-store"

    ask()
    assert faults == set()
    assert answered.total() >= REQUESTS * 0.9
    assert answered[200] > REQUESTS * 0.1, "the people were signed out on the way"


@settings(max_examples=200, **ANY_STATE)
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/xml", ""]),
)
def test_no_body_at_the_door_makes_a_fault(client, body, kind):
    assert client.post("/login", data=body, content_type=kind).status_code == 400
