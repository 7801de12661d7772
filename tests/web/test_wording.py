"""Wording: versions, merge fields, what is refused, seen before it is saved, restored, and printed."""

import re

import pytest

from clinic_claims import pdf
from clinic_claims.db import db
from clinic_claims.examples import facts_examples
from clinic_claims.models import TextOverride
from clinic_claims.services import wording
from tests.letter_cases import letter

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
    assert read(lambda: [row.version for row in db.session.query(TextOverride).order_by("version")]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Dear {payer_name}, …", "Line 1: {payer_name} is no merge field here. Do you mean {payer}?"),
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


OPENING = "/wording/paragraph.opening"
SPECIALIST = "/wording/request.specialist"


def test_a_standard_paragraph_is_seen_before_it_is_saved_and_then_stands_in_every_letter(sign_in, appeal, read):
    client = sign_in("manager")
    text = "For {patient}[, seen since {onset}] I ask {payer} to {ask}. We answer its notice of {notice date}."
    shown = send(client, OPENING, OPENING, text=text, show="")
    assert shown.status_code == 200
    assert "Not saved yet" in shown.text
    assert "data-picked&gt;" in shown.text
    assert read(lambda: db.session.query(TextOverride).count()) == 0
    assert "We answer its notice" not in client.get(f"{LETTER}/page").text
    assert send(client, OPENING, OPENING, text=text, save="").location == OPENING
    page = client.get(f"{LETTER}/page").text
    assert "We answer its notice of November" in page.replace("\xa0", " ")
    assert "I am the neurologist who treats" not in page
    assert send(client, f"{OPENING}/restore", OPENING, number="0").location == OPENING
    assert "I am the neurologist who treats" in client.get(f"{LETTER}/page").text


def test_a_request_keeps_the_law_of_its_plan(sign_in, appeal):
    client = sign_in("manager")
    assert send(client, SPECIALIST, SPECIALIST, text="Please let {specialists} decide.", save="").status_code == 302
    page = client.get(f"{LETTER}/page").text
    assert "Please let a neurologist, neurosurgeon or oculoplastic surgeon who treats hemifacial spasm decide." in page
    assert "29\xa0CFR\xa02560.503-1" in page


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("paragraph.opening", "Dear\n{due on}", "Line 2: {due on} is no merge field here."),
        ("paragraph.opening", "{patint}", "Do you mean {patient}?"),
        ("paragraph.opening", "Under 29 CFR 2560.503-1 you must pay.", "binds one kind of plan only"),
        ("paragraph.opening", "It[ is open", "a square bracket is open"),
        ("request.specialist", "Ask {patient}", "{patient} is no merge field here."),
    ],
)
def test_what_a_standard_paragraph_cannot_say_is_refused_with_its_place(sign_in, read, key, text, why):
    client = sign_in("manager")
    for pressed in ("show", "save"):
        answer = send(client, f"/wording/{key}", f"/wording/{key}", text=text, **{pressed: ""})
        assert answer.status_code == 409
        assert why in answer.text
    assert read(lambda: db.session.query(TextOverride).count()) == 0


def test_every_standard_paragraph_stands_in_a_made_up_case(book):
    seen = {name for case in facts_examples() for name in re.findall(r'data-words="(\w+)"', pdf.html(letter(case)))}
    assert seen == set(book.letters.paragraphs)
    assert {key.partition(".")[0] for key in wording.pieces(book) if "." in key} == {"paragraph", "request"}


def test_what_no_made_up_case_says_is_told(sign_in, book):
    client, keys = sign_in(), [key for key in wording.pieces(book) if key.startswith("request.")]
    shown = {key: "<iframe" in client.get(f"/wording/{key}").text for key in keys[::6]}
    assert set(shown.values()) == {True, False}


def test_the_list_shows_all_three_kinds_and_what_is_worded(sign_in):
    client = sign_in("manager")
    send(client, OPENING, OPENING, text="I write for {patient}.", save="")
    text = client.get("/wording").text
    for said in ("Standard paragraphs", "Requests", "Arguments", "I write for {patient}.", "version 1"):
        assert said in text
    assert client.get("/wording/paragraph.nothing").status_code == 404


def test_only_a_lead_changes_words(sign_in):
    client = sign_in()
    assert client.get(NEED).status_code == 200
    assert "Save it" not in client.get(NEED).text
    assert send(client, NEED, NEED, text="x").status_code == 403
