"""A payer that answers a claim again, without taking back what it said before: the newest adjudication holds."""

from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import ClaimPayment, Denial
from clinic_claims.services import appeals, denials, history, ladders, matching

from .era import claim, remittance

NUMBER = "HL-26-1001"
NO_APPROVAL = [("64612:RT", "412", "0", "CO*45*112;CO*197*300", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]
NOT_NECESSARY = [("64612:RT", "412", "0", "CO*45*112;CO*50*300", "N115"), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]
ONE_PAID = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]
PAID = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]
PATIENTS = [("64612:RT", "412", "0", "CO*45*112;PR*1*300", ""), ("J0585:JZ", "240", "0", "PR*1*240", "")]
DUPLICATE = [("64612:RT", "412", "0", "OA*18*412", ""), ("J0585:JZ", "240", "0", "OA*18*240", "")]


@pytest.fixture
def answer(post, later):
    """Post a payer's answer, each under a check and a day of its own."""
    count = iter(range(1, 20))

    def run(lines, paid="0", *, status="1", day=None, **more):
        number = next(count)
        given = {"trace": f"EFT-{number}", "day": day or f"202611{17 + number}"} | more
        posted = post(remittance([claim(NUMBER, status, "652", paid, lines)], **given), who=later(number))
        assert posted.status == "posted"
        return posted

    return run


def all_denials():
    return db.session.query(Denial).order_by(Denial.id).all()


def told(record):
    return [event.sentence for event in history.of(record)]


def money_of(found):
    return found.paid, found.adjusted, found.patient_owes


def test_other_codes_word_the_open_denial_anew_and_open_no_other(submitted, answer):
    answer(NO_APPROVAL)
    second = answer(NOT_NECESSARY)
    (denial,) = all_denials()
    assert (denial.codes, denial.state, denial.amount) == ("CO-50 · N115", "open", 540)
    assert [(row.line.code, row.amount) for row in denial.lines] == [("64612", 300), ("J0585", 240)]
    assert denial.claim_payment_id == db.session.query(ClaimPayment).order_by(ClaimPayment.id.desc()).first().id
    assert (second.denials, second.notes) == (
        0,
        [f"Claim {NUMBER}: DEN-00001 is CO-50 · N115 now, no longer CO-197 · N54."],
    )
    assert "Answered anew in remittance EFT-2: CO-50 · N115 in place of CO-197 · N54." in told(denial)


def test_the_clocks_run_from_the_newer_answer_and_the_month_stays(submitted, answer):
    answer(NO_APPROVAL, day="20261030")
    answer(NOT_NECESSARY, day="20261120")
    (denial,) = all_denials()
    (clock,) = ladders.running(denial, "appeal")
    assert (str(clock.legal), str(denial.notice_dated_on)) == ("2027-05-19", "2026-11-20")  # 180 days
    assert (str(denial.denied_on), denial.month) == ("2026-10-30", 202610)


def test_the_write_down_of_both_answers_counts_once(submitted, answer):
    answer(NO_APPROVAL)
    answer(NOT_NECESSARY)
    assert money_of(submitted) == (0, 112, 0)
    answer(PAID, "540")
    assert (money_of(submitted), submitted.state) == ((540, 112, 0), "paid")


def test_the_same_codes_again_are_the_same_denial_with_its_deadline(submitted, answer):
    answer(NO_APPROVAL)
    assert answer(NO_APPROVAL).denials == 0
    (denial,) = all_denials()
    assert (str(denial.notice_dated_on), denial.state) == ("2026-11-18", "open")
    assert "Denied again in remittance EFT-2." in told(denial)


def test_what_is_left_of_a_denial_is_what_is_still_refused(submitted, answer):
    answer(NO_APPROVAL)
    answer(ONE_PAID, "300")
    (denial,) = all_denials()
    assert (denial.codes, denial.amount, denial.state) == ("CO-50 · N115", 240, "open")
    assert (submitted.state, money_of(submitted)) == ("partly_paid", (300, 112, 0))


def test_of_two_denials_each_follows_its_own_line(submitted, answer):
    answer([("64612:RT", "412", "0", "CO*197*412", ""), ("J0585:JZ", "240", "0", "CO*50*240", "")])
    answer([("64612:RT", "412", "0", "CO*197*412", ""), ("J0585:JZ", "240", "240", "", "")], "240")
    first, second = all_denials()
    assert (first.codes, first.state, second.codes, second.state) == ("CO-197", "open", "CO-50", "overturned")
    assert second.recovered == Decimal(240)


def test_a_denial_that_the_newer_answer_makes_the_patients_share_is_over(submitted, answer):
    answer(NO_APPROVAL)
    answer(PATIENTS)
    (denial,) = all_denials()
    assert (denial.state, submitted.state, submitted.patient_owes) == ("overturned", "paid", 540)


def test_a_duplicate_changes_nothing_and_says_which_answer_stands(submitted, answer):
    answer(NO_APPROVAL)
    second = answer(DUPLICATE)
    (denial,) = all_denials()
    assert (denial.codes, denial.state, submitted.state, submitted.adjusted) == ("CO-197 · N54", "open", "denied", 112)
    said = "denied as a duplicate; the answer of remittance EFT-1 of 2026-11-18 stands."
    assert (second.denials, second.notes) == (0, [f"Claim {NUMBER}: {said}"])


def test_a_duplicate_of_a_paid_claim_leaves_it_paid(submitted, answer):
    answer(PAID, "540")
    answer(DUPLICATE)
    assert (submitted.state, money_of(submitted), all_denials()) == ("paid", (540, 112, 0), [])


def test_a_first_answer_that_says_duplicate_is_a_denial(submitted, answer):
    assert answer(DUPLICATE).denials == 1


def test_an_older_answer_that_comes_late_adds_its_money_and_no_denial(submitted, answer):
    answer(PAID, "540", day="20261119")
    second = answer(NO_APPROVAL, day="20261102")
    assert (all_denials(), submitted.state, money_of(submitted)) == ([], "paid", (540, 112, 0))
    said = "remittance EFT-1 of 2026-11-19 answered it later; that answer stands."
    assert second.notes == [f"Claim {NUMBER}: {said}"]


def test_money_of_the_first_answer_that_nobody_took_back_is_told(submitted, answer):
    answer(ONE_PAID, "300")
    second = answer(PAID, "540")
    assert second.notes == [
        f"Claim {NUMBER}: remittance EFT-1 of 2026-11-18 paid $300.00, which this newer answer does not take back; "
        "ask the payer whether both stand."
    ]
    assert money_of(submitted) == (840, 112, 0)


def test_the_parts_of_a_split_claim_are_two_answers(submitted, post, later):
    first = claim(NUMBER, "1", "412", "300", [PAID[0]])
    other = claim(NUMBER, "1", "240", "0", [("J0585:JZ", "240", "0", "CO*50*240", "")])
    post(remittance([first]))
    post(remittance([other], trace="EFT-2", day="20261119"), who=later(1))
    assert (money_of(submitted), submitted.state) == ((300, 112, 0), "partly_paid")
    assert [(denial.codes, denial.amount) for denial in all_denials()] == [("CO-50", 240)]


def test_two_answers_in_one_file_are_the_newer_one(submitted, post):
    answers = [claim(NUMBER, "1", "652", "0", NO_APPROVAL), claim(NUMBER, "1", "652", "540", PAID, control="LP-2")]
    post(remittance(answers))
    assert (money_of(submitted), submitted.state) == ((540, 112, 0), "paid")
    assert [denial.state for denial in all_denials()] == ["overturned"]


def test_another_payers_first_answer_replaces_nothing(submitted, answer):
    answer(NO_APPROVAL)
    answer(NOT_NECESSARY, payer="MESA HEALTH")
    assert [denial.codes for denial in all_denials()] == ["CO-197 · N54", "CO-50 · N115"]


def test_a_correction_with_other_codes_words_the_denial_anew(submitted, answer, post, later):
    answer(NO_APPROVAL)
    back = [("64612:RT", "-412", "0", "CO*45*-112;CO*197*-300", ""), ("J0585:JZ", "-240", "0", "CO*197*-240", "")]
    taken = remittance([claim(NUMBER, "22", "-652", "0", back)], trace="EFT-9", day="20261119")
    assert post(taken, who=later(1)).status == "posted"
    answer(NOT_NECESSARY)
    assert [denial.codes for denial in all_denials()] == ["CO-50 · N115"]


def test_a_denial_follows_its_claim_through_every_correction(submitted, answer, post, later):
    """Upheld after a corrected claim, and denied for the same reason once more: still the one denial."""
    answer(NO_APPROVAL)
    with transaction():
        denials.move(all_denials()[0], "correct", later(1))
    back = [("64612:RT", "-412", "0", "CO*45*-112;CO*197*-300", ""), ("J0585:JZ", "-240", "0", "CO*197*-240", "")]
    for number, day in ((7, "20261119"), (8, "20261120")):
        taken, again = claim(NUMBER, "22", "-652", "0", back), claim(NUMBER, "1", "652", "0", NO_APPROVAL)
        assert post(remittance([taken, again], trace=f"EFT-{number}", day=day), who=later(number)).denials == 0
    (denial,) = all_denials()
    assert (denial.state, denial.amount) == ("upheld", 540)
    assert told(denial)[0] == "Denied again by the payer's correction in remittance EFT-8."


def test_a_corrected_claim_that_is_denied_otherwise_is_open_again(submitted, answer, later):
    answer(NO_APPROVAL)
    (denial,) = all_denials()
    with transaction():
        denials.move(denial, "correct", later(1))
    answer(NOT_NECESSARY)
    (denial,) = all_denials()
    assert (denial.state, denial.codes) == ("open", "CO-50 · N115")
    assert ladders.running(denial, "appeal")


def test_a_denial_under_appeal_stays_beside_the_newer_answer(submitted, answer, later):
    answer(NO_APPROVAL)
    with transaction():
        appeals.start(all_denials()[0], later(1))
    second = answer(NOT_NECESSARY)
    assert [(denial.codes, denial.state) for denial in all_denials()] == [
        ("CO-197 · N54", "appealing"), ("CO-50 · N115", "open")
    ]  # fmt: skip
    assert second.notes == [f"Claim {NUMBER}: DEN-00001 is appealing and stays beside the payer's newer answer."]


def test_a_denial_logged_from_the_letter_and_its_remittance_are_one(submitted, answer, deed):
    with transaction():
        denials.log(submitted, deed, group="CO", carcs=["197"], rarcs=[], amount=Decimal(540), denied_on=deed.today)
    assert answer(NO_APPROVAL).denials == 0
    (denial,) = all_denials()
    assert denial.claim_payment_id is not None
    assert "Remittance EFT-1 brings it too." in told(denial)


def test_an_answer_matched_by_hand_after_a_newer_one_opens_nothing(submitted, post, later, deed):
    old = claim("WRONG-9", "1", "652", "0", NO_APPROVAL, control="")
    post(remittance([old], day="20261101"))
    post(remittance([claim(NUMBER, "1", "652", "540", PAID)], trace="EFT-2"), who=later(1))
    (row,) = matching.unmatched()
    with transaction():
        assert matching.assign(row, submitted, deed) == 0
    assert (submitted.state, money_of(submitted)) == ("paid", (540, 112, 0))
