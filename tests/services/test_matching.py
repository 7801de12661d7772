from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import ClaimPayment, Denial
from clinic_claims.services import intake, matching, worklist
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


def test_assigning_posts_it_as_if_the_number_had_been_right(lost, submitted, deed):
    with transaction():
        assert matching.assign(lost, submitted, deed) == 1
    assert (submitted.state, db.session.query(Denial).one().amount) == ("denied", Decimal("652.00"))
    assert matching.unmatched() == []
    assert [item.kind for item in worklist.items(deed)] == ["denial"]


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
