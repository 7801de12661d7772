"""The 835 reader on files of our own: what it reads, what it refuses, and what it says."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from clinic_claims.edi import era835
from tests.edi.generate import header, interchange, transaction

DATA = Path(__file__).parents[1] / "data" / "835"
SPLIT = [(1, "2442.00", "1340.00", "1340.00")]
GOOD = {  # file: for each remittance its claims, charges, paid on claims, BPR02
    "denied_no_authorization": [(1, "1842.00", "0.00", "0.00")],
    "denied_not_necessary": [(1, "31250.00", "0.00", "0.00")],
    "patient_owes_all": [(1, "980.00", "0.00", "0.00")],
    "reversal_and_correction": [(2, "0.00", "-800.00", "0.00")],
    "secondary_and_forwarded": [(2, "1284.00", "428.70", "428.70")],
    "split_lines": SPLIT,
    "inpatient_remarks": [(1, "48200.00", "36150.00", "36150.00")],
    "provider_adjustments": [(1, "642.00", "400.00", "176.85")],
    "several_interchanges": [
        (1, "1842.00", "0.00", "0.00"),
        (1, "642.00", "400.00", "176.85"),
        *SPLIT,
        (1, "48200.00", "36150.00", "36150.00"),
    ],
    "line_wrapped": SPLIT,
    "byte_order_mark": SPLIT,
    "newline_ends_segments": SPLIT,
    "latin1_name": SPLIT,
}
BAD = {  # file: every fault, in file order
    "truncated": [
        "segment 28 (SVC): claim LN-1008: SVC03 is missing",
        "SE is missing: the file is cut short, so download it again",
        "GE is missing: the file is cut short, so download it again",
        "IEA is missing: the file is cut short, so download it again",
    ],
    "unbalanced_line": [
        "segment 15 (CLP): claim LN-1008: charged 2442.00 less adjustments 1092.00 leaves 1350.00 "
        "but CLP04 says 1340.00",
        "segment 20 (SVC): claim LN-1008, line 1 (64612): charged 642.00 less adjustments 292.00 leaves 350.00 "
        "but SVC03 says 340.00",
    ],
    "unbalanced_claim": ["segment 15 (CLP): claim LN-1008: lines add up to 1340.00 but CLP04 says 1440.00"],
    "unbalanced_payment": [
        "segment 4 (BPR): payment EFT20260316: claims paid 1340.00 less provider adjustments 0.00 leave 1340.00 "
        "but BPR02 says 1304.00"
    ],
    "wrong_segment_count": ['segment 36 (SE): SE01 declares "934" but the count is 34'],
    "bad_amounts": [
        "segment 4 (BPR): BPR02 should be an amount but says “1,340.00”",
        "segment 20 (SVC): claim LN-1008: SVC02 should be an amount but says something else",
        "segment 30 (CAS): claim LN-1008: CAS03 is missing",
    ],
    "several_defects": [
        "segment 4 (BPR): payment EFT20260316: claims paid 1340.00 less provider adjustments 0.00 leave 1340.00 "
        "but BPR02 says 1304.00",
        "segment 15 (CLP): claim LN-1008: charged 2442.00 less adjustments 1092.00 leaves 1350.00 "
        "but CLP04 says 1340.00",
        "segment 20 (SVC): claim LN-1008, line 1 (64612): charged 642.00 less adjustments 292.00 leaves 350.00 "
        "but SVC03 says 340.00",
        'segment 36 (SE): SE01 declares "934" but the count is 34',
        'segment 38 (IEA): IEA01 declares "3" but the count is 1',
    ],
}


def read(name):
    return era835.read((DATA / f"{name}.835").read_bytes())


def only_claim(name):
    ((claim,),) = (remittance.claims for remittance in read(name).remittances)
    return claim


def test_every_file_is_told_of():
    assert {path.stem for path in DATA.iterdir()} == GOOD.keys() | BAD.keys()


@pytest.mark.parametrize(("name", "sums"), GOOD.items())
def test_a_good_file_is_read_whole(name, sums):
    file = read(name)
    found = [
        (len(made.claims), *(sum(getattr(claim, what) for claim in made.claims) for what in ("charged", "paid")))
        for made in file.remittances
    ]
    assert file.faults == file.warnings == ()
    assert [(*three, made.amount) for three, made in zip(found, file.remittances, strict=True)] == [
        (count, *map(Decimal, amounts)) for count, *amounts in sums
    ]


@pytest.mark.parametrize(("name", "faults"), BAD.items())
def test_a_bad_file_tells_all_its_faults_with_their_places(name, faults):
    assert [str(fault) for fault in read(name).faults] == faults


def test_the_payment_says_who_paid_whom_when_and_how():
    (paid,) = read("split_lines").remittances
    assert (paid.payer_name, paid.payer_id, paid.originator) == ("HARBOR HEALTH PLAN", "HHP01", "1512345678")
    assert (paid.payee_name, paid.payee_npi, paid.payee_tax_id) == ("LAKESIDE NEUROLOGY", "1234567893", "371234567")
    assert (paid.trace, paid.method, paid.amount) == ("EFT20260316", "ACH", Decimal("1340.00"))
    assert (paid.paid_on, paid.produced_on) == (date(2026, 3, 16), date(2026, 3, 13))
    assert (paid.segment, paid.payment_segment, paid.control_number) == (3, 4, "0001")


def test_a_denied_claim_keeps_its_codes_and_dates():
    claim = only_claim("denied_no_authorization")
    assert (claim.claim_number, claim.status, claim.payer_control_number) == ("LN-1001", "1", "HH26076001")
    assert (claim.filing_code, claim.facility_code, claim.frequency) == ("12", "11", "1")
    assert (claim.patient_last, claim.patient_first, claim.member_id) == ("MARLOWE", "IRIS", "HHP0001")
    assert (claim.received_on, claim.statement_from, claim.rendering_npi) == (
        date(2026, 3, 5),
        date(2026, 3, 2),
        "1245319599",
    )
    assert [(line.procedure, line.modifiers, line.control_number) for line in claim.lines] == [
        ("64612", ("LT",), "1"),
        ("J0585", (), "2"),
    ]
    assert [(a.group, a.carc, a.amount) for line in claim.lines for a in line.adjustments] == [
        ("CO", "197", Decimal("642.00")),
        ("CO", "197", Decimal("1200.00")),
    ]
    assert [remark.code for line in claim.lines for remark in line.remarks] == ["N54", "N54"]


def test_every_record_names_the_segment_it_came_from():
    claim = only_claim("denied_no_authorization")
    segments = (DATA / "denied_no_authorization.835").read_text().split("~")

    def at(record):
        return segments[record.segment - 1].strip()

    line = claim.lines[1]
    assert at(claim).startswith("CLP*LN-1001")
    assert at(line).startswith("SVC*HC:J0585")
    assert at(line.adjustments[0]) == "CAS*CO*197*1200"
    assert at(line.remarks[0]) == "LQ*HE*N54"
    assert at(claim.refs[0]) == "REF*EA*MRN-77"


def test_segments_are_counted_through_all_interchanges():
    data = (DATA / "several_interchanges.835").read_bytes()
    segments = data.replace(b"|", b"*").replace(b">", b":").decode().split("~")
    for remittance in era835.read(data).remittances:
        assert segments[remittance.segment - 1].strip().startswith("ST*835")
        for claim in remittance.claims:
            assert segments[claim.segment - 1].strip().startswith(f"CLP*{claim.claim_number}")


def test_a_denied_operation_keeps_the_authorization_it_had():
    claim = only_claim("denied_not_necessary")
    assert (claim.status, claim.authorization, claim.statement_to) == ("4", "PA-5521", date(2026, 2, 11))
    assert [remark.code for remark in claim.lines[0].remarks] == ["N115", "M25"]


def test_one_cas_may_hold_several_reasons():
    line, _ = only_claim("patient_owes_all").lines
    assert [(a.group, a.carc, a.amount) for a in line.adjustments] == [
        ("CO", "45", Decimal("229.60")),
        ("PR", "1", Decimal("350.00")),
        ("PR", "2", Decimal("62.40")),
    ]
    assert line.allowed == Decimal("412.40")


def test_a_reversal_is_negative_and_its_correction_follows():
    reversal, correction = read("reversal_and_correction").remittances[0].claims
    assert (reversal.is_reversal, correction.is_reversal) == (True, False)
    assert reversal.original_claim == correction.original_claim == "HH26020004"
    assert (reversal.paid, correction.paid) == (Decimal("-1150.00"), Decimal("350.00"))
    assert reversal.lines[0].adjustments[0].amount == Decimal("-232.00")
    assert reversal.lines[1].units == -100


def test_a_forwarded_claim_names_who_pays_next():
    first, second = read("secondary_and_forwarded").remittances[0].claims
    assert (first.status, first.crossover_payer, first.corrected_id) == ("19", "COASTAL SUPPLEMENT", "1EG4TE5MK74")
    assert [remark.code for remark in first.remarks] == ["MA01", "MA18"]
    assert (second.status, second.member_id) == ("2", "CS-88810")
    assert [(a.group, a.carc, a.amount) for a in second.adjustments] == [("OA", "23", Decimal("310.88"))]
    assert (second.lines[0].service_from, second.lines[0].service_to) == (date(2026, 3, 4), date(2026, 3, 5))


def test_split_and_recoded_lines_are_kept_apart():
    _, paid, wasted, recoded = only_claim("split_lines").lines
    assert (paid.control_number, paid.units, paid.units_billed) == ("2", 100, 150)
    assert (wasted.control_number, wasted.modifiers, wasted.units) == ("2", ("JW",), Decimal("0.5"))
    assert wasted.adjustments[0].quantity == 50
    assert (recoded.procedure, recoded.bundled_from) == ("64615", "64616")


def test_an_inpatient_claim_without_lines_has_its_remarks():
    claim = only_claim("inpatient_remarks")
    assert claim.lines == ()
    assert [remark.code for remark in claim.remarks] == ["MA02", "N130", "M15"]


def test_money_moved_outside_claims_is_kept():
    (remittance,) = read("provider_adjustments").remittances
    assert [(each.reason, each.reference, each.amount) for each in remittance.provider_adjustments] == [
        ("WO", "HH25300001", Decimal("150.00")),
        ("L6", "HH26076010", Decimal("-2.35")),
        ("FB", "EFT20260216", Decimal("75.50")),
    ]
    assert remittance.provider_adjustments[0].fiscal_period_end == date(2026, 12, 31)


@pytest.mark.parametrize(("name", "last"), [("byte_order_mark", "NOVÁK"), ("latin1_name", "NOVÁK")])
def test_names_are_decoded(name, last):
    assert only_claim(name).patient_last == last


CLAIM = ["LX*1", "CLP*C-1*1*100*100*0*12*ICN1*11*1", "NM1*QC*1*MARLOWE*IRIS****MI*HHP0001"]
LINE = ["SVC*HC:64612*100*100**1", "DTM*472*20260302", "REF*6R*1"]


def faults_of(*body, paid=10_000):
    file = era835.read(interchange([transaction([*header(paid), *body])]).encode())
    return [str(fault) for fault in file.faults], [str(warning) for warning in file.warnings]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ([*CLAIM, "ZZZ*1", *LINE], "segment 17 (ZZZ): claim C-1: this segment does not belong here"),
        ([*CLAIM[1:], *LINE], "segment 14 (CLP): a segment is missing before this one"),
        ([*CLAIM, "CAS*CO*45*", *LINE], "segment 17 (CAS): claim C-1: CAS03 is missing"),
        ([*CLAIM, "CAS*CO**5", *LINE], "segment 17 (CAS): claim C-1: CAS02 is missing"),
        ([*CLAIM, "SVC*HC|64612*100*100**1", *LINE[1:]], "segment 17 (SVC): claim C-1: SVC01 has no procedure code"),
        (
            [*CLAIM, *LINE, "PLB*1234567893*20261231*WO:A*"],
            "segment 20 (PLB): the provider adjustment WO has no amount",
        ),
    ],
)
def test_a_damaged_claim_is_named(body, fault):
    faults, _ = faults_of(*body)
    assert any(each.startswith(fault) for each in faults), faults


def test_a_line_left_out_is_a_warning():
    half = "SVC*HC:64612*60*60**1"
    assert faults_of(*CLAIM, half, *LINE[1:]) == (
        [],
        ["segment 15 (CLP): claim C-1: its lines charge 60.00 but CLP03 says 100.00; is one left out?"],
    )


def test_another_patient_share_is_a_warning():
    claim = [CLAIM[0], CLAIM[1].replace("*100*100*0*", "*100*100*7*"), CLAIM[2]]
    assert faults_of(*claim, *LINE) == (
        [],
        ["segment 15 (CLP): claim C-1: PR adjustments add up to 0.00 but CLP05 says 7.00"],
    )


def test_a_reason_code_lost_by_the_reader_shows_in_the_second_count():
    faults, _ = faults_of(*CLAIM, "CAS*CO*45*0**", "CAS*CO*45*0*1**-5", *LINE)
    assert any("two independent readings differ: adjustments 2 and 3" in fault for fault in faults), faults


def test_faults_name_no_patient():
    broken = (DATA / "split_lines.835").read_bytes().replace(b"*2442*1340*0*", b"*NOVAK*PETR*HHP0008*")
    said = " ".join(str(fault) for fault in era835.read(broken).faults)
    assert "CLP03 should be an amount" in said
    assert not any(word in said for word in ("NOVAK", "PETR", "HHP0008"))


def test_another_kind_of_file_is_refused_by_name():
    (fault,) = era835.read(b"Claim number,Patient\nLN-1,Iris\n").faults
    assert fault.message == "This is a csv file, not an 835 remittance."


def test_a_hopeless_file_is_cut_off_after_the_first_faults():
    junk = [f"ZZ{n % 10}*1" for n in range(600)]
    faults, _ = faults_of(*CLAIM, *junk, *LINE)
    assert (len(faults), faults[-1]) == (501, "and 100 more")


def test_remittances_come_one_by_one():
    parts = list(era835.stream((DATA / "several_interchanges.835").read_bytes()))
    assert [len(part.remittances) for part in parts if part.remittances] == [1, 1, 1, 1]


def test_a_large_remittance_is_read_some_claims_at_a_time():
    claims = [[f"CLP*BIG-{each}*1*100*100*0*12*P{each}*11*1", "SVC*HC:64612*100*100**1"] for each in range(1_201)]
    body = [segment for claim in claims for segment in claim]
    kept_back = ["PLB*1234567893*20261231*L6*-5"]
    data = interchange([transaction([*header(12_010_500), "LX*1", *body, *kept_back])] * 2).encode()
    for told in era835.remittances(data):
        parts = list(told)
        assert [len(part.remittances[0].claims) for part in parts] == [500, 500, 201]
        assert [len(part.remittances[0].provider_adjustments) for part in parts] == [0, 0, 1]
        assert [part.faults for part in parts] == [()] * 3
        assert list(told) == parts
    frames = [frame.strip() for frame in data.split(b"~")]
    for remittance in era835.read(data).remittances:
        assert frames[remittance.segment - 1].startswith(b"ST*")
        for number, claim in enumerate(remittance.claims):
            assert frames[claim.segment - 1].startswith(b"CLP*BIG-%d*" % number)
            assert frames[claim.lines[0].segment - 1].startswith(b"SVC*")


def test_what_is_wrong_late_in_a_large_remittance_is_told_with_its_place():
    claims = [[f"CLP*BIG-{each}*1*100*100*0*12*P{each}*11*1", "SVC*HC:64612*100*100**1"] for each in range(700)]
    claims[650][1] = "SVC*HC:64612*100*90**1"
    claims[660][0] = claims[660][0].replace("*100*100*", "*100*x*")
    body = [segment for claim in claims for segment in claim]
    data = interchange([transaction([*header(7_000_000), "LX*1", *body])]).encode()
    frames = [frame.strip() for frame in data.split(b"~")]
    faults = era835.read(data).faults
    assert {frames[fault.segment - 1].split(b"*")[0].decode() for fault in faults} == {fault.tag for fault in faults}
    assert any(str(fault).find("BIG-650, line 1") > 0 for fault in faults)
    assert any("claim BIG-660: CLP04 should be an amount" in fault.message for fault in faults)


@pytest.mark.parametrize(("status", "found"), [("22", True), ("2", False), ("1", False)])
def test_a_remittance_knows_whether_it_takes_payments_back(status, found):
    body = ["CLP*22*1*100*100*0*12*22*22*22", f"CLP*A*{status}*-100*-100*0*12*22*11*1"]
    (told,) = era835.remittances(interchange([transaction([*header(0), "LX*1", *body])]).encode())
    assert told.has_reversals is found
