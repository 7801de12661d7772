"""The evidence beside a letter that waits for its signature: every kind of file is shown page by page."""

import io

import pytest
from PIL import Image

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Claim, Document, Event, Letter
from clinic_claims.services import appeals, denials, documents, letters

SIGN = "/letters/1/sign"


def scan(pages: int) -> bytes:
    out = io.BytesIO()
    first, *rest = [Image.new("1", (850, 1100), 1) for _ in range(pages)]
    first.save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


@pytest.fixture
def waiting(app, denied, appeal, later):
    """A letter in review with a scan of two pages, a text of two pages and a file that nobody can open."""
    files = {
        "quality_of_life": scan(2),
        "emg_report": "\n".join(f"Line {n} of the report." for n in range(90)).encode(),
        "photographs": b"%PDF-1.7 broken",
    }
    with app.app_context(), transaction():
        claim = db.session.get(Claim, denied.claim)
        for kind, data in files.items():
            documents.add(data, kind, kind.replace("_", " ").capitalize(), later(1), about=claim)
        letters.finish(db.session.get(Appeal, 1), later(1))
        appeals.move(db.session.get(Appeal, 1), "send_for_review", later(1))


def of_kind(kind):
    return db.session.query(Document).filter_by(kind=kind).one()


@pytest.mark.parametrize("kind", ["quality_of_life", "emg_report"])
def test_scans_and_texts_are_shown_page_by_page(sign_in, waiting, read, kind):
    key, pages = read(lambda: (of_kind(kind).id, of_kind(kind).pages))
    assert pages == 2
    client = sign_in("physician")
    shown = [f"/letters/1/evidence/{key}/{number}.png" for number in (1, 2)]
    text = client.get(SIGN).text
    assert all(f'src="{address}"' in text for address in shown)
    pictures = [client.get(address) for address in shown]
    assert [answer.status_code for answer in pictures] == [200, 200]
    assert all(answer.data.startswith(b"\x89PNG") for answer in pictures)
    assert client.get(f"/letters/1/evidence/{key}/3.png").status_code == 404


def test_a_file_that_nobody_can_open_is_named_as_such(sign_in, waiting, read):
    key = read(lambda: of_kind("photographs").id)
    text = sign_in("physician").get(SIGN).text
    assert "This file cannot be shown: it is damaged or locked." in text
    assert f"/letters/1/evidence/{key}/1.png" not in text


def test_the_letter_counts_the_pages_of_a_text(waiting, read):
    facts = read(lambda: db.session.get(Letter, 1).facts)
    assert [one["pages"] for one in facts["documents"] if one["kind"] == "emg_report"] == [2]


def test_the_physician_is_told_when_the_record_has_changed(app, sign_in, waiting, later):
    client = sign_in("physician")
    assert "The record has changed." not in client.get(SIGN).text
    with app.app_context(), transaction():
        denial = db.session.get(Appeal, 1).denial
        denials.note_notice(denial, later(2), reason_quoted="Precertification absent on the day.")
    assert "The denial changed after the letter was printed. Send the letter back" in client.get(SIGN).text


PICTURES = ("/letters/1/pages/{}.png", "/letters/1/evidence/{key}/{}.png", "/documents/{key}/pages/{}.png")


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_asked_for_by_itself_is_a_view_and_two_at_a_sitting_are_one(sign_in, waiting, read, clock, picture):
    """Whoever types the addresses of pages reads them as much as whoever opens the page that shows them."""
    key, client = read(lambda: of_kind("quality_of_life").id), sign_in("auditor")

    def views():
        mine = (Event.actor == "auditor@clinic.example", Event.action == "view", Event.patient_id == 1)
        return read(lambda: db.session.query(Event).filter(*mine).count())

    for minutes, number, told in ((0, 1, 1), (0, 2, 1), (14, 1, 1), (2, 1, 2)):
        clock.forward(minutes=minutes)
        assert client.get(picture.format(number, key=key)).status_code == 200
        assert views() == told
