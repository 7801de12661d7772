"""Patients: finding one without a name in an address, the chart, and everything that is added to it."""

import io

import pytest

from clinic_claims.db import db
from clinic_claims.models import Document, Event, Patient, TreatmentCase

from .conftest import send, token_of

PERSON = {"last_name": "Álvarez", "first_name": "Wei", "born_on": "1961-02-09", "mrn": "HL-2"}


@pytest.mark.parametrize("words", ["HL-1", "castellano", "Castellano, R", "renata castel", "HL-26-1001", "PA-8841"])
def test_one_find_box_takes_names_and_numbers(sign_in, records, words):
    answer = send(sign_in(), "/patients/find", "/patients", words=words)
    pages = {"HL-26-1001": f"/claims/{records.claim}", "PA-8841": f"/approvals/{records.authorization}"}
    assert answer.location == pages.get(words, f"/patients/{records.patient}")


def test_what_was_searched_is_nowhere_kept(sign_in, records, read):
    client = sign_in()
    answer = send(client, "/patients/find", "/patients", words="Nobody%")
    assert "Nobody and nothing found" in answer.text
    event = read(lambda: db.session.query(Event).filter_by(action="search").one().data)
    assert "Nobody" not in str(event)
    assert client.get("/patients/find?words=castellano").status_code == 405


def test_several_of_a_name_are_shown_to_choose_from(sign_in, records):
    client = sign_in()
    send(client, "/patients/new", **PERSON | {"last_name": "Castell"})
    text = send(client, "/patients/find", "/patients", words="castell").text
    assert "Castell, Wei" in text
    assert "Castellano, Renata" in text


def test_the_list_goes_on_without_a_name_in_the_address(sign_in, records, monkeypatch):
    client = sign_in()
    send(client, "/patients/new", **PERSON)
    monkeypatch.setattr("clinic_claims.web.patients.PAGE", 1)
    text = client.get("/patients").text
    assert "Álvarez, Wei" in text
    onward = text.split("/patients?after=")[1].split('"')[0]
    assert onward.isdecimal()
    assert "Castellano, Renata" in client.get(f"/patients?after={onward}").text


def test_the_page_shows_the_whole_chart_and_is_on_the_trail(sign_in, records, told):
    text = sign_in("physician").get(f"/patients/{records.patient}").text
    for words in ("Castellano, Renata", "LPX 773 204", "HL-26-1001", "PA-8841", "G51.31", "$652"):
        assert words in text
    assert "Patient · Clinic Claims</title>" in text
    assert told("patient", records.patient)[-1] == "view"


def test_a_patient_is_entered_with_coverage_and_case(sign_in, records, read):
    client = sign_in()
    page = send(client, "/patients/new", **PERSON).location
    coverage = send(client, f"{page}/add/coverage", plan=str(records.plan), member_id="M-1", rank="1",
                    relationship_to_subscriber="self")  # fmt: skip
    assert coverage.status_code == 302
    case = send(client, f"{page}/add/case", treatment="toxin", condition="hemifacial_spasm", diagnosis="G51.32",
                side="left", provider=str(records.provider), product="J0585", planned_units="25")  # fmt: skip
    assert case.location == page
    text = client.get(page).text
    assert "M-1" in text
    assert "Hemifacial spasm, left" in text
    assert read(lambda: db.session.query(Patient).filter_by(mrn="HL-2").one().name_key) == "alvarez wei"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"born_on": "09.02.1961"}, "Enter a date such as 11/22/2026."),
        ({"born_on": "2030-01-01"}, "The date of birth lies in the future."),
        ({"mrn": "HL-1"}, "Record number HL-1 belongs to another patient already."),
        ({"last_name": ""}, "Enter the last name."),
    ],
)
def test_a_faulty_patient_is_refused_and_the_typing_stays(sign_in, records, change, words):
    answer = send(sign_in(), "/patients/new", **PERSON | change)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert 'value="Wei"' in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"diagnosis": "G51.3"}, "not billable"),
        ({"side": "left"}, "is the code of the right side"),
        ({"product": ""}, "Choose the toxin."),
    ],
)
def test_a_case_must_agree_with_itself(sign_in, records, change, words):
    case = {
        "treatment": "toxin", "condition": "hemifacial_spasm", "diagnosis": "G51.31", "side": "right",
        "provider": str(records.provider), "product": "J0585",
    }  # fmt: skip
    answer = send(sign_in(), f"/patients/{records.patient}/add/case", **case | change)
    assert words in answer.text


CHART = {
    "treatment": ({"name": "Carbamazepine", "started_on": "2024-01-02", "result": "No benefit"}, "Carbamazepine"),
    "finding": ({"kind": "severity", "on": "2026-09-01", "name": "Jankovic severity", "words": "3 of 4"}, "Jankovic"),
    "injection": ({"on": "2026-09-01", "product": "J0585", "units": "25", "units_discarded": "75"}, "Injections"),
    "criterion": (
        {"policy_number": "P-1", "policy_title": "Toxin", "policy_version": "2026", "text": "Confirmed spasm"},
        "not answered yet",
    ),
}


@pytest.mark.parametrize("what", CHART)
def test_the_chart_grows(sign_in, records, what):
    answers, words = CHART[what]
    client = sign_in()
    answer = send(client, f"/patients/cases/{records.case}/add/{what}", **answers)
    assert answer.status_code == 302, answer.text
    assert words in client.get(answer.location).text


def test_a_treatment_that_stopped_before_it_started_is_refused(sign_in, records):
    answers = CHART["treatment"][0] | {"stopped_on": "2023-01-01"}
    answer = send(sign_in(), f"/patients/cases/{records.case}/add/treatment", **answers)
    assert answer.status_code == 409
    assert "stopped before it started" in answer.text


def test_nothing_else_can_be_added(sign_in, records):
    assert sign_in().get(f"/patients/{records.patient}/add/nonsense").status_code == 404


def test_who_may_not_write_a_chart_does_not(sign_in, records):
    client = sign_in("physician")
    assert client.get("/patients/new").status_code == 403
    assert "Add coverage" not in client.get(f"/patients/{records.patient}").text


def upload(client, records, data, table="patient", **more):
    answers = {"csrf_token": token_of(client, "/patients"), "kind": "clinic_notes", "title": "Note of Sep 1", **more}
    file = {"file": (io.BytesIO(data), "../../note.pdf")}
    return client.post(f"/documents/add/{table}/{getattr(records, table)}", data=answers | file)


def test_a_document_is_kept_once_and_handed_out_as_a_file(app, sign_in, records, read, tmp_path):
    app.config["INSTANCE"] = tmp_path
    client = sign_in()
    for _ in range(2):
        assert upload(client, records, b"%PDF-1.7 made up").location == f"/patients/{records.patient}#documents"
    key = read(lambda: db.session.query(Document.id).one()[0])
    assert "Note of Sep 1" in client.get(f"/patients/{records.patient}").text
    answer = client.get(f"/documents/{key}")
    assert answer.data == b"%PDF-1.7 made up"
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=note.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert read(lambda: db.session.query(Event).filter_by(action="download", subject="document").count()) == 1


@pytest.mark.parametrize(
    ("data", "more", "words"),
    [
        (b"MZ\x90\x00\xff\xfe", {}, "This file is no PDF, PNG, JPEG, TIFF or text."),
        (b"", {}, "This file is empty"),
        (b"%PDF-1.7", {"kind": "nonsense"}, "is no kind of document"),
        (b"%PDF-1.7", {"title": " "}, "Choose a file and give it a title."),
    ],
)
def test_what_is_no_document_is_refused(app, sign_in, records, read, tmp_path, data, more, words):
    app.config["INSTANCE"] = tmp_path
    client = sign_in()
    text = client.get(upload(client, records, data, **more).location).text
    assert words in text
    assert read(lambda: db.session.query(Document).count()) == 0


def test_a_document_belongs_to_its_record_and_all_above_it(app, sign_in, records, read, tmp_path):
    app.config["INSTANCE"] = tmp_path
    upload(sign_in(), records, b"%PDF-1.7", "claim")
    row = read(lambda: db.session.query(Document.claim_id, Document.case_id, Document.patient_id).one())
    assert tuple(row) == (records.claim, records.case, records.patient)
    assert read(lambda: db.session.get(TreatmentCase, records.case).patient_id) == records.patient


def test_a_form_says_what_must_be_on_file_first(sign_in, read):
    client = sign_in("manager")
    answers = {"last_name": "Roe", "first_name": "Ann", "born_on": "1960-01-01", "mrn": "A-1"}
    here = send(client, "/patients/new", **answers).location
    assert "No plan is on file yet" in client.get(f"{here}/add/coverage").text
    assert "No clinician is on file yet" in client.get(f"{here}/add/case").text
