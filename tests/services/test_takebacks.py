"""Payments taken back, put right, forwarded, paid by a second payer, and money that moves outside any claim."""

from decimal import Decimal

import pytest

from clinic_claims.db import db
from clinic_claims.models import Adjustment, Claim, ClaimPayment, Denial, Remittance
from clinic_claims.services import history, ladders, takebacks

from .era import claim, remittance

PAID = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
BACK = [("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "-240", "", "")]
DENIED = [("64612:RT", "412", "0", "CO*50*412", ""), ("J0585:JZ", "240", "0", "CO*50*240", "")]
LESS = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]


@pytest.fixture
def submitted(submitted, clinic):
    """Medicare gives days to answer a demand; the law of a self-funded plan gives none."""
    clinic.plan.payer_class = "medicare_ffs"
    db.session.commit()
    return submitted


def paid(**more):
    return claim("HL-26-1001", "1", "652", "652", PAID, **more)


def taken(**more):
    return claim("HL-26-1001", "22", "-652", "-652", BACK, **more)


def payments():
    return db.session.query(ClaimPayment).order_by(ClaimPayment.id).all()


def told(record):
    return [event.sentence for event in history.of(record)]


def test_a_reversal_names_the_payment_it_takes_back(submitted, post, later):
    post(remittance([paid()]))
    post(remittance([taken()], trace="EFT-2"), who=later(60))
    first, back = payments()
    assert back.reverses is first
    assert (submitted.state, submitted.paid, [line.paid for line in submitted.lines]) == ("reversed", 0, [0, 0])
    assert ladders.running(submitted, "takeback")


def test_what_comes_in_its_place_names_the_same_payment(submitted, post, later):
    post(remittance([paid()]))
    post(remittance([taken()], trace="EFT-2"), who=later(60))
    answer = post(remittance([claim("HL-26-1001", "1", "652", "540", LESS)], trace="EFT-3"), who=later(90))
    first, _, correction = payments()
    assert (answer.notes, correction.corrects) == ([], first)
    assert (submitted.state, submitted.paid, submitted.adjusted) == ("paid", 540, 112)


def test_a_correction_that_pays_less_leaves_the_takeback_to_be_answered(submitted, post, later):
    post(remittance([paid()]))
    again = claim("HL-26-1001", "1", "652", "540", LESS)
    post(remittance([again, taken()], trace="EFT-2", provider=[("FB:LP-1", "-112")]), who=later(60))
    assert submitted.state == "paid"  # although the file names the correction first
    assert ladders.running(submitted, "takeback")
    assert any("took back $112.00 net" in sentence for sentence in told(submitted))


def test_a_correction_that_pays_the_same_ends_the_takeback(submitted, post, later):
    post(remittance([paid()]))
    post(remittance([taken(), paid()], trace="EFT-2"), who=later(60))
    assert (submitted.state, ladders.running(submitted, "takeback")) == ("paid", [])


def test_the_write_down_and_the_patients_share_go_back_with_the_payment(submitted, post, later):
    shared = [("64612:RT", "412", "250", "CO*45*112;PR*2*50", ""), ("J0585:JZ", "240", "240", "", "")]
    back = [("64612:RT", "-412", "-250", "CR*45*-112;CR*2*-50", ""), ("J0585:JZ", "-240", "-240", "", "")]
    post(remittance([claim("HL-26-1001", "1", "652", "490", shared, patient="50")]))
    post(remittance([claim("HL-26-1001", "22", "-652", "-490", back, patient="-50")], trace="EFT-2"), who=later(9))
    assert (submitted.paid, submitted.adjusted, submitted.patient_owes) == (0, 0, 0)


def test_a_reversal_of_nothing_on_record_is_told(submitted, post):
    answer = post(remittance([taken()], provider=[("FB:LP-1", "-652")]))
    assert answer.notes[0] == "Claim HL-26-1001: the reversal takes back a payment that is not on record."


def test_a_reversal_that_negates_other_lines_is_told(submitted, post, later):
    post(remittance([paid()]))
    whole = [("64612:RT", "-652", "-652", "", "")]
    answer = post(remittance([claim("HL-26-1001", "22", "-652", "-652", whole)], trace="EFT-2"), who=later(60))
    assert answer.notes == ["Claim HL-26-1001: the reversal does not negate the earlier payment line by line."]


def test_a_denial_that_is_reversed_and_denied_again_stays_one_denial(submitted, post, later):
    post(remittance([claim("HL-26-1001", "4", "652", "0", DENIED)]))
    back = [("64612:RT", "-412", "0", "CO*50*-412", ""), ("J0585:JZ", "-240", "0", "CO*50*-240", "")]
    again = claim("HL-26-1001", "4", "652", "0", DENIED)
    post(remittance([claim("HL-26-1001", "22", "-652", "0", back), again], trace="EFT-2"), who=later(20))
    (denial,) = db.session.query(Denial).all()
    assert (submitted.state, denial.state) == ("denied", "open")
    assert "Denied again by the payer's correction in remittance EFT-2." in told(denial)


def test_a_recovery_that_names_a_paid_claim_reopens_it_on_the_takeback_track(submitted, post, later):
    post(remittance([paid()]))
    answer = post(remittance([], trace="EFT-2", provider=[("WO:LP-1 20261020", "652")]), who=later(60))
    (row,) = db.session.query(Adjustment).filter_by(group="PLB")
    assert (row.claim_id, answer.notes) == (submitted.id, [])
    assert submitted.state == "reversed"
    assert ladders.running(submitted, "takeback")


def test_a_recovery_after_a_reversal_is_money_gone(submitted, post, later):
    post(remittance([paid()]))
    post(remittance([taken()], trace="EFT-2", provider=[("FB:HL-26-1001", "-652")]), who=later(60))
    assert submitted.state == "reversed"
    post(remittance([], trace="EFT-3", provider=[("WO:HL-26-1001", "652")]), who=later(90))
    assert submitted.state == "recouped"
    assert [row.amount for row in takebacks.of_claim(submitted)] == [Decimal("-652.00"), Decimal("652.00")]


def test_what_is_paid_anew_after_the_money_is_gone_comes_in_place_of_the_first(submitted, post, later):
    post(remittance([paid()]))
    post(remittance([taken()], trace="EFT-2", provider=[("FB:HL-26-1001", "-652")]), who=later(60))
    post(remittance([], trace="EFT-3", provider=[("WO:HL-26-1001", "652")]), who=later(80))
    assert submitted.state == "recouped"
    post(remittance([claim("HL-26-1001", "1", "652", "540", LESS)], trace="EFT-4"), who=later(90))
    first, *_, correction = payments()
    assert correction.corrects is first
    assert any("took back $112.00 net" in sentence for sentence in told(submitted))


def test_the_same_money_under_another_check_number_is_told(submitted, post, later):
    post(remittance([paid()]))
    answer = post(remittance([paid()], trace="EFT-9"), who=later(3))
    said = "remittance EFT-1 of 2026-11-18 paid the same; if it is the same money, ask the payer."
    assert answer.notes == [f"Claim HL-26-1001: {said}"]


def test_money_that_was_taken_back_may_come_again(submitted, post, later):
    post(remittance([paid()]))
    post(remittance([taken()], trace="EFT-2"), who=later(60))
    assert post(remittance([paid()], trace="EFT-3"), who=later(61)).notes == []


def test_interest_is_told_on_the_claim_it_names_and_moves_nothing(submitted, post, deed):
    post(remittance([paid()], provider=[("L6:HL-26-1001", "-3.27")]))
    (row,) = takebacks.of_claim(submitted)
    assert takebacks.in_words(row, deed) == "Interest of $3.27 paid to us (L6)"
    assert any("Interest of $3.27 paid to us (L6); it names this claim." in sentence for sentence in told(submitted))
    assert (submitted.state, submitted.paid) == ("paid", 652)


def test_a_recovery_that_names_no_claim_is_told(submitted, post):
    answer = post(remittance([paid()], provider=[("WO:99-UNKNOWN", "10"), ("WO:1", "5")]))
    assert answer.notes == [
        "Overpayment recovery (WO): $10.00 kept back from this check: no claim of ours is named by 99-UNKNOWN.",
        "Overpayment recovery (WO): $5.00 kept back from this check: no claim of ours is named by 1.",
    ]


def test_a_recovery_from_a_claim_that_was_never_paid_is_told(submitted, post):
    answer = post(remittance([claim("HL-26-1001", "1", "652", "0", DENIED)], provider=[("WO:HL-26-1001", "100")]))
    said = "it names claim HL-26-1001, on which nothing was paid; ask the payer."
    assert answer.notes == [f"Overpayment recovery (WO): $100.00 kept back from this check: {said}"]
    assert submitted.state == "denied"


def test_a_forwarded_claim_names_the_next_payer_and_is_no_denial(submitted, post):
    lines = [("64612:RT", "412", "330", "PR*2*82", ""), ("J0585:JZ", "240", "192", "PR*2*48", "")]
    first = claim("HL-26-1001", "19", "652", "522", lines, patient="130")
    first.insert(2, "NM1*TT*2*GAPFILL MUTUAL*****PI*GAP01")
    answer = post(remittance([first]))
    assert (answer.denials, submitted.state, submitted.patient_owes) == (0, "paid", 130)
    assert payments()[0].crossover_payer == "GAPFILL MUTUAL"
    assert any("Forwarded by the payer to GAPFILL MUTUAL" in sentence for sentence in told(submitted))


def test_a_second_payer_pays_the_patients_share_and_repeats_no_write_down(submitted, post, later):
    lines = [("64612:RT", "412", "300", "CO*45*32;PR*2*80", ""), ("J0585:JZ", "240", "192", "PR*2*48", "")]
    post(remittance([claim("HL-26-1001", "1", "652", "492", lines, patient="128")]))
    second = [("64612:RT", "412", "60", "OA*23*332;PR*3*20", ""), ("J0585:JZ", "240", "48", "OA*23*192", "")]
    post(
        remittance(
            [claim("HL-26-1001", "2", "652", "108", second, patient="20", control="G-1")], trace="G-1", payer="GAPFILL"
        ),
        who=later(20),
    )
    assert (submitted.paid, submitted.adjusted, submitted.patient_owes) == (600, 32, 20)
    assert submitted.state == "paid"


@pytest.mark.parametrize("status", ["23", "25"])
def test_what_is_not_this_payers_claim_or_only_a_price_moves_no_money(submitted, post, status):
    lines = [("64612:RT", "412", "0", "OA*109*412", ""), ("J0585:JZ", "240", "0", "OA*109*240", "")]
    answer = post(remittance([claim("HL-26-1001", status, "652", "0", lines)]))
    assert (answer.denials, submitted.state, submitted.adjusted) == (0, "submitted", 0)
    assert "Remittance EFT-1: " in told(submitted)[0]


def test_a_split_line_is_added_up_on_ours(submitted, post):
    lines = [
        ("64612:RT", "200", "200", "", ""),
        ("64612:RT", "212", "150", "CO*45*62", ""),
        ("J0585:JZ", "240", "240", "", ""),
    ]
    post(remittance([claim("HL-26-1001", "1", "652", "590", lines)]))
    assert [line.paid for line in submitted.lines] == [350, 240]


def test_a_claim_of_another_person_with_the_same_number_waits_for_somebody_to_look(submitted, post):
    other = [each.replace("CASTELLANO*RENATA****MI*LPX", "MARLOWE*IRIS****MI*ZZ9") for each in paid()]
    answer = post(remittance([other]))
    assert (answer.unmatched, submitted.state) == (["HL-26-1001"], "submitted")


WRONG = remittance([claim("HL-26-1001", "1", "652", "652", PAID)], paid="640")


def test_wrong_sums_are_refused_together_and_may_be_accepted(submitted, post):
    data = WRONG.replace(b"SVC*HC:64612:RT*412*412", b"SVC*HC:64612:RT*412*410")
    answer = post(data)
    assert (answer.status, answer.can_accept) == ("refused", True)
    assert [(fault["segment"], fault["tag"]) for fault in answer.faults] == [(4, "BPR"), (16, "SVC")]
    assert submitted.state == "submitted"


def test_wrong_sums_are_posted_only_when_somebody_says_why(submitted, post):
    answer = post(WRONG, accepted="The payer confirmed the check by telephone")
    (row,) = db.session.query(Remittance).all()
    assert (answer.status, submitted.paid) == ("posted", 652)
    assert (row.unbalanced_reason, row.posted_by) == ("The payer confirmed the check by telephone", "D. Park")
    assert "posted all the same: The payer confirmed" in told(row)[0]
    assert answer.notes[0].startswith("Posted although: segment ")


def test_no_reason_lets_a_damaged_file_pass(submitted, post):
    answer = post(WRONG.split(b"SE*")[0], accepted="I want it posted")
    assert (answer.status, answer.can_accept) == ("refused", False)
    assert db.session.query(Claim).one().state == "submitted"
