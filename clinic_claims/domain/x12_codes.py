"""What the codes of a payer's electronic answers mean for our records: 278, 277, and the claims of an 835."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .lifecycle import AuthorizationState, ClaimState
from .payer_classes import Confidence

LATER_PAYER = ("2", "3", "20", "21")  # CLP02: processed as secondary or tertiary


@dataclass(frozen=True, kw_only=True)
class ReviewOutcome:
    """HCR01 of a 278: the payer's word on a request, and the state it puts the authorization in."""

    code: str
    meaning: str
    state: str
    next_action: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class ClaimStatus:
    """A 277 status category. Without a `state` nothing moves; a rejection is no denial."""

    code: str
    meaning: str
    kind: Literal["acknowledgement", "rejection", "pending", "finalized", "request", "query"]
    source: str
    confidence: Confidence
    state: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimPayment:
    """CLP02 of an 835. It never says paid or denied: amounts, group codes and reason codes do."""

    code: str
    meaning: str
    kind: Literal["processed", "processed_forwarded", "denied", "reversal", "forwarded", "predetermination"]
    source: str
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProviderAdjustment:
    """A PLB reason: money that moves outside any claim."""

    code: str
    meaning: str
    kind: Literal["recovery", "balance_forward", "refund", "adjustment", "interest", "non_reimbursable", "penalty"]
    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class X12Codes:
    """Every code by its code; what is not here is not known and moves nothing."""

    review_outcomes: Mapping[str, ReviewOutcome]
    claim_statuses: Mapping[str, ClaimStatus]
    claim_payments: Mapping[str, ClaimPayment]
    provider_adjustments: Mapping[str, ProviderAdjustment]


def faults(codes: X12Codes) -> Iterator[tuple[str, str, str, str]]:
    """Yield table, key, row and sentence for every row that names a state which does not exist."""
    authorization, claim = set(AuthorizationState), set(ClaimState)
    for name, outcome in codes.review_outcomes.items():
        if outcome.state not in authorization:
            yield "review_outcome", "code", name, f"state: {outcome.state} is not a state of an authorization"
    for name, status in codes.claim_statuses.items():
        if status.state and status.state not in claim:
            yield "claim_status", "code", name, f"state: {status.state} is not a state of a claim"
