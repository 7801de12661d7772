"""837 files make claims, bring those on record up to date, and mark them as sent where that is allowed."""

import re
from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Coverage, Denial, ImportRun, Patient, TreatmentCase
from clinic_claims.services import authorizations, claims, history, import_runs, patients
from clinic_claims.services.authorizations import Requested
from clinic_claims.services.claims import Line
from clinic_claims.services.deeds import Refused

from .era import claim as paid_claim
from .era import remittance

TOXIN, STAY = "837p/botox_with_waste.837", "837i/decompression_stay.837"


def the_claim(number="LN-1001"):
    return db.session.query(Claim).filter_by(number=number).one()


@pytest.fixture
def marlowe(lakeside, deed):
    """The patient of the toxin file, as the clinic's own staff entered her."""
    with transaction():
        patient = patients.enter(deed, mrn="HL-7", last_name="Marlowe", first_name="Iris", born_on=date(1958, 4, 12))
        lakeside.coverage = patients.add_coverage(patient, lakeside.plan, "HHP 0001", deed)
        lakeside.case = patients.open_case(
            patient, lakeside.provider, deed, treatment="toxin", condition="hemifacial_spasm", diagnosis="G51.31",
            side="right", product="J0585",
        )  # fmt: skip
    return lakeside


def test_a_claim_is_entered_with_its_patient_coverage_and_case(lakeside, post, sample):
    answer = post(sample(TOXIN))
    claim = the_claim()
    patient, case = claim.case.patient, claim.case
    assert (answer.status, answer.claims, answer.matched, answer.unmatched) == ("posted", 1, 1, [])
    assert (patient.mrn, patient.name, patient.born_on, patient.sex) == (
        "MRN-77", "Marlowe, Iris", date(1958, 4, 12), "female",
    )  # fmt: skip
    assert (claim.coverage.plan.name, claim.coverage.member_id, claim.coverage.group_number) == (
        "Harbor PPO", "HHP0001", "GRP7700",
    )  # fmt: skip
    assert (case.treatment, case.condition, case.diagnosis, case.side, case.product) == (
        "toxin", "hemifacial_spasm", "G51.31", "right", "J0585",
    )  # fmt: skip
    assert (claim.provider.npi, claim.facility.name) == ("1245319599", "Lakeside Neurology East")


def test_lines_keep_pointers_modifiers_drug_and_control_number(lakeside, post, sample):
    post(sample(TOXIN))
    told = [
        (line.code, line.modifiers, line.units, line.charged, line.diagnosis, line.further_diagnoses, line.ndc)
        for line in the_claim().lines
    ]
    assert told == [
        ("64612", ["LT"], 1, Decimal("642.00"), "G51.31", [], None),
        ("J0585", [], 70, Decimal("1200.00"), "G51.31", ["R25.2"], "00023114501"),
        ("J0585", ["JW"], 30, Decimal("600.00"), "G51.31", ["R25.2"], "00023114501"),
    ]
    assert [line.control_number for line in the_claim().lines] == ["LN-1001-1", "LN-1001-2", "LN-1001-3"]


def test_what_the_check_before_billing_finds_keeps_a_claim_from_submitted_and_is_told(lakeside, post, sample):
    answer = post(sample(TOXIN))
    assert the_claim().state == "ready_to_bill"
    assert any(note.startswith("LN-1001: It stays ready to bill: ") for note in answer.notes)
    assert "LN-1001: Authorization PA-5521 is not on file for this patient." in answer.notes


def test_a_claim_without_errors_is_submitted_on_the_day_of_the_file(lakeside, post, sample):
    post(sample(TOXIN).replace(b"64612:LT", b"64612:RT"))
    assert (the_claim().state, the_claim().submitted_on) == ("submitted", date(2026, 3, 16))


def test_the_patient_on_file_is_found_by_member_and_birth_date(marlowe, post, sample):
    post(sample(TOXIN))
    assert (the_claim().case_id, the_claim().coverage_id) == (marlowe.case.id, marlowe.coverage.id)
    assert db.session.query(Patient).filter_by(last_name="Marlowe").count() == 1


def test_the_authorization_is_linked_by_its_number(marlowe, post, sample, deed):
    with transaction():
        asked = authorizations.plan(
            marlowe.case, marlowe.coverage, marlowe.provider, marlowe.east,
            [Requested(code="64612", units=1, diagnosis="G51.31")], deed,
        )  # fmt: skip
        authorizations.move(asked, "submit", deed, submitted_on=date(2026, 2, 1), submitted_by="portal")
        authorizations.move(
            asked, "approve", deed, number="PA-5521", decided_on=date(2026, 2, 5),
            valid_from=date(2026, 2, 10), valid_to=date(2026, 8, 9),
        )  # fmt: skip
    post(sample(TOXIN))
    assert the_claim().authorization_id == asked.id


def test_a_planned_claim_takes_the_lines_of_the_file(marlowe, post, sample, deed):
    with transaction():
        planned = claims.enter(
            "LN-1001", marlowe.case, marlowe.coverage, marlowe.provider, marlowe.east,
            [Line(code="64612", diagnosis="G51.31", charged=Decimal("600.00"))], deed,
        )  # fmt: skip
    answer = post(sample(TOXIN))
    assert (planned.charged, len(planned.lines), answer.matched) == (Decimal("2442.00"), 3, 1)
    assert planned.state in ("ready_to_bill", "submitted")


def test_a_claim_sent_before_is_left_alone(submitted, post, sample):
    data = sample(TOXIN).replace(b"LN-1001*", b"HL-26-1001*").replace(b"HHP0001", b"LPX773204")
    answer = post(data)
    assert answer.notes == ["HL-26-1001: It was sent before and its lines differ from those on file."]
    assert submitted.charged == Decimal("652.00")


def test_a_rejected_claim_that_was_sent_again_is_corrected(submitted, post, sample, deed):
    with transaction():
        claims.move(submitted, "note_rejected", deed)
    post(sample(TOXIN).replace(b"LN-1001*", b"HL-26-1001*").replace(b"HHP0001", b"LPX773204"))
    assert (submitted.charged, submitted.state) == (Decimal("2442.00"), "ready_to_bill")


def corrected(sample, control):
    """The toxin claim as a replacement (frequency 7) under a number of its own, naming the payer's first number."""
    data = sample(TOXIN).replace(b"LN-1001*2442***11:B:1", b"HL-26-1001R*2442***11:B:7")
    data = data.replace(b"REF*EA*MRN-77~", f"REF*F8*{control}~\nREF*EA*MRN-77~".encode()).replace(
        b"HHP0001", b"LPX773204"
    )
    return re.sub(rb"SE\*(\d+)", lambda found: b"SE*%d" % (int(found[1]) + 1), data)


def test_a_corrected_claim_with_a_number_of_its_own_is_the_claim_it_replaces(submitted, post, sample):
    lines = [("64612:RT", "412", "0", "CO*16*412", "M51"), ("J0585:JZ", "240", "0", "CO*16*240", "M51")]
    post(remittance([paid_claim("HL-26-1001", "4", "652", "0", lines)]))
    assert submitted.state == "denied"
    answer = post(corrected(sample, "LP-1"))
    assert (answer.matched, db.session.query(Claim).count()) == (1, 1)
    assert (submitted.number, submitted.charged) == ("HL-26-1001R", Decimal("2442.00"))
    said = "Sent again under the number HL-26-1001R in place of HL-26-1001."
    assert said in [event.sentence for event in history.of(submitted)]


def test_a_denied_claim_that_is_sent_again_keeps_what_the_payer_said_of_its_lines(submitted, post, sample, later):
    """The lines of the newer file go into the rows of the first: payments, reasons and denials hang from those."""
    first = [line.id for line in submitted.lines]
    lines = [("64612:RT", "412", "0", "CO*45*12;CO*16*400", "M51"), ("J0585:JZ", "240", "0", "CO*16*240", "M51")]
    post(remittance([paid_claim("HL-26-1001", "4", "652", "0", lines)]))
    post(corrected(sample, "LP-1"), who=later(1))
    assert [(line.position, line.code, line.modifiers) for line in submitted.lines] == [
        (1, "64612", ["LT"]), (2, "J0585", []), (3, "J0585", ["JW"])
    ]  # fmt: skip
    assert [line.id for line in submitted.lines][:2] == first
    (denial,) = db.session.query(Denial)
    assert [row.line.code for row in denial.lines] == ["64612", "J0585"]
    lines = [("64612:LT", "642", "642", "", ""), ("J0585", "1200", "1200", "", ""), ("J0585:JW", "600", "600", "", "")]
    post(
        remittance([paid_claim("HL-26-1001R", "1", "2442", "2442", lines, control="LP-2")], trace="EFT-2"), who=later(9)
    )
    assert (submitted.state, submitted.paid, submitted.adjusted, denial.state) == ("paid", 2442, 0, "overturned")


def test_a_correction_of_a_modifier_alone_is_taken_in(lakeside, post, sample, deed):
    right = sample(TOXIN).replace(b"64612:LT", b"64612:RT")
    post(right)
    with transaction():
        claims.move(the_claim(), "note_rejected", deed)
    changed = right.replace(b"64612:RT", b"64612:50").replace(b"J0585:JW", b"J0585:JW:RT")
    assert post(changed).matched == 1
    assert [line.modifiers for line in the_claim().lines] == [["50"], [], ["JW", "RT"]]


def test_a_claim_sent_again_without_a_line_that_was_answered_is_left_for_a_person(submitted, post, sample):
    lines = [("64612:RT", "412", "0", "CO*16*412", "M51"), ("J0585:JZ", "240", "0", "CO*16*240", "M51")]
    post(remittance([paid_claim("HL-26-1001", "4", "652", "0", lines)]))
    data = corrected(sample, "LP-1")
    body = data.split(b"LX*2~")[0].replace(b"*2442*", b"*642*") + b"SE" + data.split(b"SE", 1)[1]
    count = body.split(b"ST*837")[1].split(b"SE*")[0].count(b"~") + 1
    answer = post(re.sub(rb"SE\*\d+", b"SE*%d" % count, body))
    assert answer.notes == ["HL-26-1001R: It leaves out J0585, which the payer has answered: correct it by hand."]
    assert (submitted.number, submitted.state, len(submitted.lines)) == ("HL-26-1001", "denied", 2)


def test_a_corrected_claim_whose_first_is_not_on_file_is_a_claim_of_its_own(submitted, post, sample):
    answer = post(corrected(sample, "UNHEARD-OF"))
    assert submitted.number == "HL-26-1001"
    assert answer.unmatched == ["HL-26-1001R"] or db.session.query(Claim).count() == 2


def test_a_number_of_another_patient_is_left_out(submitted, post, sample):
    answer = post(sample(TOXIN).replace(b"LN-1001*", b"HL-26-1001*"))
    assert answer.unmatched == ["HL-26-1001"]
    assert answer.notes == ["HL-26-1001: A claim of this number is on file for another patient."]


def test_a_hospital_claim_of_a_decompression(lakeside, post, sample):
    answer = post(sample(STAY))
    claim = the_claim("NG-2201")
    assert (answer.kind, claim.case.treatment, claim.case.side) == ("837I", "mvd", "right")
    assert [(line.code, line.units) for line in claim.lines] == [("0120", 3), ("61458", 1), ("0250", 12)]
    assert (claim.service_from, claim.service_to) == (date(2026, 2, 9), date(2026, 2, 12))
    assert (claim.provider.npi, claim.facility.name) == ("1346200010", "Northgate Hospital")


def test_what_cannot_be_entered_leaves_nothing_behind_and_says_why(clinic, post, sample):
    answer = post(sample(TOXIN))
    assert (answer.status, answer.unmatched) == ("posted", ["LN-1001"])
    (note,) = answer.notes
    assert "Provider 1245319599 is not on file" in note
    assert "Payer HARBOR HEALTH PLAN is not on file: enter it with its plan." in note
    assert db.session.query(Claim).count() == 0
    assert db.session.query(Patient).count() == 1


def test_a_claim_of_neither_treatment_is_left_out(lakeside, post, sample):
    data = sample(TOXIN).replace(b"64612", b"99213").replace(b"J0585", b"99214")
    answer = post(data)
    assert answer.notes == ["LN-1001: Its codes are neither a toxin injection nor a decompression."]


def test_a_whole_import_is_undone_while_nothing_was_built_on_it(lakeside, post, sample, later):
    before = [db.session.query(model).count() for model in (Claim, TreatmentCase, Coverage, Patient)]
    run = db.session.get(ImportRun, post(sample(TOXIN)).run_id)
    with transaction():
        assert import_runs.undo(run, later(1)) == 4
    assert [db.session.query(model).count() for model in (Claim, TreatmentCase, Coverage, Patient)] == before
    assert (run.undone_by, history.of(run)[0].sentence) == (
        "D. Park", "Import of era.835 undone: 4 records removed.",
    )  # fmt: skip
    assert post(sample(TOXIN), who=later(2)).status == "posted"
    with pytest.raises(Refused, match="was undone on"):
        import_runs.undo(run, later(3))


def test_an_import_that_something_was_built_on_stands(lakeside, post, sample, later):
    run = db.session.get(ImportRun, post(sample(TOXIN)).run_id)
    lines = [("64612:LT", "2442", "0", "CO*197*2442", "")]
    post(remittance([paid_claim("LN-1001", "4", "2442", "0", lines)]).replace(b"CASTELLANO", b"MARLOWE"), who=later(9))
    with pytest.raises(Refused) as refused:
        import_runs.undo(run, later(10))
    assert any("claim payment" in reason for reason in refused.value.reasons)
    assert the_claim().state == "denied"


def test_money_that_was_posted_cannot_be_undone(submitted, post, later):
    lines = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
    run = db.session.get(ImportRun, post(remittance([paid_claim("HL-26-1001", "1", "652", "652", lines)])).run_id)
    with pytest.raises(Refused, match="1 of its payments stands on claims"):
        import_runs.undo(run, later(1))
