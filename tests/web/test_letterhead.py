"""Letterhead and signatures: seen before they are saved, kept in versions, printed, and taken in as dots alone."""

import io
import re
from base64 import b64encode

import pytest
from pypdf import PdfReader

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Clinic, Document, Letter, LetterheadVersion, Provider, SignatureImage, User
from clinic_claims.packet.pictures import logo
from clinic_claims.services import appeals, documents, letters

from ..test_pictures import drawing, open_image
from .conftest import send
from .test_letters import LETTER, press, sign_in_as

HEAD, SIGNATURES = "/wording/letterhead", "/wording/letterhead/signatures"
TOLD = {"name": "Harbor Light Brain and Nerve", "street": "1 New Road", "city": "Westmere", "state": "TX"}
TOLD |= {"zip": "75999", "phone": "(214) 555-0142"}


def picture(data: bytes | None = None) -> dict:
    return {"picture": (io.BytesIO(data or drawing(ink="#1f3a5f")), "logo.png")}


def stored(read) -> list[tuple[str, bytes]]:
    return read(lambda: [(row.kind, documents.read(row)) for row in db.session.query(Document).order_by(Document.id)])


def test_a_letterhead_is_seen_on_a_made_up_letter_and_as_faxed_before_it_is_saved(sign_in, appeal, read):
    client = sign_in("manager")
    answer = send(client, HEAD, HEAD, **TOLD, **picture(), show="")
    assert answer.status_code == 200
    assert "Harbor Light Brain and Nerve" in answer.text
    assert "&lt;img class=&#34;logo&#34; src=&#34;data:image/png;base64," in answer.text
    assert "in the black and white of a fax" in answer.text
    assert read(lambda: db.session.query(Clinic).one().name) == "Harbor Light Neurology"
    assert read(lambda: db.session.query(LetterheadVersion).count()) == 0


def test_what_was_shown_is_saved_and_printed_with_its_logo(sign_in, appeal, read):
    client = sign_in("manager")
    shown = send(client, HEAD, HEAD, **TOLD, **picture(), show="").text
    kept = re.search(r'name="kept" type="hidden" value="([^"]+)"', shown)
    assert send(client, HEAD, HEAD, **TOLD, kept=kept[1], save="").location == HEAD
    page = client.get(f"{LETTER}/page").text
    assert "Harbor Light Brain and Nerve" in page
    assert 'alt="Logo of Harbor Light Brain and Nerve"' in page
    draft = PdfReader(io.BytesIO(client.get(f"{LETTER}/draft.pdf").data))
    assert len(draft.pages[0].images) == 1
    assert ("logo", logo(drawing(ink="#1f3a5f"))) in stored(read)


def test_earlier_letterheads_are_put_back_with_their_logo(sign_in, appeal, read):
    client = sign_in("manager")
    send(client, HEAD, HEAD, **TOLD, **picture(), save="")
    send(client, HEAD, HEAD, **TOLD, without="y", save="")
    assert 'class="logo"' not in client.get(f"{LETTER}/page").text
    assert send(client, f"{HEAD}/restore", HEAD, number="2").location == HEAD
    assert 'class="logo"' in client.get(f"{LETTER}/page").text
    send(client, f"{HEAD}/restore", HEAD, number="1")
    assert read(lambda: db.session.query(Clinic).one().name) == "Harbor Light Neurology"
    assert read(lambda: [row.version for row in db.session.query(LetterheadVersion).order_by("version")]) == list(
        range(1, 6)
    )
    assert send(client, f"{HEAD}/restore", HEAD, number="9").status_code == 409


def test_saving_what_stands_already_makes_no_version(sign_in, appeal, read):
    client = sign_in("manager")
    send(client, HEAD, HEAD, **TOLD, save="")
    send(client, HEAD, HEAD, **TOLD, save="")
    assert read(lambda: db.session.query(LetterheadVersion).count()) == 2  # what was before, and this


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\nnothing"])
def test_what_is_no_picture_is_refused(sign_in, appeal, read, data):
    client = sign_in("manager")
    for where in (HEAD, f"{SIGNATURES}/1"):
        answer = send(client, where, HEAD, **TOLD, **picture(data), save="")
        assert answer.status_code == 409
        assert "This is no picture" in answer.text
    forged = send(client, HEAD, HEAD, **TOLD, kept=b64encode(data).decode(), save="")
    assert forged.status_code == 409
    assert "logo" not in [kind for kind, _ in stored(read)]


def test_an_address_is_checked(sign_in, appeal):
    answer = send(sign_in("manager"), HEAD, HEAD, **(TOLD | {"zip": "7599"}), save="")
    assert answer.status_code == 422
    assert "Enter a ZIP code" in answer.text


def link_physician(email: str) -> None:
    provider, user = db.session.get(Provider, 1), db.session.query(User).filter_by(email=email).one()
    provider.user_id = user.id


@pytest.fixture
def with_picture(sign_in, appeal):
    client = sign_in("manager")
    done = send(client, f"{SIGNATURES}/1", SIGNATURES, **picture(drawing(ink="#3050c0")))
    assert done.location == SIGNATURES
    return client


def sent_for_signature(app, later):
    with app.app_context(), transaction():
        found = db.session.get(Appeal, 1)
        letters.finish(found, later(1))
        appeals.move(found, "send_for_review", later(1))


def outgoing(read) -> tuple[Letter, bytes, bytes]:
    def found():
        letter = db.session.get(Letter, 1)
        return letter, documents.read(letter.document), documents.read(letter.outgoing)

    return read(found)


def last_words(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_the_picture_stands_only_in_what_its_physician_has_signed(
    app, sign_in, add_person, client, with_picture, later, read
):
    sent_for_signature(app, later)
    letter, before, out = outgoing(read)
    assert before == out
    assert "signed" not in last_words(before)
    physician = sign_in_as(client, add_person, "physician")
    with app.app_context(), transaction():
        link_physician("physician@clinic.example")
    done = press(physician, "/letters/1/sign", "/letters/1/sign", password="a calm blue morning")
    assert done.status_code == 302
    letter, before, out = outgoing(read)
    assert letter.signed_sha256 == letter.sha256
    assert "signed" not in last_words(before)
    words = last_words(out)
    assert "Electronically signed by Elena R. Park, MD on November 22, 2026 at 10:00 AM EST" in words
    assert sum(len(page.images) for page in PdfReader(io.BytesIO(out)).pages) == 1
    assert physician.get("/letters/1.pdf").data == out


def test_another_account_signs_with_its_own_name_and_no_picture(app, with_picture, later, read):
    sent_for_signature(app, later)
    with app.app_context(), transaction():
        letters.sign(db.session.get(Letter, 1), later(2, "A. Locum, MD"))
    _, _, out = outgoing(read)
    assert "Electronically signed by A. Locum, MD on November 22" in last_words(out)
    assert not [image for page in PdfReader(io.BytesIO(out)).pages for image in page.images]


def test_signatures_have_versions_and_are_taken_off(with_picture, read):
    client = with_picture
    assert "Signature of Elena R. Park, MD" in client.get(SIGNATURES).text
    assert send(client, f"{SIGNATURES}/1/restore", SIGNATURES, number="0").location == SIGNATURES
    assert "No picture" in client.get(SIGNATURES).text
    assert send(client, f"{SIGNATURES}/1/restore", SIGNATURES, number="1").location == SIGNATURES
    assert read(lambda: [row.version for row in db.session.query(SignatureImage).order_by("version")]) == [1, 2, 3]
    assert send(client, f"{SIGNATURES}/1/restore", SIGNATURES, number="7").status_code == 409
    assert "Choose the picture" in send(client, f"{SIGNATURES}/1", SIGNATURES).text


def test_only_grey_dots_of_a_signature_are_kept(with_picture, read):
    kept = next(data for kind, data in stored(read) if kind == "signature")
    image = open_image(kept)
    assert (image.mode, image.format, dict(image.info)) == ("L", "PNG", {})


def test_a_signature_is_never_handed_out_as_a_document(with_picture, read):
    key = read(lambda: db.session.query(Document).filter_by(kind="signature").one().id)
    assert with_picture.get(f"/documents/{key}").status_code == 404


@pytest.mark.parametrize("role", ["biller", "physician", "auditor", "administrator"])
def test_only_a_lead_changes_letterhead_and_signatures(sign_in, appeal, role):
    client = sign_in(role)
    assert client.get(HEAD).status_code == 403
    assert client.get(SIGNATURES).status_code == 403
    for where in (f"{HEAD}/restore", f"{SIGNATURES}/1", f"{SIGNATURES}/1/restore"):
        assert send(client, where, "/wording", number="0").status_code == 403
