"""The 837 reader on files of our own: what it reads, what it refuses, and what it says."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from clinic_claims.edi import claim837
from clinic_claims.edi.parts import Person, Provider
from tests.edi.documents import segments

DATA = Path(__file__).parents[1] / "data"
GOOD = {  # file: claim number, charge and lines of each claim
    "837p/botox_with_waste": [("LN-1001", "2442.00", 3)],
    "837p/dependent_replacement": [("LN-1001", "2442.00", 3), ("LN-1002", "912.50", 2)],
    "837p/pipes_and_two_batches": [("LN-1001", "2442.00", 3), ("LN-1002", "912.50", 2)],
    "837p/old_guide": [("LN-0301", "642.00", 1)],
    "837i/decompression_stay": [("NG-2201", "48200.00", 3)],
}
NO_CODE = "SV101 has no code; is ISA16 really the separator the file uses inside elements?"
BAD = {  # file: every fault, in file order
    "837p/unbalanced": ["segment 24 (CLM): claim LN-1001: its lines charge 2442.00 but CLM02 says 2542.00"],
    "837p/other_separator": [f"segment {number} (SV1): claim LN-1001: {NO_CODE}" for number in (36, 40, 46)],
    "837p/truncated": [
        "segment 46 (SV1): claim LN-1001: SV102 is missing",
        "SE is missing: the file is cut short, so download it again",
        "GE is missing: the file is cut short, so download it again",
        "IEA is missing: the file is cut short, so download it again",
    ],
    "837p/bad_numbers": [
        "segment 40 (SV1): claim LN-1001: SV102 should be a number but says something else",
        "segment 40 (SV1): claim LN-1001: SV104 should be a number but says something else",
    ],
    "837i/no_service": [
        "segment 20 (CLM): claim NG-2201: its lines charge 45200.00 but CLM02 says 48200.00",
        "segment 39 (LX): claim NG-2201: line 3 has no SV1 or SV2",
    ],
}


def data(name):
    return (DATA / f"{name}.837").read_bytes()


def claims(name):
    return claim837.read(data(name)).claims


def test_every_file_is_told_of():
    found = {f"{path.parent.name}/{path.stem}" for kind in ("837p", "837i") for path in (DATA / kind).iterdir()}
    assert found == GOOD.keys() | BAD.keys()


@pytest.mark.parametrize(("name", "told"), GOOD.items())
def test_a_good_file_is_read_whole(name, told):
    file = claim837.read(data(name))
    assert file.faults == file.warnings == ()
    assert [(claim.claim_number, f"{claim.charged:.2f}", len(claim.lines)) for claim in file.claims] == told


@pytest.mark.parametrize(("name", "faults"), BAD.items())
def test_a_bad_file_tells_all_its_faults_with_their_places(name, faults):
    assert [str(fault) for fault in claim837.read(data(name)).faults] == faults


def test_a_claim_says_who_bills_whom_for_whom():
    (claim,) = claims("837p/botox_with_waste")
    assert (claim.kind, claim.batch, claim.sent_on) == ("837P", "BATCH-0316", date(2026, 3, 16))
    assert (claim.submitter, claim.submitter_id) == ("LAKESIDE NEUROLOGY", "LAKE01")
    assert claim.billing == Provider("LAKESIDE NEUROLOGY", "1234567893", "371234567")
    assert claim.patient == claim.subscriber == Person("MARLOWE", "IRIS", "HHP0001", date(1958, 4, 12), "F")
    assert (claim.relationship, claim.payer, claim.payer_id) == ("18", "HARBOR HEALTH PLAN", "HHP01")
    assert (claim.payer_order, claim.group_number, claim.filing_code) == ("P", "GRP7700", "CI")


def test_a_claim_keeps_its_numbers_dates_and_providers():
    (claim,) = claims("837p/botox_with_waste")
    assert (claim.facility_code, claim.frequency) == ("11", "1")
    assert (claim.provider_signature, claim.accepts_assignment) == ("Y", "A")
    assert (claim.benefits_assigned, claim.release_of_information) == ("Y", "Y")
    assert (claim.authorization, claim.payer_control_number) == ("PA-5521", "")
    assert claim.diagnoses == ("G5131", "R252", "Z7989")
    assert (claim.service_from, claim.service_to) == (date(2026, 3, 2), date(2026, 3, 2))
    assert claim.rendering == Provider("SVEN LINDQVIST", "1245319599")
    assert (claim.referring.npi, claim.facility.npi) == ("1467560003", "1003000126")
    assert [(each.qualifier, each.first) for each in claim.dates] == [("431", date(2025, 11, 3))]


def test_lines_keep_their_drug_waste_and_diagnoses():
    given, drug, waste = claims("837p/botox_with_waste")[0].lines
    assert (given.procedure, given.modifiers, given.charged) == ("64612", ("LT",), Decimal("642.00"))
    assert (given.drug, given.diagnoses, given.control_number) == (None, ("G5131",), "LN-1001-1")
    assert (drug.procedure, drug.units, drug.unit_kind) == ("J0585", 70, "UN")
    assert drug.drug == claim837.Drug("00023114501", Decimal(70), "UN")
    assert drug.diagnoses == ("G5131", "R252")
    assert (waste.modifiers, waste.units, waste.service_from) == (("JW",), 30, date(2026, 3, 2))


def test_a_dependent_has_its_own_name_and_the_subscriber_before_it():
    first, second = claims("837p/dependent_replacement")
    assert first.patient.last == "MARLOWE"
    assert (second.patient.first, second.subscriber.first) == ("TOMAS", "LUCIA")
    assert (second.relationship, second.member_id) == ("01", "HHP0440")
    assert (second.frequency, second.payer_control_number) == ("7", "HH26020004")


def test_a_line_may_have_its_own_place_authorization_and_provider():
    whole, own = claims("837p/dependent_replacement")[1].lines
    assert (whole.place_of_service, whole.authorization, whole.rendering) == ("", "", Provider())
    assert (own.place_of_service, own.authorization) == ("11", "PA-6011")
    assert own.rendering == Provider("CHIDI OKONKWO", "1558300004")
    assert (whole.service_from, whole.service_to) == (date(2026, 3, 4), date(2026, 3, 5))


def test_separators_and_batches_change_nothing_but_places():
    one, two = claims("837p/dependent_replacement"), claims("837p/pipes_and_two_batches")
    for here, there in zip(one, two, strict=True):
        assert (here.patient, here.charged, here.diagnoses) == (there.patient, there.charged, there.diagnoses)
        assert [line.procedure for line in here.lines] == [line.procedure for line in there.lines]


def test_the_old_guide_gives_tax_numbers_for_providers():
    (claim,) = claims("837p/old_guide")
    assert (claim.kind, claim.authorization, claim.diagnoses) == ("837P", "PA-0009", ("3518",))
    assert claim.billing == Provider("LAKESIDE NEUROLOGY", "", "371234567")
    assert claim.rendering == Provider("SVEN LINDQVIST", "", "123120001")


def test_a_hospital_claim_has_revenue_codes_and_its_statement_period():
    (claim,) = claims("837i/decompression_stay")
    assert (claim.kind, claim.facility_code, claim.frequency) == ("837I", "11", "1")
    assert (claim.service_from, claim.service_to) == (date(2026, 2, 9), date(2026, 2, 12))
    assert claim.attending == claim.operating == Provider("MAJA HALVORSEN", "1346200010")
    assert [(line.revenue_code, line.procedure, line.unit_kind, line.units) for line in claim.lines] == [
        ("0120", "", "DA", 3),
        ("0360", "61458", "UN", 1),
        ("0250", "", "UN", 12),
    ]
    assert claim.diagnoses == ("G5131", "I10", "Z9889")
    assert [each.code for each in claim.codes if each.qualifier == "BBR"] == ["00NK0ZZ"]


def test_every_record_names_the_segment_it_came_from():
    (claim,) = claims("837p/botox_with_waste")
    found = segments(data("837p/botox_with_waste"))
    assert found[claim.segment - 1].startswith("CLM*LN-1001")
    assert [found[line.segment - 1] for line in claim.lines] == ["LX*1", "LX*2", "LX*3"]
    assert found[claim.refs[0].segment - 1] == "REF*G1*PA-5521"
    assert found[claim.codes[1].segment - 1].startswith("HI*ABK:G5131")


def test_a_pointer_to_nowhere_is_a_warning():
    file = claim837.read(data("837p/botox_with_waste").replace(b"UN*70***1:2~", b"UN*70***1:9~"))
    assert [str(each) for each in file.warnings] == [
        "segment 39 (LX): claim LN-1001: line 2 points to a diagnosis that is not on the claim, which has 3"
    ]
    assert (file.faults, file.claims[0].lines[1].diagnoses) == ((), ("G5131",))


def test_a_day_that_does_not_exist_is_a_fault():
    file = claim837.read(data("837p/old_guide").replace(b"*D8*20050302", b"*D8*20050230"))
    assert [str(each) for each in file.faults] == ["segment 26 (DTP): DTP03 should be a date but says something else"]


def test_a_dependent_without_a_subscriber_is_a_fault():
    made = data("837p/dependent_replacement").decode()
    start, end = made.index("HL*3*1*22*1"), made.index("HL*4*3*23*0")
    said = [str(fault) for fault in claim837.read((made[:start] + made[end:]).encode()).faults]
    assert "segment 57 (CLM): claim LN-1002: its subscriber is not named above it" in said


def test_faults_name_no_patient():
    made = data("837p/botox_with_waste").replace(b"*642*UN*1*", b"*MARLOWE*UN*IRIS*")
    said = " ".join(str(fault) for fault in claim837.read(made).faults)
    assert "SV102 should be a number" in said
    assert not any(word in said for word in ("MARLOWE", "IRIS", "HHP0001"))


def test_another_kind_of_file_is_refused_by_name():
    (fault,) = claim837.read(b"Claim number,Patient\nLN-1,Iris\n").faults
    assert fault.message == "The kind of this file is csv; expected here: 837P or 837I."
