"""Wording and letterhead: versions, merge fields, what is refused, restored, and printed."""

import pytest

from clinic_claims.db import db
from clinic_claims.domain.wording import FIELDS, filled, unknown
from clinic_claims.models import Clinic, TextOverride
from tests.letter_cases import changed, facts

from .conftest import send
from .test_letters import LETTER

NEED = "/wording/toxin_hfs_need"
OURS = "We have treated {patient} for {condition} for years, and {payer} has paid for it."


def save(client, text):
    return send(client, NEED, NEED, text=text)


def test_the_clinics_words_stand_in_every_letter_and_are_taken_back(sign_in, appeal, read):
    client = sign_in("manager")
    assert save(client, OURS).location == NEED
    page = client.get(f"{LETTER}/page").text
    assert "We have treated Ms." in page
    assert "Castellano for right hemifacial spasm for years, and Lone Prairie has paid for it." in page
    assert "We have treated" in client.get(f"{NEED}/page").text
    assert send(client, f"{NEED}/restore", NEED, number="0").location == NEED
    assert "We have treated" not in client.get(f"{LETTER}/page").text
    assert send(client, f"{NEED}/restore", NEED, number="1").location == NEED
    assert "We have treated Ms." in client.get(f"{LETTER}/page").text
    assert read(lambda: [row.version for row in db.session.query(TextOverride)]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Dear {payer_name}, …", "{payer_name} is no merge field"),
        ("{{ facts.clinic }}", "is no merge field"),
        ("{% include 'letter.css' %}", "is no merge field"),
        ("Decompression cures the spasm.", "Write instead"),
        ("word " * 1000, "at most 4000 characters"),
    ],
)
def test_what_is_unknown_or_refuted_is_refused_at_save(sign_in, read, text, why):
    answer = save(sign_in("manager"), text)
    assert answer.status_code == 409
    assert why in answer.text
    assert read(lambda: db.session.query(TextOverride).count()) == 0


def test_words_print_as_words(sign_in, appeal):
    client = sign_in("manager")
    save(client, "<b>Bold</b> & <img src=x> stay text.")
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; &lt;img src=x&gt; stay text." in client.get(f"{LETTER}/page").text


def test_a_fact_is_never_read_as_a_field():
    case = changed(facts("appeal_toxin_approved"), patient={"called": "{payer}"})
    assert filled("For {patient}.", case) == "For {payer}."
    assert unknown(" ".join(f"{{{name}}}" for name in FIELDS)) == []


def test_the_letterhead_is_changed_and_printed(sign_in, appeal, read):
    client = sign_in("manager")
    told = {"name": "Harbor Light Brain and Nerve", "street": "1 New Road", "city": "Westmere", "state": "TX"}
    wrong = send(client, "/wording/letterhead", **told, zip="7599", phone="(214) 555-0142")
    assert wrong.status_code == 422
    right = send(client, "/wording/letterhead", **told, zip="75999", phone="(214) 555-0142")
    assert right.location == "/wording"
    assert read(lambda: db.session.query(Clinic).one().street) == "1 New Road"
    assert "Harbor Light Brain and Nerve" in client.get(f"{LETTER}/page").text


def test_only_a_lead_changes_words(sign_in):
    client = sign_in()
    assert client.get(NEED).status_code == 200
    assert "Save and show" not in client.get(NEED).text
    assert send(client, NEED, NEED, text="x").status_code == 403
