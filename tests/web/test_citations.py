"""The registry of references: retired, read again, added and confirmed, and what open letters make of it."""

from datetime import timedelta

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import CitationCheck, OwnCitation
from clinic_claims.services import registry

from .conftest import send
from .test_letters import LETTER, sign_in_as, words_of

TAMBASCO = "/references/tambasco_2021"
OWN = {
    "supports": "toxin_hfs_need", "authors": "Roe J, Poe A", "title": "A made-up series of forty patients",
    "journal": "Journal of Made-up Results", "year": "2025", "source": "read in print, page 4",
    "finding": "Thirty-one of forty patients improved", "limits": "One center.",
}  # fmt: skip


def test_the_list_says_what_may_be_cited(sign_in):
    client = sign_in()
    text = client.get("/references").text
    for said in ("may be cited", "never printed", "with its limit", "as shipped"):
        assert said in text
    found = client.get("/references?words=tambasco").text
    assert found.count("/references/") < text.count("/references/") / 10


def test_a_reference_shows_finding_limits_arguments_and_open_letters(sign_in, appeal):
    text = sign_in().get(TAMBASCO).text
    assert "Limits" in text
    assert "APL-00001" in text


def test_a_retired_reference_leaves_every_letter_and_warns(sign_in, add_person, client, appeal, read):
    manager = sign_in("manager")
    before = manager.get(f"{LETTER}/page").text
    assert "Tambasco" in before
    empty = send(manager, f"{TAMBASCO}/read", TAMBASCO, result="retired")
    assert empty.status_code == 422
    done = send(manager, f"{TAMBASCO}/read", TAMBASCO, result="retired", source="PubMed notice of retraction")
    assert done.location == TAMBASCO
    assert "Tambasco" not in manager.get(f"{LETTER}/page").text
    assert "was retired on" in manager.get(LETTER).text
    again = send(manager, f"{TAMBASCO}/read", TAMBASCO, result="stands", source="PubMed")
    assert again.status_code == 302
    assert "Tambasco" in manager.get(f"{LETTER}/page").text


def test_a_stale_reading_warns_in_open_letters(app, sign_in, appeal, deed):
    with app.app_context(), transaction():
        old = deed.at - timedelta(days=400)
        db.session.add(
            CitationCheck(citation="tambasco_2021", result="stands", source="x", checked_at=old, checked_by="A. Roe")
        )
    assert "last read in its source more than a year ago" in sign_in().get(LETTER).text


def test_an_own_reference_is_printed_once_a_second_person_confirmed_it(
    sign_in,
    add_person,
    client,
    appeal,
    read,
):
    biller = sign_in()
    assert send(biller, "/references/new", **OWN).location == "/references"
    assert "made-up series" not in biller.get(f"{LETTER}/page").text
    refused = send(biller, "/references/own-1/confirm", "/references/own-1")
    assert refused.status_code == 409
    assert "a second person" in refused.text
    physician = sign_in_as(client, add_person, "physician")
    assert send(physician, "/references/own-1/confirm", "/references/own-1").status_code == 302
    assert read(lambda: db.session.query(OwnCitation).one().confirmed_by) == "physician@clinic.example"
    pages = words_of(physician.get(f"{LETTER}/draft.pdf").data)
    assert "Thirty-one of forty patients improved [" in pages
    assert "Roe J, Poe A. A made-up series of forty patients." in pages


def test_what_the_payer_may_say_stands_beside_the_letter_and_never_in_it(sign_in, appeal):
    client = sign_in()
    assert "mildest of 1,775" in client.get(LETTER).text
    assert "41.3%" not in client.get(f"{LETTER}/page").text


def test_staff_without_the_right_read_only(sign_in):
    client = sign_in("auditor")
    assert client.get(TAMBASCO).status_code == 200
    assert send(client, f"{TAMBASCO}/read", TAMBASCO, result="stands", source="x").status_code == 403


def test_a_retired_reference_of_the_clinic_warns_too(sign_in, add_person, client, appeal):
    biller = sign_in()
    send(biller, "/references/new", **OWN)
    physician = sign_in_as(client, add_person, "physician")
    send(physician, "/references/own-1/confirm", "/references/own-1")
    manager = sign_in_as(client, add_person, "manager")
    assert "APL-00001" in manager.get("/references/own-1").text
    send(manager, "/references/own-1/read", "/references/own-1", result="retired", source="The journal's notice")
    assert "A made-up series of forty patients was retired on" in manager.get(LETTER).text
    text = manager.get("/references/own-1").text
    assert "must no longer be cited" in text
    assert "not printed" in text
    assert "own-1" in manager.get("/references?standing=retired").text


def test_the_list_is_narrowed_to_where_a_reference_stands(sign_in):
    client = sign_in()
    assert "No reference is like that" in client.get("/references?standing=retired").text
    verified, rest = (client.get(f"/references?standing={how}").text for how in ("verified", "not verified"))
    assert "tambasco_2021" in verified
    assert "tambasco_2021" not in rest
    assert "may be cited" not in rest


@pytest.mark.parametrize(
    ("role", "adds", "reads"),
    [
        ("authorization_coordinator", True, False),
        ("biller", True, False),
        ("physician", True, False),
        ("manager", True, True),
        ("auditor", False, False),
        ("administrator", False, False),
    ],
)
def test_who_may_add_confirm_and_read_again(app, sign_in, deed, role, adds, reads):
    with app.app_context(), transaction():
        registry.add(deed, **OWN)
    client, own = sign_in(role), "/references/own-1"
    assert (send(client, "/references/new", own, **(OWN | {"title": "Another"})).status_code == 302) == adds
    assert (send(client, f"{own}/confirm", own).status_code == 302) == adds
    read = send(client, f"{own}/read", own, result="stands", source="PubMed")
    assert (read.status_code == 302) == reads
    assert {answer for answer in (read.status_code,) if not reads} <= {403}
