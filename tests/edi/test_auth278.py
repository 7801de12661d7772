"""The 278 reader on files of our own: what a payer decided, until when, and why a request was not reviewed."""

from datetime import date
from pathlib import Path

import pytest

from clinic_claims.edi import auth278
from clinic_claims.edi.auth278 import Decision
from clinic_claims.edi.parts import Person, Provider
from tests.edi.documents import segments

DATA = Path(__file__).parents[1] / "data" / "278"
GOOD = {  # file: trace, action and number of each review
    "approved": [("CASE-17", "A1", "PA-5521")],
    "partly_approved_dependent": [("CASE-18", "A2", "PA-6010")],
    "inpatient_pended": [("CASE-19", "A4", "")],
    "patient_not_found": [("", None, None)],
    "two_answers": [("", None, None), ("CASE-20", None, None)],
}
BAD = {  # file: every fault, in file order
    "no_answer": ["segment 13 (HL): the request has no decision (HCR) and no rejection (AAA)"],
    "nothing": ["segment 3 (ST): the answer has no decision (HCR) and no rejection (AAA)"],
    "request": ["segment 4 (BHT): this is a request for review (BHT02 is 13), not a payer's answer"],
    "truncated": [
        "segment 32 (HL): this segment does not belong here; the file may be damaged",
        "SE is missing: the file is cut short, so download it again",
        "GE is missing: the file is cut short, so download it again",
        "IEA is missing: the file is cut short, so download it again",
    ],
    "bad_numbers": [
        "segment 20 (DTP): DTP03 should be a date but says something else",
        "segment 23 (HSD): HSD02 should be a number but says something else",
        "segment 34 (HCR): HCR01 is missing",
    ],
}


def data(name):
    return (DATA / f"{name}.278").read_bytes()


def reviews(name):
    return auth278.read(data(name)).reviews


def test_every_file_is_told_of():
    assert {path.stem for path in DATA.iterdir()} == GOOD.keys() | BAD.keys()


@pytest.mark.parametrize(("name", "told"), GOOD.items())
def test_a_good_file_is_read_whole(name, told):
    file = auth278.read(data(name))
    assert file.faults == file.warnings == ()
    found = [
        (each.trace, *((each.decision.action, each.decision.number) if each.decision else (None, None)))
        for each in file.reviews
    ]
    assert found == told


@pytest.mark.parametrize(("name", "faults"), BAD.items())
def test_a_bad_file_tells_all_its_faults_with_their_places(name, faults):
    assert [str(fault) for fault in auth278.read(data(name)).faults] == faults


def test_an_approval_says_who_asked_for_whom_and_what():
    (review,) = reviews("approved")
    assert (review.reference, review.sent_on) == ("REQ-0201", date(2026, 2, 5))
    assert (review.trace, review.payer_trace) == ("CASE-17", "HHP-7001")
    assert (review.payer, review.payer_id) == ("HARBOR HEALTH PLAN", "HHP01")
    assert review.requester == Provider("LAKESIDE NEUROLOGY", "1234567893")
    assert review.patient == review.subscriber == Person("MARLOWE", "IRIS", "HHP0001", date(1958, 4, 12), "F")
    assert (review.category, review.certification, review.service_type) == ("HS", "I", "2")
    assert (review.facility_code, review.diagnoses) == ("11", ("G5131", "R252"))
    assert (review.quantity, review.quantity_kind) == (2, "VS")
    assert review.service_provider.npi == "1245319599"
    assert review.messages == ("DRUG BY BUY AND BILL ONLY",)


def test_an_approval_has_its_number_and_its_window():
    (review,) = reviews("approved")
    assert review.decision == Decision(17, "A1", "PA-5521", "")
    assert (review.valid_from, review.valid_to) == (date(2026, 2, 10), date(2026, 8, 9))
    injection, drug = review.services
    assert (injection.procedure, injection.modifiers, injection.units) == ("64612", ("LT",), 2)
    assert (drug.procedure, drug.units, drug.unit_kind) == ("J0585", 200, "UN")
    assert (drug.trace, drug.decision.number) == ("CASE-17-2", "PA-5522")
    assert (drug.valid_from, drug.valid_to) == (date(2026, 2, 10), date(2026, 5, 9))
    assert drug.messages == ("100 UNITS EACH VISIT",)


def test_an_approval_without_end_says_so():
    made = data("approved").replace(b"DTP*036*D8*20260809", b"DTP*435*D8*20260809")
    (review,) = auth278.read(made).reviews
    assert (review.valid_from, review.valid_to) == (date(2026, 2, 10), None)


def test_each_service_may_be_decided_otherwise():
    (review,) = reviews("partly_approved_dependent")
    assert (review.patient.first, review.subscriber.first) == ("TOMAS", "LUCIA")
    assert (review.valid_from, review.valid_to) == (date(2026, 3, 1), date(2026, 5, 31))
    modified, denied, refused = review.services
    assert modified.decision.action == "A6"
    assert (denied.decision.action, denied.decision.number, denied.decision.reason) == ("A3", "", "0V")
    assert denied.messages == ("NOT MEDICALLY NECESSARY AT THIS DOSE",)
    assert refused.decision is None
    assert [(each.level, each.reason, each.follow_up) for each in refused.rejections] == [("service", "33", "C")]


def test_a_stay_is_pended_with_its_hospital_service():
    (review,) = reviews("inpatient_pended")
    assert (review.decision.action, review.decision.reason) == ("A4", "0U")
    assert (review.category, review.facility_code, review.quantity_kind) == ("AR", "21", "DY")
    assert [(each.revenue_code, each.procedure, each.units) for each in review.services] == [("0360", "61458", None)]
    assert review.service_provider == Provider("MAJA HALVORSEN", "1346200010")


def test_a_request_may_be_refused_before_any_event():
    (review,) = reviews("patient_not_found")
    assert (review.from_event, review.decision, review.services) == (False, None, ())
    assert (review.reference, review.patient.member_id) == ("REQ-0201", "HHP9999")
    assert [(each.level, each.reason, each.follow_up) for each in review.rejections] == [("patient", "75", "C")]


def test_refusals_of_requester_and_event_keep_their_level():
    requester, event = reviews("two_answers")
    assert [(each.level, each.reason) for each in requester.rejections] == [("requester", "41")]
    assert (requester.patient, requester.requester.npi) == (Person(), "1234567893")
    assert [(each.level, each.reason) for each in event.rejections] == [("event", "33")]


def test_every_record_names_the_segment_it_came_from():
    (review,) = reviews("approved")
    found = segments(data("approved"))
    assert found[review.segment - 1].startswith("HL*4*3*EV")
    assert found[review.decision.segment - 1] == "HCR*A1*PA-5521"
    assert [found[each.segment - 1] for each in review.services] == ["HL*5*4*SS*0", "HL*6*4*SS*0"]


def test_faults_name_no_patient():
    said = " ".join(str(fault) for fault in auth278.read(data("bad_numbers")).faults)
    assert not any(word in said for word in ("MARLOWE", "IRIS", "HHP0001"))
