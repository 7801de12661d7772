"""Printing: what the pages say, that they are accessible, the same every time, and that nothing is fetched."""

import io
import re
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from functools import cache
from pathlib import Path

import page
import pytest
from pypdf import PdfReader

from clinic_claims import pdf, press
from clinic_claims.domain.letters import compose
from clinic_claims.domain.own_words import OwnParagraph
from clinic_claims.examples import facts_examples
from tests.letter_cases import book, changed, facts, letter, plain

QUOTES_NOTHING = {"good_cause", "patient_consent"}
HOSTILE = (
    "<b>Bobby</b>",
    '"><img src="file:///etc/passwd"><img src="http://198.51.100.1/x.png">',
    "</body><style>@import url(http://198.51.100.1/x.css)</style>",
    "{{ letter.facts }} {% include 'letter.css' %}",
    "Ann\u202egnp.exe",
)


def pages(made, draft=False) -> list[str]:
    return [plain(sheet.extract_text()) for sheet in PdfReader(io.BytesIO(pdf.pdf(made, draft))).pages]


def said(made) -> str:
    return " ".join(pages(made))


@cache
def printed(name: str) -> bytes:
    """An example as printed; tests of the same example share it."""
    return pdf.pdf(letter(name))


def sheets_of(name: str) -> list[str]:
    return [plain(sheet.extract_text()) for sheet in PdfReader(io.BytesIO(printed(name))).pages]


@pytest.mark.parametrize("name", facts_examples())
def test_the_pages_hold_what_a_payer_needs(name):
    made = letter(name)
    case, text, kind = made.facts, " ".join(sheets_of(name)), made.kind
    wanted = [case.clinic.name, *made.address]
    wanted += [case.patient.name] if name != "fax_cover" else []
    wanted += [case.clinic.npi, case.clinic.tin] if kind.to != "staff" else []
    wanted += [item.value for item in made.identifiers if kind.identified]
    wanted += [f"Exhibit {e.letter} {e.document.title}" for e in made.exhibits if "enclosures" in kind.ending]
    wanted += [citation.reference for citation in made.citations if "references" in kind.ending]
    wanted += ["Sincerely,", case.signer.name] if "signature" in kind.ending else []
    wanted += ["The time to file ends on"] if kind.timed else []
    wanted += [case.denial.quoted] if case.denial and "denial" in kind.parts and name not in QUOTES_NOTHING else []
    squeezed = text.replace(" ", "")  # a line may break inside a reference
    assert [words for words in wanted if plain(words).replace(" ", "") not in squeezed] == []
    assert not re.search(r"\{\{|\}\}|\{%|None|Undefined|TBD|DRAFT", text)
    assert 'class="missing"' not in pdf.html(made)


@pytest.mark.parametrize("name", facts_examples())
def test_a_letter_is_signed_by_its_third_page_and_numbers_its_pages(name):
    made = letter(name)
    sheets = sheets_of(name)
    signed = [number for number, sheet in enumerate(sheets, 1) if "Sincerely," in sheet]
    assert len(signed) == ("signature" in made.kind.ending)
    assert all(number <= 3 for number in signed)
    assert len(sheets) <= 4
    assert all(f"Page {number} of {len(sheets)}" in sheet for number, sheet in enumerate(sheets, 1))


@pytest.mark.parametrize("name", [name for name in facts_examples() if len(letter(name).kind.ending) > 1])
def test_no_page_begins_with_a_signature_or_with_a_table_torn_from_its_words(name):
    for sheet in sheets_of(name)[1:]:
        _, _, body = sheet.partition(letter(name).reference)
        assert not body.lstrip().startswith(("Sincerely,", "Sessions by date", "Approved beside", "Drug lines"))


ONE_PAGE = ("p2p_brief", "patient_letter", "patient_consent", "fax_cover", "status_request", "corrected_cover")
ONE_PAGE += ("complaint", "good_cause")


@pytest.mark.parametrize("name", ONE_PAGE)
def test_short_documents_fit_one_page(name):
    assert len(sheets_of(name)) == 1


def test_a_fax_cover_lies_open_and_tells_nothing_of_the_patient():
    case, text = facts("fax_cover"), " ".join(sheets_of("fax_cover"))
    hidden = (case.patient.name, case.patient.name.split()[-1], case.coverage.member_id, case.condition)
    assert [words for words in (*hidden, *case.treatment.diagnosis_codes) if plain(words) in text] == []


def test_a_letter_encloses_no_more_than_it_needs():
    enclosed = {name: {one.document.kind for one in letter(name).exhibits} for name in facts_examples()}
    assert enclosed["file_request"] <= {"denial_notice"}
    assert enclosed["patient_consent"] <= {"representative_form"}
    assert "clinic_notes" not in enclosed["complaint"] | enclosed["good_cause"] | enclosed["corrected_cover"]
    assert "clinic_notes" in enclosed["appeal_toxin_necessity"] & enclosed["records_cover"]


def test_pages_after_the_first_name_patient_and_claim():
    others = sheets_of("appeal_toxin_necessity")[1:]
    assert others
    assert all("Dolores A. Whitcomb Claim 2026273884501" in sheet for sheet in others)


@pytest.mark.parametrize("name", facts_examples())
def test_letters_are_accessible(name):
    report = page.validate_pdf_bytes(printed(name), profile=page.ValidationProfile.PDF_UA_1)
    assert [failure.message for failure in report.failures] == []


def test_metadata_names_the_letter_its_author_and_its_day():
    about = PdfReader(io.BytesIO(printed("appeal_toxin_necessity"))).metadata
    assert about.title == "Appeal: Dolores A. Whitcomb"
    assert about.author == "Elena R. Park, MD"
    assert about.creation_date.date().isoformat() == "2026-11-16"


def test_the_same_letter_is_the_same_bytes():
    made = letter("appeal_mvd_necessity")
    assert pdf.pdf(made) == pdf.pdf(made)


def test_only_the_letters_own_fonts_are_used():
    fonts = set()
    for sheet in PdfReader(io.BytesIO(printed("appeal_toxin_necessity"))).pages:
        fonts |= {font.get_object()["/BaseFont"].split("+")[1] for font in sheet["/Resources"]["/Font"].values()}
    assert all(font.startswith(("Letter-Serif", "Letter-Sans")) for font in fonts), fonts


def test_a_letter_with_gaps_is_a_draft_on_every_page():
    made = letter("appeal_toxin_approved", coverage={"member_id": ""})
    sheets = pages(made)
    assert made.gaps
    assert all("DRAFT – not for sending" in sheet for sheet in sheets)
    assert "Member ID missing" in sheets[0]


def test_a_complete_letter_is_a_draft_when_asked():
    assert "DRAFT" in pages(letter("appeal_toxin_approved"), draft=True)[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_prints_as_text_and_reaches_nothing(text, monkeypatch):
    def refuse(*_):
        raise AssertionError("a letter reached for the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    made = changed(facts("appeal_toxin_approved"), patient={"name": text, "called": text})
    page_html = pdf.html(compose(made, book()))
    assert "<img" not in page_html
    assert page_html.count("<style") == 0
    shown = said(compose(made, book())).replace(" ", "")
    assert text.replace("\u202e", "").replace(" ", "")[:12] in shown


def test_ten_thousand_letters_without_a_space_still_print():
    made = changed(facts("appeal_mvd_approved"), treatment={"without": "x" * 10_000})
    assert len(pages(compose(made, book()))) > 3


def test_a_name_of_ten_thousand_letters_takes_seconds_not_minutes():
    made = compose(changed(facts("appeal_toxin_approved"), patient={"name": "W" * 10_000}), book())
    assert 3 <= len(pages(made)) <= 12, "a line of identifiers and the heads of pages name it in part"


@pytest.mark.parametrize("name", ["山田 太郎", "김철수", "Zoë 😀", "A\x07B"])
def test_a_name_that_no_font_draws_stops_the_letter(name):
    gaps = compose(changed(facts("appeal_toxin_approved"), patient={"name": name}), book()).gaps
    assert {gap.field for gap in gaps} == {"patient.name"}
    assert "cannot be printed" in gaps[0].what
    mine = OwnParagraph(id="1", after="plan", text=name)
    typed = compose(facts("appeal_toxin_approved"), book(), own=[mine]).gaps
    assert [gap.field for gap in typed] == ["own:1"]


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "Łukasz Żółć", "Ægir Þórsson", "Ελένη", "Олена", "שרה", "محمد"])
def test_a_name_in_a_script_of_the_fonts_prints_with_every_letter(name):
    made = compose(changed(facts("appeal_toxin_approved"), patient={"name": name, "called": name}), book())
    assert made.gaps == ()
    reader = PdfReader(io.BytesIO(pdf.pdf(made)))
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    files = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert all("/FontFile2" in file or "/FontFile3" in file for file in files), "embedded, on whatever machine"
    assert not any("\x00" in sheet.extract_text() for sheet in reader.pages)


@pytest.mark.parametrize(
    "address", ["http://198.51.100.1/", "file:///etc/passwd", "data:text/plain,x", "app:../x", "x"]
)
def test_the_press_serves_its_own_assets_alone(address):
    with pytest.raises(ValueError, match="no asset"):
        press.Offline({"a.ttf": Path("/etc/hostname")}).fetch(address)


def test_letters_print_in_several_threads_at_once():
    made, found = letter("appeal_toxin_approved"), []
    threads = [threading.Thread(target=lambda: found.append(pdf.pdf(made))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [pdf.pdf(made)] * 3


def test_commands_that_print_nothing_do_not_load_the_press():
    code = "import sys, clinic_claims.pdf; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_numbers_stay_with_their_units_and_tags_are_left_alone():
    kept = pdf.keep_together('<p title="30 units">30 units under 29 CFR 2560.503-1(h)(3)(ii) on May 3</p>')
    assert kept.startswith('<p title="30 units">30\u00a0units under 29\u00a0CFR\u00a02560.503-1(h)\u2060(3)\u2060(ii)')
    assert kept.endswith("on May\u00a03</p>")


def test_a_cited_source_is_followed_by_its_limit():
    text = " ".join(sheets_of("appeal_toxin_necessity"))
    assert "Since retired by the American Academy of Neurology." in text


def test_a_letter_says_nothing_of_a_policy_that_nobody_noted():
    assert re.search(r"gives this reason \([^)]*\): “", said(letter("appeal_mvd_approved")))


def test_the_window_shows_the_address_alone():
    """Everything about the patient starts below the fold, so that no health data shows in the envelope's window."""
    case = facts("appeal_toxin_necessity")
    reader = PdfReader(io.BytesIO(pdf.pdf(compose(case, book()))))
    seen = []

    def note(text, page_matrix, text_matrix, *_):
        inches_down = 11 - (text_matrix[5] * page_matrix[3] + page_matrix[5]) / 72
        if text.strip() and 2.04 <= inches_down <= 3.6:
            seen.append(text.strip())

    reader.pages[0].extract_text(visitor_text=note)
    assert " ".join(" ".join(seen).split()) == " ".join(case.coverage.appeals_address)


@pytest.mark.parametrize("name", ["appeal_toxin_necessity", "appeal_mvd_necessity", "lmn_toxin"])
@pytest.mark.parametrize("kind", sorted(book().kinds))
def test_every_kind_shows_a_page_for_any_case_however_little_is_on_file(name, kind):
    case = facts(name)
    bare = replace(
        case, findings=(), prior_treatments=(), injections=(), documents=(), authorization=None, claim=None, policy=None
    )
    for known in (case, bare, replace(bare, denial=None)):
        made = compose(known, book(), kind)
        shown = pdf.html(made)
        assert made.writable or "cannot be written yet" in shown
        assert made.writable or made.gaps


def test_a_bare_case_still_prints_a_draft():
    case = replace(facts("appeal_toxin_necessity"), findings=(), injections=(), documents=(), claim=None)
    assert "DRAFT" in pages(compose(case, book()))[0]
