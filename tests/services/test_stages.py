from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial
from clinic_claims.services import appeals, intake
from clinic_claims.services.stages import stages, taken_back

from .era import claim as era_claim
from .era import remittance

DENIED = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]
PAID = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
BACK = [("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "-240", "", "")]


@pytest.fixture
def post(deed):
    def run(number, status, paid, lines, trace="EFT-1", charged="652"):
        with transaction():
            answer = intake.take_in(
                f"{trace}.835", remittance([era_claim(number, status, charged, paid, lines)], trace=trace), deed
            )
        assert answer.status == "posted", answer.faults

    return run


def states(about):
    return [stage.state for stage in stages(about)]


def test_a_request_is_at_the_first_stop(approval):
    assert states(approval) == ["now", "next", "next", "next"]


def test_a_claim_at_the_payer_is_at_billing(submitted):
    approved, billed, *_ = stages(submitted)
    assert (approved.note, approved.when) == ("approved", date(2026, 10, 6))
    assert (billed.state, billed.note, billed.when) == ("now", "submitted", date(2026, 10, 22))


def test_a_denial_then_its_appeal_move_the_line_on(submitted, post, deed):
    post(submitted.number, "4", "0", DENIED)
    assert states(submitted) == ["past", "past", "now", "next"]
    assert stages(submitted)[2].note == "CO-197"
    with transaction():
        appeals.start(db.session.query(Denial).one(), deed)
    assert states(submitted) == ["past", "past", "past", "now"]


def test_a_claim_paid_at_once_skips_the_rest(submitted, post):
    post(submitted.number, "1", "652", PAID)
    assert states(submitted) == ["past", "past", "skipped", "skipped"]
    assert stages(submitted)[1].note == "paid"


def test_a_takeback_is_told_with_its_dollars(submitted, post):
    post(submitted.number, "1", "652", PAID)
    assert taken_back(submitted) is None
    post(submitted.number, "22", "-652", BACK, "EFT-2", "-652")
    assert taken_back(submitted) == "The payer took back $652.00"
