from dataclasses import replace

import pytest

from clinic_claims.domain.x12_codes import faults
from clinic_claims.rulebook import load

X12 = load().x12


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("A1", "approved"),
        ("A2", "partly_approved"),
        ("A3", "denied"),
        ("A4", "pended"),
        ("A5", "denied"),
        ("A6", "modified"),
        ("C", "cancelled"),
        ("CT", "submitted"),
        ("NA", "not_required"),
    ],
)
def test_a_review_outcome_is_not_swapped(code: str, state: str) -> None:
    assert X12.review_outcomes[code].state == state


@pytest.mark.parametrize("code", ["A3", "A6", "A7", "A8"])
def test_a_rejected_acknowledgement_is_no_denial(code: str) -> None:
    assert (X12.claim_statuses[code].kind, X12.claim_statuses[code].state) == ("rejection", "rejected")


def test_an_answer_to_a_query_moves_no_claim() -> None:
    assert not any(row.state for row in X12.claim_statuses.values() if row.kind == "query")


def test_only_the_ten_claim_codes_of_5010_are_known() -> None:
    assert list(X12.claim_payments) == ["1", "2", "3", "4", "19", "20", "21", "22", "23", "25"]
    assert X12.claim_payments["22"].kind == "reversal"
    assert [len(rows) for rows in (X12.review_outcomes, X12.claim_statuses, X12.provider_adjustments)] == [9, 32, 7]


def test_a_state_that_does_not_exist_is_refused() -> None:
    broken = replace(X12, review_outcomes={"A1": replace(X12.review_outcomes["A1"], state="won")})
    assert list(faults(broken)) == [("review_outcome", "code", "A1", "state: won is not a state of an authorization")]
    assert not list(faults(X12))
