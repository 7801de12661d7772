"""What was won back is the money that came for what was refused: never more, never twice, and gone when it goes."""

from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial
from clinic_claims.services import appeals, denials, exposure, history, reports
from clinic_claims.services.reports import Filters

from .era import claim, remittance

REFUSED = [("64612:RT", "412", "0", "CO*50*412", ""), ("J0585:JZ", "240", "0", "CO*50*240", "")]
PAID = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
BACK = [("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "-240", "", "")]


def denied(lines=REFUSED, paid="0", status="4"):
    return claim("HL-26-1001", status, "652", paid, lines)


def paid(lines=PAID, amount="652"):
    return claim("HL-26-1001", "1", "652", amount, lines)


def taken(lines=BACK, amount="-652"):
    return claim("HL-26-1001", "22", "-652", amount, lines)


@pytest.fixture
def on(post, later):
    """Post one remittance of these claims a number of days on."""
    return lambda days, *claims: post(remittance(list(claims), trace=f"EFT-{days}"), who=later(days))


def the_denials():
    return db.session.query(Denial).order_by(Denial.id).all()


def total(deed):
    found = reports.denied(Filters(), deed).total
    return found.denied, found.recovered, found.open


def test_money_that_follows_a_decision_by_letter_is_won_back(submitted, on, later, deed):
    on(0, denied())
    (denial,) = the_denials()
    with transaction():
        denials.move(denial, "note_overturned", later(20))
    assert total(deed) == (652, 0, 652)  # overturned, and not paid yet
    on(30, paid())
    assert total(deed) == (652, 652, 0)
    assert history.of(denial)[0].sentence == "$652.00 won back by remittance EFT-30."


def test_money_taken_back_is_no_longer_won_back(submitted, on, deed):
    on(0, denied())
    on(30, paid())
    assert total(deed) == (652, 652, 0)
    on(60, taken())
    (denial,) = the_denials()
    assert (denial.state, submitted.state, submitted.paid) == ("overturned", "reversed", 0)
    assert total(deed) == (652, 0, 652)
    assert sum(pile.amount for pile in exposure.aging(deed.today)) == 652
    assert history.of(denial)[0].sentence == "Of $652.00 won back, $0.00 is left after remittance EFT-60."


def test_what_is_denied_anew_after_a_takeback_is_counted_once(submitted, on, deed):
    on(0, denied())
    on(30, paid())
    on(
        60,
        taken(),
        denied([(code, charge, "0", reason.replace("50", "197", 1), "") for code, charge, _, reason, _ in REFUSED]),
    )
    first, second = the_denials()
    assert (first.recovered, second.recovered, submitted.paid) == (0, 0, 0)
    assert total(deed)[1:] == (0, 652)
    on(90, paid())
    assert (first.recovered, second.recovered, second.state) == (0, 652, "overturned")
    assert total(deed)[1:] == (652, 0)
    assert sum(pile.amount for pile in exposure.aging(deed.today)) == 0


def test_money_that_comes_again_is_won_back_again(submitted, on, deed):
    on(0, denied())
    on(30, paid())
    on(60, taken())
    on(90, paid())
    assert (submitted.state, total(deed)) == ("paid", (652, 652, 0))


def test_a_correction_that_pays_less_leaves_what_was_paid(submitted, on, deed):
    on(0, denied())
    on(30, paid())
    less = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]
    on(60, taken(), paid(less, "540"))
    assert (submitted.paid, total(deed)) == (540, (652, 540, 0))


def test_what_the_contract_writes_down_or_the_patient_owes_is_not_won_back(submitted, on, deed):
    on(0, denied())
    less = [("64612:RT", "412", "250", "CO*45*112;PR*2*50", ""), ("J0585:JZ", "240", "240", "", "")]
    on(30, paid(less, "490"))
    (denial,) = the_denials()
    assert (denial.state, denial.recovered, total(deed)) == ("overturned", 490, (652, 490, 0))


def test_what_was_paid_before_the_denial_is_not_won_back(submitted, on, deed):
    part = [("64612:RT", "412", "250", "CO*50*162", ""), ("J0585:JZ", "240", "0", "CO*197*240", "")]
    on(0, denied(part, "250", "1"))
    drug = [("64612:RT", "412", "250", "CO*50*162", ""), ("J0585:JZ", "240", "240", "", "")]
    on(
        30,
        taken([("64612:RT", "-412", "-250", "CO*50*-162", ""), ("J0585:JZ", "-240", "0", "CO*197*-240", "")], "-250"),
        paid(drug, "490"),
    )
    assert {row.carcs[0]: (row.state, row.recovered) for row in the_denials()} == {
        "50": ("open", 0),
        "197": ("overturned", Decimal(240)),
    }


def test_what_was_written_off_and_comes_all_the_same_is_won_back(submitted, on, later, deed):
    on(0, denied())
    (denial,) = the_denials()
    with transaction():
        denials.move(denial, "propose_write_off", later(2), write_off_reason="Too late")
        denials.move(denial, "sign_write_off", later(3, "P. Natarajan"))
    on(30, paid())
    found = reports.denied(Filters(), deed).total
    assert (denial.state, found.recovered, found.written_off, found.open) == ("written_off", 652, 0, 0)


def test_money_kept_back_from_a_check_is_no_longer_won_back(submitted, post, on, later, deed):
    on(0, denied())
    on(30, paid())
    post(remittance([], trace="EFT-60", provider=[("WO:HL-26-1001", "652")]), who=later(60))
    assert (submitted.state, total(deed)) == ("reversed", (652, 0, 652))
    post(remittance([], trace="EFT-90", provider=[("WO:HL-26-1001", "-652")]), who=later(90))
    assert total(deed)[1] == 652


def test_a_takeback_carried_forward_and_then_kept_back_counts_once(submitted, post, on, later, deed):
    on(0, denied())
    on(30, paid())
    post(remittance([taken()], trace="EFT-60", provider=[("FB:HL-26-1001", "-652")]), who=later(60))
    assert total(deed)[1] == 0
    post(remittance([], trace="EFT-80", provider=[("WO:HL-26-1001", "652")]), who=later(80))
    assert total(deed)[1] == 0
    on(90, paid())
    assert total(deed) == (652, 652, 0)


def test_a_payment_ends_a_proposed_write_off(submitted, on, later, deed):
    on(0, denied())
    (denial,) = the_denials()
    with transaction():
        denials.move(denial, "propose_write_off", later(2), write_off_reason="Too late")
    on(30, paid())
    assert (denial.state, denial.write_off_by, total(deed)) == ("overturned", None, (652, 652, 0))


def test_what_a_line_of_its_own_denial_brings_counts_there_alone(submitted, on, later, deed):
    """A claim under appeal refused for another reason: two denials on the same lines, one payment."""
    on(0, denied())
    (first,) = the_denials()
    with transaction():
        appeals.start(first, later(2))
    on(20, denied([(code, charge, "0", reason.replace("*50*", "*197*"), "") for code, charge, _, reason, _ in REFUSED]))
    on(40, paid())
    assert [(row.state, row.recovered) for row in the_denials()] == [("overturned", 0), ("overturned", 652)]
    assert total(deed)[1:] == (652, 0)


def test_a_refused_request_that_is_overturned_brings_no_money_by_itself(approval, clinic, later, deed):
    with transaction():
        denial = denials.log(approval, deed, group=None, carcs=["39"], amount=Decimal(652), denied_on=deed.today)
        denials.move(denial, "note_overturned", later(9))
    assert (denial.state, total(deed)) == ("overturned", (652, 0, 0))


@pytest.fixture
def request_refused(submitted, later, deed):
    """The request behind the claim was refused at first, and granted on appeal."""
    with transaction():
        denial = denials.open_denial(
            submitted.authorization, deed, group=None, carcs=["197"], amount=Decimal(700), denied_on=deed.today
        )
        denials.move(denial, "note_overturned", later(10))
    return denial


def test_a_request_granted_at_last_has_won_what_its_claim_is_paid(submitted, request_refused, on, deed):
    assert total(deed) == (700, 0, 0)
    on(30, paid())
    assert (request_refused.recovered, request_refused.settled_otherwise) == (652, 48)
    assert total(deed) == (700, 652, 0)
    assert history.of(request_refused)[0].sentence == "$652.00 won back by remittance EFT-30."
    on(60, taken())
    assert total(deed) == (700, 0, 0)


def test_what_a_denial_of_the_claim_won_is_not_won_by_the_request_as_well(submitted, request_refused, on, deed):
    drug = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "0", "CO*50*240", "")]
    on(30, denied(drug, "412", "1"))
    assert [each.recovered for each in the_denials()] == [412, 0]
    on(60, taken([("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "0", "CO*50*-240", "")], "-412"), paid())
    assert [each.recovered for each in the_denials()] == [412, 240]


def test_what_was_paid_before_a_request_was_refused_is_not_won_by_it(submitted, on, later, deed):
    on(0, paid())
    with transaction():
        refused = denials.open_denial(
            submitted.authorization, later(5), group=None, carcs=["197"], amount=Decimal(700), denied_on=later(5).today
        )
        denials.move(refused, "note_overturned", later(10))
    on(30, taken(), paid())
    assert refused.recovered == 0
