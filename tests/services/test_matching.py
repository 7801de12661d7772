from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import ClaimPayment, Denial, Payer, Remittance
from clinic_claims.services import history, intake, matching, worklist
from clinic_claims.services.deeds import Refused

from .era import claim as era_claim
from .era import remittance

LINES = [("64612:RT", "412", "0", "CO*50*412", "N115"), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]


@pytest.fixture
def lost(submitted, deed):
    """A payment of the claim on record, under a number that is not ours."""
    with transaction():
        intake.take_in("era.835", remittance([era_claim("HL261001", "4", "652", "0", LINES)]), deed)
    return db.session.query(ClaimPayment).one()


def test_the_likely_claim_comes_with_its_reasons(lost, submitted):
    (found,) = matching.candidates(lost)
    assert found.claim is submitted
    assert found.why == ("same name", "same date of service", "same charge", "number much like HL-26-1001")
    assert found.score == 75


def test_the_member_id_counts_with_or_without_spaces(lost):
    lost.member_id = "LPX773204"
    assert matching.candidates(lost)[0].why[0] == "same member ID"


def test_a_claim_that_shares_little_is_not_shown(lost):
    lost.claim_number, lost.charged, lost.patient_name = "ZZZZ", Decimal("1.00"), "DOE, JANE"
    assert matching.candidates(lost) == []


def test_names_are_compared_without_accents_and_second_first_names(lost, submitted):
    submitted.case.patient.name_key = "castellano renata maria"
    lost.patient_name = "CASTELLÁNO, RENATA"
    assert "same name" in matching.candidates(lost)[0].why


def test_the_member_id_counts_however_the_card_writes_it(lost, submitted):
    submitted.coverage.member_id, lost.member_id = "lpx-773 204", "LPX773204"
    db.session.flush()
    assert matching.candidates(lost)[0].why[0] == "same member ID"


def test_what_speaks_against_a_claim_is_said_and_weighs(lost, submitted):
    lost.remittance.payer = Payer(name="Mesa Health", aliases=[], appeals_address=[])
    (found,) = matching.candidates(lost)
    assert found.why[-1] == f"but of another payer, {submitted.coverage.plan.payer.name}"
    assert found.score == 60
    lost.status = "2"  # of a second payer that is no wonder
    assert matching.candidates(lost)[0].score == 75
    lost.patient_name, lost.member_id = "SMITH, BOB", "ZZ-9"
    assert matching.candidates(lost) == []


@pytest.fixture
def passed_over(submitted, post):
    """A payment that names our claim's number and another patient."""
    data = remittance([era_claim("HL-26-1001", "4", "652", "0", LINES)])
    post(data.replace(b"CASTELLANO*RENATA****MI*LPX", b"SMITH*BOB****MI*ZZ9"))
    return db.session.query(ClaimPayment).one()


def test_why_the_claim_of_its_number_did_not_take_it_is_said(passed_over, submitted):
    assert passed_over.claim_id is None
    assert matching.why_not(passed_over) == "Claim HL-26-1001 is of another patient: neither name nor member ID agrees."
    with db.session.no_autoflush:
        submitted.state = "planned"
        assert matching.why_not(passed_over) == "Claim HL-26-1001 was never billed: it is planned."
        db.session.expire(submitted)
    passed_over.claim_number = "ELSE"
    assert matching.why_not(passed_over) == ""


@pytest.fixture
def nameless(submitted, post):
    """Two payments of a payer whose name in files says nothing to us, one of them of the claim on record."""
    for number, trace in (("HL261001", "EFT-1"), ("ELSE", "EFT-2")):
        post(remittance([era_claim(number, "4", "652", "0", LINES)], trace=trace, payer="PRAIRIE CLAIMS CENTER"))
    return db.session.query(ClaimPayment).order_by(ClaimPayment.id).first()


def test_how_files_call_a_payer_is_learned_for_all_its_remittances(nameless, submitted, deed):
    with transaction():
        matching.assign(nameless, submitted, deed)
    payer = submitted.coverage.plan.payer
    assert payer.aliases[-1] == "PRAIRIE CLAIMS CENTER"
    assert [row.payer for row in db.session.query(Remittance)] == [payer, payer]


def test_a_second_payer_is_not_taken_for_the_claims_own(nameless, submitted, deed):
    nameless.status = "2"
    with transaction():
        matching.assign(nameless, submitted, deed)
    assert nameless.remittance.payer is None
    assert "PRAIRIE CLAIMS CENTER" not in submitted.coverage.plan.payer.aliases


def test_assigning_posts_it_as_if_the_number_had_been_right(lost, submitted, deed):
    with transaction():
        assert matching.assign(lost, submitted, deed) == 1
    assert (submitted.state, db.session.query(Denial).one().amount) == ("denied", Decimal("652.00"))
    assert matching.unmatched() == []
    assert [item.kind for item in worklist.items(deed)] == ["denial"]


def test_what_is_none_of_ours_is_set_aside_with_the_reason(lost, submitted, deed):
    with pytest.raises(Refused, match="Say why"), transaction():
        matching.set_aside(lost, " ", deed)
    with transaction():
        matching.set_aside(lost, "Paid to the hospital", deed)
    assert (matching.unmatched(), matching.count(), worklist.items(deed)) == ([], 0, [])
    assert history.of(lost.remittance)[0].sentence == "Payment named HL261001 set aside: Paid to the hospital"
    with transaction():
        matching.take_up(lost, deed)
    assert (matching.count(), [item.kind for item in worklist.items(deed)]) == (1, ["unmatched"])


def test_what_was_set_aside_may_find_its_claim_all_the_same(lost, submitted, deed):
    with transaction():
        matching.set_aside(lost, "Another clinic's patient", deed)
        matching.assign(lost, submitted, deed)
    assert (lost.set_aside, submitted.state) == (None, "denied")
    with pytest.raises(Refused, match="matched already"), transaction():
        matching.set_aside(lost, "Too late", deed)


def test_it_is_posted_once(lost, submitted, deed):
    with transaction():
        matching.assign(lost, submitted, deed)
    with pytest.raises(Refused, match="matched already"), transaction():
        matching.assign(lost, submitted, deed)


def test_a_claim_never_billed_takes_no_payment(lost, submitted, deed):
    submitted.state = "planned"
    with pytest.raises(Refused, match="was never billed"), db.session.no_autoflush:
        matching.assign(lost, submitted, deed)
    db.session.rollback()
