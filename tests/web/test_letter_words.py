"""Words of one letter: edited, checked while typing, restored; paragraphs added; versions beside each other."""

import re
from datetime import date
from html import unescape

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.own_words import LONGEST
from clinic_claims.models import Appeal, ClinicalFinding, Event, Letter, TreatmentCase
from clinic_claims.services import drafts, particulars, patients
from clinic_claims.services.deeds import Deed

from .conftest import PASSWORD, send
from .test_letters import LETTER, press, send_for_signature, sign_in_as, state_of, words_of

WORDS = "/letters/words/appeal/1/appeal"
ARGUMENT = f"{WORDS}/argument/approval_was_given"
NEW = f"{WORDS}/paragraph/new"
CURE = "MVD is the only cure."
BETTER = "MVD is the only option offering the prospect of a definitive cure."


def typed(client, page=ARGUMENT) -> str:
    """The words that stand in the editor."""
    return unescape(re.search(r"<textarea[^>]*>\r?\n?(.*?)</textarea>", client.get(page).text, re.DOTALL)[1])


def save(client, text, page=ARGUMENT, **more):
    return press(client, page, page, text=text, **more)


def sheet(client) -> str:
    return client.get(f"{LETTER}/page").text


def test_the_editor_starts_from_the_standard_words(sign_in, appeal):
    text = typed(sign_in())
    assert text.startswith("Lone Prairie approved this service on October 6, 2026")
    assert text.endswith("\n\n[table]")


def test_edited_words_print_are_marked_shown_as_a_difference_and_restored(sign_in, appeal, read):
    client = sign_in()
    usual = typed(client)
    assert save(client, usual.replace("It was given", "Botulinum toxin was given")).location == LETTER
    assert '<p class="edited" data-src="edited:approval_was_given">' in sheet(client)
    assert "Botulinum toxin was given" in sheet(client)
    assert 'class="compared"' in sheet(client)
    assert ">edited<" in client.get(LETTER).text
    page = client.get(ARGUMENT).text
    assert "<del>It </del><ins>Botulinum toxin </ins>was given" in page
    assert "Typed by biller@clinic.example" in client.get(LETTER).text
    kept = read(lambda: db.session.get(Appeal, 1).edits["approval_was_given"])
    assert (kept["by"], kept["standard"]) == ("biller@clinic.example", usual)

    assert save(client, "whatever stands there", undo="1").location == LETTER
    assert typed(client) == usual
    assert read(lambda: db.session.get(Appeal, 1).edits) is None
    assert 'class="edited"' not in sheet(client)


def test_standard_words_saved_as_they_are_are_no_edit(sign_in, appeal, read):
    client = sign_in()
    save(client, typed(client))
    assert read(lambda: db.session.get(Appeal, 1).edits) is None


def test_the_mark_of_an_edit_is_never_printed(sign_in, appeal):
    client = sign_in()
    save(client, "It was approved.")
    printed = words_of(client.get(f"{LETTER}/draft.pdf").data)
    assert "It was approved." in printed
    assert "edited" not in printed


def test_an_overstatement_stops_the_letter_and_is_mended_with_one_click(sign_in, appeal, read):
    client = sign_in()
    save(client, CURE)
    page = client.get(LETTER).text
    assert "Overstated: “only cure”" in page
    assert ARGUMENT in page
    assert send_for_signature(client).status_code == 409
    assert 'name="better" value="only cure"' in client.get(ARGUMENT).text
    assert save(client, typed(client), better="only cure").location == LETTER
    assert typed(client) == BETTER
    assert "Nothing is missing" in client.get(LETTER).text


def test_a_better_wording_that_was_not_offered_changes_nothing(sign_in, appeal):
    client = sign_in()
    save(client, "It was approved.", better="approved")
    assert typed(client) == "It was approved."


def test_words_are_tried_without_being_kept(sign_in, appeal, read):
    client = sign_in()
    before = read(lambda: db.session.query(Event).filter(Event.action != "view").count())
    answer = save(client, CURE, **{"try": "1"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Overstated: “only cure”" in answer.text
    assert "<ins>MVD " in answer.text
    assert "<del>Lone " in answer.text
    assert "MVD is the only cure." in answer.text.partition("<template data-sheet>")[2]
    assert read(lambda: db.session.get(Appeal, 1).edits) is None
    assert read(lambda: db.session.query(Event).filter(Event.action != "view").count()) == before


def test_the_second_of_two_editors_is_told_and_loses_no_word(sign_in, appeal, read):
    client = sign_in()
    old = state_of(client, ARGUMENT)
    save(client, "The first was faster.")
    answer = send(client, ARGUMENT, ARGUMENT, **old, text="The second typed long.")
    assert answer.status_code == 409
    assert "Somebody changed this" in answer.text
    assert "worded anew for this letter" in answer.text
    assert "The second typed long.</textarea>" in answer.text
    assert read(lambda: db.session.get(Appeal, 1).edits["approval_was_given"]["text"]) == "The first was faster."


@pytest.mark.parametrize("page", [ARGUMENT, NEW])
def test_too_many_words_are_refused_and_stay_in_the_field(sign_in, appeal, read, page):
    client = sign_in()
    answer = save(client, "y" * 10_000, page, after="plan")
    assert answer.status_code == 409
    assert f"Use at most {LONGEST} characters; these are 10000." in answer.text
    assert "y" * 10_000 in answer.text
    assert read(lambda: db.session.get(Appeal, 1).edits or db.session.get(Appeal, 1).own) is None


HOSTILE = "</textarea><script>alert(1)</script> <img src=http://198.51.100.1/x> {{ 7*7 }} {% include 'x' %}"


@pytest.mark.parametrize("page", [ARGUMENT, NEW])
def test_hostile_words_stay_words_on_every_page(sign_in, appeal, page):
    client = sign_in()
    tried = save(client, HOSTILE, page, after="plan", **{"try": "1"}).text
    save(client, HOSTILE, page, after="plan")
    for shown in (tried, client.get(page.replace("new", "1")).text, client.get(LETTER).text, sheet(client)):
        assert "<script>alert" not in shown
        assert "<img src=http" not in shown
    assert HOSTILE in unescape(sheet(client))


def test_a_paragraph_is_added_moved_and_taken_out(sign_in, appeal, read):
    client = sign_in()
    assert "After Plan of care" in client.get(NEW).text
    assert save(client, "She reads for a living.", NEW, after="plan").location == LETTER
    first = f"{WORDS}/paragraph/1"
    assert first in client.get(LETTER).text
    body = sheet(client)
    assert body.index("Plan of care") < body.index("She reads for a living.") < body.index("What I ask")

    save(client, "She reads for her living.", first, after="approval_was_given")
    body = sheet(client)
    assert body.index("She reads for her living.") < body.index("Clinical history")
    assert read(lambda: len(db.session.get(Appeal, 1).own)) == 1

    save(client, "", NEW, after="plan")  # nothing typed, nothing added
    assert save(client, "gone", first, undo="1").location == LETTER
    assert read(lambda: db.session.get(Appeal, 1).own) is None
    assert client.get(first).status_code == 404


def test_a_paragraph_that_somebody_took_out_is_not_put_back_in_silence(sign_in, appeal):
    client = sign_in()
    save(client, "One.", NEW, after="plan")
    old = state_of(client, f"{WORDS}/paragraph/1")
    save(client, "", f"{WORDS}/paragraph/1", undo="1")
    answer = send(client, f"{WORDS}/paragraph/1", NEW, **old, text="One more word.", after="plan")
    assert answer.status_code == 409
    assert "One more word." in answer.text


def test_the_record_that_changed_after_an_edit_is_pointed_out(app, sign_in, appeal, deed):
    client = sign_in()
    save(client, "PA-8841 was given.")
    assert "changed after it was edited" not in client.get(LETTER).text
    with app.app_context(), transaction():
        db.session.get(Appeal, 1).denial.claim.authorization.number = "PA-9000"
    assert "“This service was approved before it was given” changed after it was edited" in client.get(LETTER).text


def test_an_argument_that_the_letter_does_not_make_has_no_editor(sign_in, appeal):
    client = sign_in()
    assert client.get(f"{WORDS}/argument/mvd_imaging").status_code == 409
    assert client.get("/letters/words/claim/1/appeal/argument/x").status_code == 404
    assert client.get("/letters/words/denial/1/sonnet/argument/x").status_code == 404


def test_a_letter_that_is_with_the_physician_is_not_edited(sign_in, appeal, read):
    client = sign_in()
    state = state_of(client, ARGUMENT)
    send_for_signature(client)
    answer = send(client, ARGUMENT, LETTER, **(state | state_of(client, ARGUMENT)), text="Late.")
    assert answer.status_code == 409
    assert "have it returned before you change it" in answer.text
    assert read(lambda: db.session.get(Appeal, 1).edits) is None


def test_an_auditor_edits_nothing(sign_in, appeal):
    client = sign_in("auditor")
    assert "Edit the words" not in client.get(LETTER).text
    assert client.get(ARGUMENT).status_code == 403
    assert client.get(NEW).status_code == 403


def test_another_letter_has_its_own_words_and_order(sign_in, appeal, read):
    client = sign_in()
    page = "/write/authorization/1/lmn_toxin"
    order = re.findall(r'name="order" value="([^"]+)"', client.get(page).text)
    assert len(order) > 1
    press(client, f"{page}/arguments", page, order=order, use=order[1:])
    words = f"/letters/words/authorization/1/lmn_toxin/argument/{order[1]}"
    save(client, "Said for the request.", words)
    shown = client.get(f"{page}/page").text
    assert "Said for the request." in shown
    assert f'data-argument="{order[0]}"' not in shown
    assert "Said for the request." not in sheet(client)
    row = read(lambda: drafts.particulars(db.session.get(Appeal, 1).denial.claim.authorization, "lmn_toxin"))
    assert (row.chosen, list(row.edits)) == (order[1:], [order[1]])


def test_an_account_for_the_appeal_alone_makes_its_argument_ready(sign_in, appeal):
    client = sign_in()
    told = "The order was changed on the day of service."
    assert press(client, f"{LETTER}/particulars", recipient="One\nTwo", explanation=told).location == LETTER
    assert told in client.get(LETTER).text
    assert "One<br>Two" in sheet(client)


@pytest.fixture
def two_versions(app, sign_in, add_person, client, appeal):
    """A letter sent back with a reason, edited, and sent again."""
    desk = sign_in()
    send_for_signature(desk)
    physician = sign_in_as(desk, add_person, "physician")
    values = {f"back-{name}": value for name, value in state_of(physician, "/letters/1/sign").items()}
    send(physician, "/letters/1/return", "/letters/1/sign", **values, **{"back-reason": "Say how."})
    send(physician, "/logout", LETTER)
    assert send(physician, "/login", email="biller@clinic.example", password=PASSWORD).status_code == 302
    assert re.search(r"Pat Physician sent it back .*?</strong> Say how\.", physician.get(LETTER).text)
    save(physician, "She reads X-ray films.", NEW, after="plan")
    send_for_signature(physician)
    return physician


def test_versions_stand_side_by_side_with_what_changed(two_versions, read):
    client = two_versions
    assert "/letters/2/beside/1" in client.get("/appeals/1").text
    page = client.get("/letters/2/beside/1").text
    assert "Version 1 beside version 2" in page
    assert "<ins>She reads X-ray films. </ins>" in page
    assert page.count("<del>") == 0
    assert client.get("/letters/1/beside/2").text.count("<ins>") == 1  # the older stands first, whichever is asked
    assert client.get("/letters/2/beside/7").status_code == 409
    assert client.get("/letters/2/pages/1.png").data.startswith(b"\x89PNG")
    assert client.get("/letters/2/pages/99.png").status_code == 404
    assert read(lambda: [letter.version for letter in db.session.query(Letter).order_by(Letter.id)]) == [1, 2]


def test_the_physicians_page_shows_letter_and_evidence_together(two_versions, add_person):
    send(two_versions, "/logout", LETTER)
    send(two_versions, "/login", email="physician@clinic.example", password=PASSWORD)
    page = two_versions.get("/letters/2/sign").text
    assert 'src="/letters/2/pages/1.png"' in page
    for said in ("Exhibit A", "Remittance advice of November 18, 2026", "Approval letter of October 6, 2026"):
        assert said in page
    assert "on file, not enclosed" in page


def test_evidence_of_another_case_is_not_given(two_versions, app, clinic, deed):
    with app.app_context(), transaction():
        case = db.session.query(TreatmentCase).one()
        other = patients.add_finding(case, deed, kind="note", name="Note", words="x", on=date(2026, 10, 20))
        assert isinstance(other, ClinicalFinding)
    assert two_versions.get("/letters/2/evidence/999/1.png").status_code == 404


LEVELS = [
    ("fehb", "1", "appeal"),
    ("fehb", "2", "external_review"),
    ("commercial_fully_insured", "3", "external_review"),
    ("erisa_self_funded", "2", "appeal"),
    ("erisa_self_funded", "3", "external_review"),
    ("medicare_ffs", "1", "appeal"),
    ("medicare_ffs", "2", "external_review"),
    ("medicaid_managed_care", "2", "external_review"),
    ("tricare", "P", "dispute"),
    ("va_community_care", "P1", "dispute"),
]


def test_the_level_names_the_kind_of_letter(app, appeal, book):
    with app.app_context(), db.session.no_autoflush:
        found = db.session.get(Appeal, appeal)
        for payer_class, level, kind in LEVELS:
            found.level, found.denial.subject.coverage.plan.payer_class = level, payer_class
            assert (payer_class, level, drafts.usual_kind(found, book)) == (payer_class, level, kind)
        db.session.rollback()


def test_an_urgent_appeal_before_the_service_is_expedited(app, appeal, book, later):
    deed: Deed = later(1)
    with app.app_context(), transaction():
        found = db.session.get(Appeal, appeal)
        particulars.note(found, "appeal", deed, recipient=[], expedited_reason="The cornea is exposed.")
        assert drafts.usual_kind(found, book) == "appeal"  # the service was given
        denial = found.denial
        denial.authorization_id, denial.claim_id = denial.claim.authorization_id, None
        db.session.flush()
        assert drafts.usual_kind(found, book) == "expedited"
        db.session.rollback()
