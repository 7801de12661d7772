"""What a person does when they take a step: the step with all that belongs to it, kept so that it can be taken back."""

from collections.abc import Callable
from typing import Any

from ..models import Appeal, Authorization, Claim, Denial
from . import appeals, authorizations, claims, denials, undoing
from .deeds import Deed
from .readiness import Subject


def take(record: Subject, action: str, deed: Deed, **given: Any) -> Subject:
    """Take a step and return the record to look at next: the same one, or what the step opened.

    Raises StepRefused or Refused with reasons.
    """
    with undoing.kept(record, action, deed):
        return MOVES[record.__tablename__](record, action, deed, given)


def _denial(denial: Denial, action: str, deed: Deed, given: dict[str, Any]) -> Subject:
    """An appeal is more than a step: it opens its level."""
    if action == "appeal":
        return appeals.start(denial, deed)
    denials.move(denial, action, deed, **given)
    return denial


def _claim(claim: Claim, action: str, deed: Deed, given: dict[str, Any]) -> Subject:
    claims.move(claim, action, deed, **given)
    return claim


def _authorization(authorization: Authorization, action: str, deed: Deed, given: dict[str, Any]) -> Subject:
    """A denial of the request is what to look at next; a revocation leaves its visits without an approval."""
    granted = given.pop("granted", None)
    if action == "revoke":
        authorizations.revoke(authorization, given["reason"], deed)
        return authorization
    target = authorizations.move(authorization, action, deed, **given) or authorization
    if granted:
        authorizations.grant(authorization, granted, deed)
    return target


def _appeal(appeal: Appeal, action: str, deed: Deed, given: dict[str, Any]) -> Subject:
    appeals.move(appeal, action, deed, **given)
    return appeal


MOVES: dict[str, Callable[..., Subject]] = {
    "authorization": _authorization,
    "claim": _claim,
    "denial": _denial,
    "appeal": _appeal,
}
