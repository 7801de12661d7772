"""Words of the trade on their page, links to them, short help on every page, and the tour remembered."""

import re

import pytest

from clinic_claims.db import db
from clinic_claims.models import User
from clinic_claims.web import helping

from .conftest import send


def test_every_term_stands_on_the_page_with_its_source(app, sign_in):
    text = sign_in("auditor").get("/glossary").text
    for term in app.extensions["rulebook"].glossary.values():
        assert f'id="{term.id}"' in text
    assert "Source: X12 code list 139 (CARC), June 2024" in text


@pytest.mark.parametrize(
    ("words", "holds", "lacks"), [("JW", 'id="jw"', 'id="carc"'), ("120 days", 'id="redetermination"', 'id="jw"')]
)
def test_a_word_is_found(sign_in, words, holds, lacks):
    text = sign_in("biller").get("/glossary", query_string={"words": words}).text
    assert holds in text
    assert lacks not in text


def test_nothing_found_says_what_to_try(sign_in):
    assert "Try one word" in sign_in("biller").get("/glossary?words=xyzzy").text


def test_help_names_only_terms_that_are_there(app):
    terms = app.extensions["rulebook"].glossary
    named = {term for page in helping.PAGES.values() for term in page.terms}
    assert named <= set(terms)
    assert {len(page.lines) for page in helping.PAGES.values()} == {3}


def test_every_family_of_pages_has_help(app):
    families = {endpoint.split(".")[0] for endpoint in app.view_functions} - {
        "static",
        "health",
        "helping",
        "invitations",
    }
    assert sorted(family for family in families if helping.of(family) is None) == []


def test_help_stands_on_the_page_with_links_to_its_words(sign_in, records):
    text = sign_in("biller").get("/claims").text
    panel = re.search(r'id="help".*?</aside>', text, re.DOTALL)[0]
    assert "Where each claim stands and why." in panel
    assert '/glossary#carc" title="Claim adjustment reason code' in panel


def test_the_tour_comes_once(sign_in, records, read):
    client = sign_in("biller")
    assert " data-first" in client.get("/today").text
    assert " data-first" not in client.get("/claims").text
    assert send(client, "/tour", page="/account").status_code == 204
    assert " data-first" not in client.get("/today").text
    assert read(lambda: db.session.query(User.toured_at).filter(User.toured_at.isnot(None)).count()) == 1
