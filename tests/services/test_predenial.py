"""Before a claim goes out: an error stops it at every door until it is let pass with a reason."""

from decimal import Decimal

import pytest

from clinic_claims.db import transaction
from clinic_claims.domain.lifecycle import StepRefused
from clinic_claims.services import claims, comparing, history, predenial, steps
from clinic_claims.services.deeds import Refused

from .conftest import VISIT_DAY as DAY


@pytest.fixture
def ready(clinic, approval, deed):
    """A claim of the wrong side, ready to be sent."""
    lines = [claims.Line(code="64612", diagnosis="G51.31", charged=Decimal(412), modifiers=["LT"])]
    with transaction():
        claim = claims.enter(
            "HL-77", clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed, authorization=approval
        )
        claims.move(claim, "record_service", deed, service_from=DAY)
        claims.move(claim, "finish_coding", deed)
    return claim


def test_a_claim_with_an_error_is_not_sent_by_any_door(ready, deed):
    with (
        pytest.raises(Refused, match=r"64612: G51.31 says right, the modifiers say left.*\(CARC 4 or 11\)"),
        transaction(),
    ):
        claims.move(ready, "submit", deed, submitted_on=DAY)
    with pytest.raises(StepRefused, match="the check before billing finds no error"), transaction():
        steps.take(ready, "submit", deed, submitted_on=DAY)
    assert ready.state == "ready_to_bill"


def test_a_claim_goes_out_once_every_error_was_let_pass_with_a_reason(ready, deed):
    with transaction():
        for rule in {finding.rule for finding in predenial.stopping(ready, deed)}:
            predenial.override(ready, rule, "Payer confirmed the left side, call 8812", deed)
        claims.move(ready, "submit", deed, submitted_on=DAY)
    assert ready.state == "submitted"
    told = [event.sentence for event in history.of(ready) if event.action == "override_check"]
    assert told
    assert all("Payer confirmed the left side, call 8812" in sentence for sentence in told)


def test_the_three_columns_print_as_an_exhibit(ready, deed):
    with transaction():
        document = comparing.exhibit(ready, deed)
    assert (document.kind, document.media_type, document.claim_id) == ("comparison", "application/pdf", ready.id)
