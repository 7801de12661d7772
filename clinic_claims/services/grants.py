"""Say whether a payer has approved something."""

from ..domain.lifecycle import AuthorizationState
from ..models import Authorization

GRANTED = (AuthorizationState.APPROVED, AuthorizationState.PARTLY_APPROVED, AuthorizationState.MODIFIED)


def is_granted(authorization: Authorization | None) -> bool:
    """Say whether the payer has approved something under a number."""
    return authorization is not None and authorization.state in GRANTED and authorization.number is not None
