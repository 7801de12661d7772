"""The letter's page: what it rests on, the sheet, arguments on and off, the signature, the bytes."""

import io
import re

import pypdf
import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Denial, Event, Letter, User
from clinic_claims.services import appeals

from .conftest import PASSWORD, send

LETTER = "/letters/appeals/1"


@pytest.fixture
def bare(app, denied, later):
    """An appeal whose letter lacks the payer's words."""
    with app.app_context():
        with transaction():
            appeals.start(db.session.get(Denial, denied.denial), later(1))
        db.session.remove()


def state_of(client, page):
    text = client.get(page).text
    return {n: re.search(f'name="{n}" type="hidden" value="([^"]*)"', text)[1] for n in ("version", "seen")}


def press(client, address, page=LETTER, **answers):
    return send(client, address, page, **state_of(client, page), **answers)


def send_for_signature(client):
    return press(client, f"{LETTER}/send")


def sign_in_as(client, add_person, role):
    send(client, "/logout", LETTER)
    assert send(client, "/login", email=add_person(role), password=PASSWORD).status_code == 302
    return client


def words_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split()).replace("\xa0", " ")


def test_the_page_says_what_is_missing_and_where_to_enter_it(sign_in, bare):
    text = sign_in().get(LETTER).text
    assert "Denial reason in the payer&#39;s words is missing" in text
    assert "/denials/1#notice" in text
    assert re.search(r"<button[^>]*disabled[^>]*>.*?Send to", text, re.S)


def test_a_letter_with_gaps_cannot_be_sent(sign_in, bare, read):
    answer = send_for_signature(sign_in())
    assert answer.status_code == 409
    assert "The letter is not ready" in answer.text
    assert read(lambda: db.session.query(Letter).count()) == 0


def test_the_page_shows_arguments_references_and_enclosures(sign_in, appeal):
    text = sign_in().get(LETTER).text
    for said in ("Nothing is missing", "This service was approved before it was given", "verified", "Limits:"):
        assert said in text
    assert "Approval letter of October 6, 2026" in text


def test_every_mark_of_the_sheet_is_explained(sign_in, appeal):
    client = sign_in()
    found = re.findall(r'data-src="([^"]+)"', client.get(f"{LETTER}/page").text)
    marks = {mark for several in found for mark in several.split()}
    explained = set(re.findall(r'data-source="([^"]+)"', client.get(LETTER).text))
    assert marks - explained == set()
    assert any(mark.startswith("citation:") for mark in marks)


def test_the_sheet_runs_and_fetches_nothing_but_its_styles(sign_in, appeal):
    answer = sign_in().get(f"{LETTER}/page")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "Renata Castellano" in answer.text
    assert answer.text.count("<script") == 0


def test_the_letter_style_is_the_one_it_is_printed_with(sign_in, appeal):
    answer = sign_in().get("/letters/letter.css")
    assert answer.mimetype == "text/css"
    assert "@page" in answer.text


def arguments(client) -> list[str]:
    return re.findall(r'name="order" value="([^"]+)"', client.get(LETTER).text)


def test_an_argument_is_switched_off_and_the_sheet_follows(sign_in, appeal, read):
    client = sign_in()
    order = arguments(client)
    heading = "This service was approved before it was given"
    assert heading in client.get(f"{LETTER}/page").text
    rest = [one for one in order if one != "approval_was_given"]
    answer = press(client, f"{LETTER}/arguments", order=order, use=rest)
    assert answer.location == LETTER
    assert heading not in client.get(f"{LETTER}/page").text
    assert "approval_was_given" not in read(lambda: db.session.get(Appeal, 1).chosen)
    press(client, f"{LETTER}/arguments", order=order, use=order)
    assert read(lambda: db.session.get(Appeal, 1).chosen) is None


def test_an_argument_moves_down(sign_in, appeal):
    client = sign_in()
    order = arguments(client)
    press(client, f"{LETTER}/arguments", order=order, use=order, move=f"{order[0]}:down")
    assert arguments(client)[:2] == [order[1], order[0]]


def test_an_old_page_changes_nothing(sign_in, appeal, read):
    client = sign_in()
    order, old = arguments(client), state_of(client, LETTER)
    press(client, f"{LETTER}/arguments", order=order, use=order[:1])
    answer = send(client, f"{LETTER}/arguments", LETTER, **old, order=order, use=order)
    assert answer.status_code == 409
    assert "Somebody changed this" in answer.text
    assert read(lambda: db.session.get(Appeal, 1).chosen) == order[:1]


def test_sent_read_signed_and_downloaded(sign_in, add_person, appeal, read):
    client = sign_in()
    assert send_for_signature(client).location == "/appeals/1"
    assert client.get("/appeals/1").status_code == 200
    assert send(client, f"{LETTER}/send", "/appeals/1").location == "/appeals/1"  # a second press
    assert read(lambda: db.session.query(Letter).count()) == 1
    assert client.get("/letters/1/sign").status_code == 403

    physician = sign_in_as(client, add_person, "physician")
    page = physician.get("/letters/1/sign").text
    assert "Clinic notes of October 20, 2026" in page
    wrong = press(physician, "/letters/1/sign", "/letters/1/sign", password="not the right one")
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.text
    assert read(lambda: db.session.get(Letter, 1).signed_at) is None

    right = press(physician, "/letters/1/sign", "/letters/1/sign", password=PASSWORD)
    assert right.location == "/appeals/1"
    letter = read(lambda: db.session.get(Letter, 1))
    assert (letter.signed_by, letter.signed_sha256) == ("physician@clinic.example", letter.sha256)
    assert "Mark as filed" not in physician.get("/appeals/1").text  # the desk files it

    answer = physician.get("/letters/1.pdf?save=1")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Renata Castellano" in words_of(answer.data)
    actions = read(lambda: [e.action for e in db.session.query(Event).filter_by(subject="letter").order_by(Event.id)])
    assert actions[-2:] == ["sign_letter", "export"]


def test_wrong_passwords_lock_as_they_do_at_the_door(sign_in, add_person, client, appeal):
    send_for_signature(sign_in())
    physician = sign_in_as(client, add_person, "physician")
    for _ in range(10):
        press(physician, "/letters/1/sign", "/letters/1/sign", password="not the right one")
    locked = press(physician, "/letters/1/sign", "/letters/1/sign", password=PASSWORD)
    assert "Too many wrong passwords" in locked.text


def test_handed_back_with_a_reason_and_drafted_anew(sign_in, add_person, client, appeal, read):
    send_for_signature(sign_in())
    physician = sign_in_as(client, add_person, "physician")
    values = {f"back-{name}": value for name, value in state_of(physician, "/letters/1/sign").items()}
    empty = send(physician, "/letters/1/return", "/letters/1/sign", **values)
    assert empty.status_code == 422
    assert "Say what must change." in empty.text
    sent = send(physician, "/letters/1/return", "/letters/1/sign", **values, **{"back-reason": "Name the side."})
    assert sent.location == "/appeals/1"
    assert "Name the side." in physician.get("/appeals/1").text
    assert read(lambda: db.session.get(Appeal, 1).state) == "drafting"


def test_only_the_clinician_named_in_the_letter_signs_it(app, sign_in, add_person, client, appeal, read):
    send_for_signature(sign_in())
    with app.app_context(), transaction():
        author = db.session.query(User).filter_by(email="biller@clinic.example").one()
        db.session.get(Appeal, 1).denial.subject.case.provider.user_id = author.id
    physician = sign_in_as(client, add_person, "physician")
    answer = press(physician, "/letters/1/sign", "/letters/1/sign", password=PASSWORD)
    assert answer.status_code == 409
    assert "only Elena R. Park, MD can sign it" in answer.text


def test_a_draft_with_gaps_says_so_on_paper(sign_in, bare):
    answer = sign_in().get(f"{LETTER}/draft.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert "DRAFT" in words_of(answer.data)


def test_an_auditor_reads_the_letter_and_changes_nothing(sign_in, appeal):
    client = sign_in("auditor")
    assert "Send to" not in client.get(LETTER).text
    assert send(client, f"{LETTER}/send", LETTER).status_code == 403
