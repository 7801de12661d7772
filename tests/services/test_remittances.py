from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import ClaimPayment, Denial, Document, LinePayment, Payer, Remittance
from clinic_claims.services import appeals, crediting, denials, history, ladders

from .era import claim, remittance

BOTH = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]


def denied(lines=BOTH, **more):
    return claim("HL-26-1001", "4", "652", "0", lines, **more)


def all_denials():
    return db.session.query(Denial).order_by(Denial.id).all()


def test_one_denial_holds_the_lines_that_the_same_codes_refuse(submitted, post):
    answer = post(remittance([denied()]))
    assert (answer.status, answer.matched, answer.unmatched, answer.denials) == ("posted", 1, [], 1)
    (denial,) = all_denials()
    assert (submitted.state, denial.codes, denial.amount) == ("denied", "CO-197 · N54", Decimal("652.00"))
    assert [(row.line.code, row.amount) for row in denial.lines] == [("64612", 412), ("J0585", 240)]
    assert denial.approved_before


def test_the_appeal_clock_starts_at_the_remittance_date(submitted, post):
    post(remittance([denied()]))
    (clock,) = ladders.running(all_denials()[0], "appeal")
    assert (clock.legal, clock.act_by) == (date(2027, 5, 17), date(2027, 5, 17))  # Nov 18 + 180 days
    assert clock.citation.startswith("29 CFR 2560.503-1")


def test_a_check_dated_ahead_is_a_notice_from_the_day_it_is_in_hand(submitted, post):
    post(remittance([denied()], day="20261125"))
    (denial,) = all_denials()
    (clock,) = ladders.running(denial, "appeal")
    assert (denial.denied_on, clock.legal) == (date(2026, 11, 25), date(2027, 5, 19))  # Nov 20 + 180 days


def test_payment_with_write_down_and_patient_share_settles_the_claim(submitted, post):
    lines = [
        ("64612:RT", "412", "250", "CO*45*112;PR*2*50", ""),
        ("J0585:JZ", "240", "240", "", ""),
    ]
    answer = post(remittance([claim("HL-26-1001", "1", "652", "490", lines, patient="50")]))
    assert answer.denials == 0
    assert submitted.state == "paid"
    assert (submitted.paid, submitted.adjusted, submitted.patient_owes) == (490, 112, 50)


def test_a_line_denied_beside_a_paid_one_is_a_part_payment_with_a_denial(submitted, post):
    lines = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]
    post(remittance([claim("HL-26-1001", "1", "652", "412", lines)]))
    (denial,) = all_denials()
    assert (submitted.state, denial.amount) == ("partly_paid", Decimal("240.00"))
    assert denial.category == "pre_approved_then_denied"


def test_zero_pay_with_status_one_is_a_denial_when_the_adjustments_say_so(submitted, post):
    post(remittance([claim("HL-26-1001", "1", "652", "0", BOTH)]))
    assert submitted.state == "denied"


def test_an_unprocessable_claim_is_a_rejection_and_no_denial(submitted, post):
    lines = [("64612:RT", "412", "0", "CO*16*412", "MA130"), ("J0585:JZ", "240", "0", "CO*16*240", "MA130")]
    answer = post(remittance([claim("HL-26-1001", "4", "652", "0", lines)]))
    assert (answer.denials, submitted.state) == (0, "rejected")
    assert ladders.running(submitted, "timely_filing")


def test_a_records_request_is_no_denial(submitted, post):
    lines = [("64612:RT", "412", "0", "CO*252*412", "N706"), ("J0585:JZ", "240", "0", "CO*252*240", "N706")]
    answer = post(remittance([claim("HL-26-1001", "1", "652", "0", lines)]))
    assert (answer.denials, submitted.state) == (0, "information_requested")


def test_a_later_payment_settles_the_denial_and_the_appeal_by_itself(submitted, post, later):
    post(remittance([denied()]))
    (denial,) = all_denials()
    with transaction():
        appeals.start(denial, later(1))
    paid = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
    post(remittance([claim("HL-26-1001", "1", "652", "652", paid)], trace="EFT-2"), who=later(30))
    assert (submitted.state, denial.state, denial.recovered) == ("paid", "overturned", Decimal("652.00"))
    assert denial.appeals[0].state == "withdrawn"
    assert ladders.running(denial) == []
    assert "Source: remittance EFT-2" in history.of(denial)[0].sentence


def test_a_reversal_and_its_correction_reopen_the_claim(submitted, post, later):
    paid = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
    post(remittance([claim("HL-26-1001", "1", "652", "652", paid)]))
    back = [("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "-240", "", "")]
    again = [("64612:RT", "412", "0", "CO*50*412", ""), ("J0585:JZ", "240", "0", "CO*50*240", "")]
    taken = [
        claim("HL-26-1001", "22", "-652", "-652", back, control="LP-2"),
        claim("HL-26-1001", "4", "652", "0", again, control="LP-3"),
    ]
    post(remittance(taken, trace="EFT-2", provider=[("WO:LP-1", "-652")]), who=later(60))
    (denial,) = all_denials()
    assert (submitted.paid, submitted.state, denial.amount) == (0, "denied", Decimal("652.00"))
    assert denial.category == "pre_approved_then_denied"


def test_a_corrected_claim_denied_again_upholds_the_denial(submitted, post, later):
    post(remittance([denied()]))
    (denial,) = all_denials()
    with transaction():
        denials.move(denial, "correct", later(1))
    post(remittance([denied()], trace="EFT-2"), who=later(20))
    assert [found.state for found in all_denials()] == ["upheld"]


def test_the_payers_control_number_finds_a_claim_whose_number_came_back_wrong(submitted, post):
    submitted.payer_control_number = "LP-77"
    db.session.commit()
    answer = post(remittance([claim("HL261001", "4", "652", "0", BOTH, control="LP-77")]))
    assert (answer.matched, submitted.state) == (1, "denied")


def test_what_matches_nothing_is_kept_and_listed(submitted, post):
    answer = post(remittance([claim("NOT-OURS", "4", "652", "0", BOTH, control="X")]))
    assert (answer.status, answer.matched, answer.unmatched) == ("posted", 0, ["NOT-OURS"])
    assert db.session.query(ClaimPayment).one().claim_id is None
    assert submitted.state == "submitted"


def test_the_same_file_is_posted_once(submitted, post):
    data = remittance([denied()])
    post(data)
    answer = post(data, name="copy.835")
    assert answer.status == "already_posted"
    assert "2026-11-20 by D. Park" in answer.faults[0]["message"]
    assert len(all_denials()) == 1


def test_the_same_trace_number_in_another_file_is_refused(submitted, post):
    post(remittance([denied()]))
    answer = post(remittance([denied()], day="20261119"))
    assert (answer.status, answer.faults[0]["tag"]) == ("refused", "ST")
    assert "EFT-1" in answer.faults[0]["message"]


@pytest.mark.parametrize(
    ("data", "tag"),
    [
        (b"", ""),
        (b"Dear clinic, you have been paid.", ""),
        (remittance([denied()]).split(b"SE*")[0], ""),
        (remittance([denied()], paid="10"), "BPR"),
        (remittance([denied()]).replace(b"CAS*CO*197*412", b"CAS*CO*197*400"), "SVC"),
    ],
    ids=["empty", "prose", "truncated", "payment does not balance", "line does not balance"],
)
def test_a_bad_file_is_refused_with_its_place_and_changes_nothing(submitted, post, data, tag):
    answer = post(data)
    assert answer.status == "refused"
    assert all(fault["message"] for fault in answer.faults)
    assert tag in {fault["tag"] for fault in answer.faults}
    assert db.session.query(Remittance).count() == db.session.query(Document).count() == 0
    assert submitted.state == "submitted"


def test_a_balanced_claim_that_contradicts_itself_is_posted_with_a_remark(submitted, post):
    lines = [("64612:RT", "412", "250", "CO*45*112;PR*2*50", ""), ("J0585:JZ", "240", "240", "", "")]
    answer = post(remittance([claim("HL-26-1001", "1", "652", "490", lines, patient="75")]))
    assert (answer.status, submitted.patient_owes) == ("posted", 50)
    said = "PR adjustments add up to 50.00 but CLP05 says 75.00"
    assert answer.notes == [f"Look at segment 14 (CLP): claim HL-26-1001: {said}."]


def test_every_posted_adjustment_leads_back_to_its_segment(submitted, post):
    data = remittance([denied()])
    post(data)
    segments = data.decode().split("~")
    for adjustment in db.session.query(ClaimPayment).one().adjustments:
        assert segments[adjustment.segment - 1] == f"CAS*{adjustment.group}*{adjustment.carc}*{adjustment.amount:.0f}"


def test_a_trace_number_that_stands_twice_in_one_file_is_refused(submitted, post):
    data = remittance([denied()])
    answer = post(data + data)
    assert (answer.status, answer.faults[0]["tag"]) == ("refused", "ST")
    assert "stands twice in this file" in answer.faults[0]["message"]


@pytest.mark.parametrize(
    ("payer", "told"),
    [
        ("Lone  Prairie Ins.", " as one of LONE PRAIRIE INS"),  # however it is spelled
        ("LPI CLAIMS CENTER", " as one of LONE PRAIRIE INS"),  # another name, but the same day and the same money
    ],
)
def test_a_check_under_another_spelling_of_its_payer_is_not_posted_again(submitted, post, payer, told):
    paid = claim(
        "HL-26-1001", "1", "652", "652", [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
    )
    assert post(remittance([paid])).status == "posted"
    answer = post(remittance([paid], payer=payer))
    assert answer.status == "refused"
    (fault,) = answer.faults
    assert fault["message"] == f"Trace number EFT-1 of {payer} was posted on 2026-11-20{told}."
    assert data_of(remittance([paid], payer=payer), fault) == "ST*835*0001"
    assert submitted.paid == 652


def test_two_payers_may_use_the_same_check_number(submitted, clinic, post):
    with transaction():
        clinic.payer.aliases = ["LONE PRAIRIE INS"]
        db.session.add(Payer(name="Mesa Health"))
    assert post(remittance([denied()])).status == "posted"
    assert post(remittance([claim("ELSEWHERE", "4", "652", "0", BOTH)], payer="MESA HEALTH")).status == "posted"


def data_of(data, fault):
    """The segment that a fault names."""
    return data.decode().split("~")[fault["segment"] - 1]


def test_what_is_all_the_patients_share_is_no_denial(submitted, post):
    lines = [("64612:RT", "412", "0", "PR*1*412", ""), ("J0585:JZ", "240", "0", "PR*1*200;PR*3*40", "")]
    answer = post(remittance([claim("HL-26-1001", "1", "652", "0", lines, patient="652")]))
    assert (answer.denials, all_denials()) == (0, [])
    assert (submitted.state, submitted.paid, submitted.patient_owes) == ("paid", 0, 652)


def test_a_line_paid_on_another_code_is_ours_by_the_code_billed(submitted, post):
    lines = [("64999", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]
    told = [
        segment.replace("SVC*HC:64999*412*300**1", "SVC*HC:64999*412*300**1*HC:64612:RT")
        for segment in claim("HL-26-1001", "1", "652", "540", lines)
    ]
    post(remittance([told]))
    assert [line.paid for line in submitted.lines] == [300, 240]
    (row, _) = db.session.query(LinePayment).order_by(LinePayment.id)
    assert (row.procedure, row.bundled_from, row.service_line_id) == ("64999", "64612", submitted.lines[0].id)


def test_remarks_of_the_whole_claim_speak_for_lines_without_their_own(submitted, post):
    lines = [("64612:RT", "412", "0", "CO*16*412", ""), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]
    post(remittance([claim("HL-26-1001", "1", "652", "0", lines, remarks="MA130*N706")]))
    (row,) = db.session.query(ClaimPayment)
    assert row.remarks == ["MA130", "N706"]
    assert {tuple(denial.rarcs) for denial in all_denials()} <= {("MA130", "N706"), ("N115",)}
    assert ("N115",) in {tuple(denial.rarcs) for denial in all_denials()}


def test_one_file_holds_payments_of_several_interchanges_each_with_its_own_separators(submitted, post):
    first = remittance([claim("HL-26-1001", "1", "652", "300", [BOTH[1], ("64612:RT", "412", "300", "CO*45*112", "")])])
    other = remittance([claim("STRANGE", "4", "652", "0", BOTH, control="")], trace="EFT-2", payer="HARBOR HEALTH PLAN")
    wrapped = b"\r\n".join(other[at : at + 80] for at in range(0, len(other), 80))
    answer = post(first + wrapped.translate(bytes.maketrans(b"*:~", b"|>!")))
    assert (answer.status, answer.claims, answer.matched, answer.unmatched) == ("posted", 2, 1, ["STRANGE"])
    posted = db.session.query(Remittance).order_by(Remittance.id)
    assert [row.payer_name for row in posted] == ["LONE PRAIRIE INS", "HARBOR HEALTH PLAN"]
    assert (submitted.state, submitted.paid) == ("partly_paid", 300)


def test_a_payment_that_stands_before_the_reversal_of_the_one_it_replaces_is_still_its_correction(
    submitted, post, later
):
    """Reversals are posted first within a payment, however far apart the two stand."""
    lines = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
    post(remittance([claim("HL-26-1001", "1", "652", "652", lines)]))
    back = [("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "-240", "", "")]
    less = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]
    between = [claim(f"X-{number}", "1", "652", "540", less, control="") for number in range(600)]
    again, taken = claim("HL-26-1001", "1", "652", "540", less), claim("HL-26-1001", "22", "-652", "-652", back)
    post(remittance([again, *between, taken], trace="EFT-2"), who=later(60))
    first, *_, last = db.session.query(ClaimPayment).filter_by(claim_id=submitted.id).order_by(ClaimPayment.id)
    assert (last.corrects_id, submitted.paid) == (first.id, 540)


@pytest.mark.parametrize("amount", ["1000000000", "999999999999999999"])
def test_an_amount_that_no_database_holds_is_refused_with_its_place(submitted, post, amount):
    answer = post(remittance([claim("HL-26-1001", "1", amount, amount, [("64612:RT", amount, amount, "", "")])]))
    assert (answer.status, [fault["tag"] for fault in answer.faults]) == ("refused", ["CLP"])
    assert "too large to be meant" in answer.faults[0]["message"]


def test_the_largest_amount_that_may_be_meant_waits_for_its_claim(submitted, post):
    large = "999999999.99"
    answer = post(remittance([claim("NOT-OURS", "1", large, large, [("64612:RT", large, large, "", "")], control="")]))
    assert (answer.status, answer.unmatched) == ("posted", ["NOT-OURS"])


def test_what_only_the_database_takes_for_wrong_is_a_fault_and_leaves_nothing(submitted, post, monkeypatch):
    def overflow(*_):
        raise OverflowError("int too large")

    monkeypatch.setattr(crediting, "apply_all", overflow)
    answer = post(remittance([denied()]))
    assert (answer.status, answer.matched, db.session.query(Remittance).count()) == ("refused", 0, 0)
    assert "too large to be kept" in answer.faults[0]["message"]


def test_a_day_far_off_and_a_sign_that_is_none_do_no_harm(submitted, post):
    data = (
        remittance([denied()]).replace(b"*DA*2*20261118", b"*DA*2*99991231").replace(b"CASTELLANO", b"CAST\x00ELLANO")
    )
    assert post(data.replace(b"DTM*472*20261020", b"DTM*472*00011020")).status == "posted"
    assert (db.session.query(Remittance).one().paid_on, submitted.state) == (date(2026, 11, 20), "denied")
    assert db.session.query(ClaimPayment).one().patient_name == "CASTELLANO, RENATA"
