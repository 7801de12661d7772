"""Documents that stay behind: switched off where the letter is written, and gone from letter, exhibits and pointers."""

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, ClinicalFinding, Document, Event
from clinic_claims.services import letters

from .conftest import send
from .test_letters import LETTER, press, send_for_signature, sign_in_as

CHOOSE = "/letters/words/appeal/1/appeal/enclosures"


@pytest.fixture
def note(app, appeal, later):
    """The clinic notes, at which a finding of the chart points, and the other enclosures."""
    with app.app_context(), transaction():
        kept = db.session.query(Document).filter_by(kind="clinic_notes").one()
        finding = db.session.query(ClinicalFinding).filter_by(kind="examination").first()
        finding.document_id, finding.page = kept.id, 1
        every = [one.document.id for one in letters.compose(db.session.get(Appeal, 1), later(1)).exhibits]
        return f"doc{kept.id}", every


def choose(client, kept):
    return press(client, CHOOSE, enclose=kept)


def sheet(client):
    return client.get(f"{LETTER}/page").text.replace("\u00a0", " ")


def test_a_document_switched_off_stays_behind_and_nothing_points_at_it(sign_in, note, read):
    name, every = note
    client = sign_in()
    title = read(lambda: db.session.get(Document, int(name.removeprefix("doc"))).title)
    assert title in sheet(client)
    assert choose(client, [one for one in every if one != name]).location == LETTER
    assert title not in sheet(client)
    text = client.get(LETTER).text
    assert f"{title} (stays behind)" in text
    assert f"Document {name} is not on file" not in text
    event = read(lambda: db.session.query(Event).filter_by(action="enclose_documents").one())
    assert event.sentence == f"{len(every) - 1} of {len(every)} documents enclosed: {title} stays behind."


def test_switched_on_again_it_goes_along(sign_in, note, read):
    name, every = note
    client = sign_in()
    choose(client, [one for one in every if one != name])
    choose(client, every)
    assert "stays behind" not in client.get(LETTER).text
    assert read(lambda: db.session.get(Appeal, 1).left_out) is None


def test_what_an_argument_leans_on_is_missed(sign_in, note):
    client = sign_in()
    choose(client, [])
    assert "Enclosure missing" in client.get(LETTER).text


def test_a_letter_that_left_the_desk_keeps_its_enclosures(sign_in, add_person, note, read):
    client = sign_in()
    send_for_signature(client)
    assert "switched" not in client.get(LETTER).text
    choose(client, [])
    assert read(lambda: db.session.get(Appeal, 1).left_out) is None
    assert sign_in_as(client, add_person, "auditor")
    assert send(client, CHOOSE, LETTER, enclose=[]).status_code == 403
