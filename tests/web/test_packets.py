"""The packet's pages: bound around the signed letter, pages chosen, downloaded, sent with proof, sent again."""

import io
import json
import re
from datetime import date

import pikepdf
import pytest
from pypdf import PdfReader

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Claim, Deadline, Delivery, Document, Event, Letter, Packet
from clinic_claims.services import appeals, denials, documents, letters

from ..test_pictures import open_image
from .conftest import send
from .test_letters import press

PACKET = "/letters/1/packet"
DELIVER = "/letters/1/deliver"
SENT = {"how": "fax", "to": "Lone Prairie, fax (512) 555-0101", "on": "2026-11-22"}


def record_of(pages: int) -> bytes:
    out, file = io.BytesIO(), pikepdf.Pdf.new()
    for _ in range(pages):
        file.add_blank_page()
    file.save(out)
    return out.getvalue()


@pytest.fixture
def long_record(app, denied, deed):
    """A record of twelve pages, and one that nobody can open, among the exhibits."""
    with app.app_context(), transaction():
        claim = db.session.get(Claim, denied.claim)
        documents.add(record_of(12), "quality_of_life", "Questionnaires, 2021 to 2026", deed, about=claim)
        documents.add(b"%PDF-1.7 broken", "emg_report", "EMG report", deed, about=claim, pages=1)


@pytest.fixture
def printed(app, long_record, appeal, later):
    with app.app_context(), transaction():
        found = db.session.get(Appeal, 1)
        letters.finish(found, later(1))
        appeals.move(found, "send_for_review", later(1))


@pytest.fixture
def signed(app, printed, later):
    with app.app_context(), transaction():
        letters.sign(db.session.get(Letter, 1), later(1, "Elena R. Park, MD"))
        appeals.move(db.session.get(Appeal, 1), "sign", later(1, "Elena R. Park, MD"))


LOCKED = pikepdf.Encryption(user="secret", owner="other")


def record_locked() -> bytes:
    out, file = io.BytesIO(), pikepdf.open(io.BytesIO(record_of(2)))
    file.save(out, encryption=LOCKED)
    return out.getvalue()


def test_a_file_locked_with_a_password_is_kept_without_a_count_of_its_pages(sign_in, denied, read):
    client = sign_in()
    told = {"kind": "other", "title": "Locked record", "file": (io.BytesIO(record_locked()), "locked.pdf")}
    answer = send(client, f"/documents/add/claim/{denied.claim}", f"/claims/{denied.claim}", **told)
    assert answer.status_code == 302
    assert read(lambda: db.session.query(Document).filter_by(title="Locked record").one().pages) is None
    assert "Locked record" in client.get(f"/claims/{denied.claim}").text


def test_the_gate_names_who_signed_and_not_their_address(app, sign_in, add_person, printed):
    email = add_person("physician")
    with app.app_context(), transaction():
        one = db.session.get(Letter, 1)
        one.signed_at, one.signed_by, one.signed_sha256 = one.made_at, email, one.sha256
    gate = sign_in().get("/appeals/1").text.partition('id="gate"')[2]
    assert "Pat Physician, on November 21, 2026." in gate
    assert email not in gate


def words_of(data: bytes) -> list[str]:
    return [" ".join(page.extract_text().replace("\xa0", " ").split()) for page in PdfReader(io.BytesIO(data)).pages]


def test_an_unsigned_letter_is_not_bound(sign_in, printed, read):
    answer = press(sign_in(), PACKET, PACKET)
    assert answer.status_code == 409
    assert "not signed yet" in answer.text
    assert read(lambda: db.session.query(Packet).count()) == 0


def test_bound_downloaded_and_what_is_damaged_is_named(sign_in, signed, read):
    client = sign_in()
    assert press(client, PACKET, PACKET).location == PACKET
    page = client.get(PACKET).text
    assert "(EMG report) is damaged" in page
    answer = client.get("/packets/1.pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    row = read(lambda: db.session.get(Packet, 1))
    sheets = words_of(answer.data)
    assert (row.part, row.parts, row.last_page) == (1, 1, len(sheets))
    assert answer.data == read(lambda: documents.read(db.session.get(Packet, 1).document))
    for said in ("Appeal packet", "Renata Castellano", "Questionnaires, 2021 to 2026", "signed electronically"):
        assert said in sheets[0]
    assert f"Packet page 1 of {len(sheets)}" in sheets[0]
    assert f"Packet page {len(sheets)} of {len(sheets)}" in sheets[-1]
    actions = read(lambda: [e.action for e in db.session.query(Event).filter_by(subject="letter").order_by(Event.id)])
    assert actions[-2:] == ["view", "export"]
    assert "bind_packet" in actions


@pytest.fixture
def picker(signed, read) -> str:
    key = read(lambda: db.session.query(Document).filter_by(title="Questionnaires, 2021 to 2026").one().id)
    return f"/letters/1/exhibits/{key}"


def pages_shown(client) -> list[str]:
    press(client, PACKET, PACKET)
    newest = max(int(n) for n in re.findall(r"/packets/(\d+)\.pdf", client.get(PACKET).text))
    sheets = words_of(client.get(f"/packets/{newest}.pdf").data)
    return re.findall(r"page (\d+) of 12", " ".join(sheets))


def test_only_the_pages_ticked_go_out(sign_in, picker, read):
    client = sign_in()
    assert client.get(picker).text.count("checked") == 12
    assert press(client, picker, picker, tick=["2", "3", "7"]).location == PACKET
    assert client.get(picker).text.count("checked") == 3
    assert "2–3, 7 of 12" in client.get(PACKET).text
    assert pages_shown(client) == ["2", "3", "7"]
    press(client, picker, picker, all="")
    assert len(pages_shown(client)) == 12


def test_pages_may_be_typed(sign_in, picker):
    client = sign_in()
    wrong = press(client, picker, picker, typed="3, all")
    assert wrong.status_code == 409
    assert "“all” is no page" in wrong.text
    assert "has pages 1 to 12" in press(client, picker, picker, typed="11-13").text
    assert "Tick at least one page" in press(client, picker, picker).text
    assert press(client, picker, picker, typed="2-3, 7", tick=["1"]).location == PACKET
    assert "2–3, 7 of 12" in client.get(PACKET).text


def test_the_pages_that_the_letter_points_at_are_marked_and_chosen_at_one_press(app, sign_in, signed, read):
    client = sign_in()
    page = client.get(PACKET).text
    for address in sorted(set(re.findall(r"/letters/1/exhibits/\d+", page))):
        text = client.get(address).text
        marked = text.count("the letter points here")
        if marked:
            assert press(client, address, address, pointed="").location == PACKET
            ticked = client.get(address).text.count("checked")
            assert ticked in (marked, int(re.search(r", (\d+) pages\.", text)[1]))
            return
    raise AssertionError("no exhibit of the letter is pointed at")


def test_pages_are_shown_as_pictures_and_reading_one_is_in_the_history(sign_in, picker, read):
    client, key = sign_in(), picker.rsplit("/", 1)[1]
    small, large = (client.get(f"/documents/{key}/pages/{page}.png") for page in ("3", "3/large"))
    assert [answer.content_type for answer in (small, large)] == ["image/png", "image/png"]
    assert [open_image(answer.data).width for answer in (small, large)] == [220, 1100]
    views = read(lambda: db.session.query(Event).filter_by(subject="document", action="view").all())
    assert [event.data["page"] for event in views] == [3, 3]
    assert client.get(f"/documents/{key}/pages/13.png").status_code == 404
    assert client.get("/letters/1/exhibits/9999").status_code == 404


def test_a_bound_packet_is_looked_through_page_by_page(sign_in, signed, read):
    client = sign_in()
    press(client, PACKET, PACKET)
    row = read(lambda: db.session.get(Packet, 1))
    text = client.get("/packets/1/pages").text
    assert text.count('class="sheet"') == row.last_page
    assert f"Page {row.last_page}<" in text


def test_the_fax_cover_counts_the_pages_of_the_packet_last_bound(sign_in, signed, read):
    client = sign_in()
    cover = "/write/denial/1/fax_cover"
    assert "pages, not counting this sheet" not in client.get(f"{cover}/page").text
    press(client, PACKET, PACKET)
    assert f'href="{cover}"' in client.get(PACKET).text
    last = read(lambda: db.session.get(Packet, 1).last_page)
    assert f"{last} pages, not counting this sheet" in client.get(f"{cover}/page").text.replace("\u00a0", " ")


def test_only_the_clinics_copy_holds_the_facts(sign_in, signed, read):
    client = sign_in()
    press(client, PACKET, PACKET)
    answer = client.get("/letters/1/clinic-copy.pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    told = json.loads(PdfReader(io.BytesIO(answer.data)).attachments["facts.json"][0])
    letter = read(lambda: db.session.get(Letter, 1))
    assert told == {"letter_sha256": letter.sha256, "facts": letter.facts}
    for address in ("/letters/1.pdf", "/packets/1.pdf"):
        assert not PdfReader(io.BytesIO(client.get(address).data)).attachments


def test_split_at_the_payers_limit(app, sign_in, signed, read):
    with app.app_context(), transaction():
        db.session.get(Appeal, 1).denial.claim.coverage.plan.payer.upload_pages = 9
    client = sign_in()
    press(client, PACKET, PACKET)
    text = client.get(PACKET).text
    assert "part 2 of" in text
    assert "at most 9 pages a file" in text
    rows = read(lambda: db.session.query(Packet).order_by(Packet.part).all())
    assert all(row.last_page - row.first_page < 9 for row in rows)


def test_filing_asks_for_proof_or_a_reason(sign_in, signed, read):
    client = sign_in()
    assert "Quality gate" in client.get(DELIVER).text
    answer = press(client, DELIVER, DELIVER, **SENT)
    assert answer.status_code == 409
    assert "attach the proof, or say why there is none" in answer.text
    assert read(lambda: (db.session.query(Delivery).count(), db.session.get(Appeal, 1).state)) == (0, "ready")


def test_sent_with_a_file_as_proof_and_sent_again(sign_in, signed, read):
    client = sign_in()
    assert "Send and file" in client.get("/appeals/1").text
    proof = {"file": (io.BytesIO(b"Fax report 4471: OK, 24 pages"), "report.txt")}
    answer = press(client, DELIVER, DELIVER, **SENT, time="10:42", **proof)
    assert answer.location == "/appeals/1"
    found = read(lambda: db.session.get(Appeal, 1))
    assert (found.state, found.filed_on, found.filed_by) == ("filed", date(2026, 11, 22), "fax")
    assert found.proof == "Proof of delivery by fax, November 22, 2026"
    kept = read(lambda: db.session.get(Delivery, 1).document)
    assert read(lambda: documents.read(kept)) == b"Fax report 4471: OK, 24 pages"

    again = press(client, DELIVER, DELIVER, **(SENT | {"how": "certified mail"}), confirmation="9407 1000")
    assert again.status_code == 302
    assert read(lambda: [row.how for row in db.session.query(Delivery).order_by("id")]) == ["fax", "certified mail"]
    assert "9407 1000" in client.get(PACKET).text


def test_an_auditor_binds_chooses_and_sends_nothing(sign_in, signed, picker):
    client = sign_in("auditor")
    assert send(client, picker, PACKET, all="").status_code == 403
    assert client.get(PACKET).status_code == 200
    assert send(client, PACKET, PACKET).status_code == 403
    assert client.get(DELIVER).status_code == 403


def outgrown(app, later):
    """Let the record outgrow the signed letter: the payer's own words are noted anew."""
    with app.app_context(), transaction():
        denial = db.session.get(Appeal, 1).denial
        denials.note_notice(denial, later(2), reason_quoted="Precertification absent on the day.")


def test_a_letter_that_the_record_has_outgrown_leaves_only_with_a_reason(app, sign_in, signed, later, read):
    outgrown(app, later)
    client = sign_in()
    text = client.get(DELIVER).text
    assert "The denial changed after the letter was printed" in text
    assert "It leaves all the same because" in text
    answer = press(client, DELIVER, DELIVER, **SENT, confirmation="Fax report 1")
    assert answer.status_code == 409
    assert "say why the letter leaves all the same" in answer.text
    assert read(lambda: (db.session.query(Delivery).count(), db.session.get(Appeal, 1).state)) == (0, "ready")

    told = "The last day is today; the notice was only retyped."
    assert press(client, DELIVER, DELIVER, **SENT, confirmation="Fax report 1", despite=told).status_code == 302
    assert read(lambda: (db.session.get(Delivery, 1).despite, db.session.get(Appeal, 1).state)) == (told, "filed")
    assert told in client.get(PACKET).text
    event = read(lambda: db.session.query(Event).filter_by(action="deliver").one())
    assert event.sentence.endswith(f"It left although something was still to do: {told}")


def test_a_letter_with_nothing_to_do_asks_for_no_reason_and_keeps_none(sign_in, signed, read):
    client = sign_in()
    assert "It leaves all the same because" not in client.get(DELIVER).text
    press(client, DELIVER, DELIVER, **SENT, confirmation="Fax report 1", despite="Typed for nothing.")
    assert read(lambda: db.session.get(Delivery, 1).despite) is None


@pytest.mark.parametrize(("sent_on", "code"), [("2026-11-20", 302), ("2026-11-22", 409)])
def test_a_letter_sent_in_time_is_not_late_because_it_is_noted_late(app, sign_in, signed, read, sent_on, code):
    with app.app_context(), transaction():
        letter, last = db.session.get(Letter, 1), date(2026, 11, 20)
        dated = letter.facts["denial"] | {"legal": last.isoformat(), "act_by": last.isoformat()}
        letter.facts = letter.facts | {"denial": dated}
        for clock in db.session.query(Deadline).filter_by(clock="appeal"):
            clock.legal = clock.act_by = last
    answer = press(sign_in(), DELIVER, DELIVER, **(SENT | {"on": sent_on}), confirmation="Fax report 1")
    assert answer.status_code == code
    assert ("ended on November 20, 2026" in answer.text) == (code == 409)
