"""Emergency access: an hour of reading patient data for somebody without a clinical view, told to the managers.

45 CFR 164.312(a)(2)(ii) asks for a way to reach the record in an emergency.
"""

from datetime import timedelta

from sqlalchemy import select

from ..db import db
from ..models.accounts import EmergencyAccess, User
from .deeds import Deed, Refused
from .history import record

LASTS = timedelta(minutes=60)
SHORTEST_REASON, LONGEST_REASON = 15, 500  # characters


def open_access(user: User, reason: str, deed: Deed) -> EmergencyAccess:
    """Open patient data to a person for an hour. Raises Refused without a reason that a manager can judge."""
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Refused(
            f"Say in {SHORTEST_REASON} to {LONGEST_REASON} characters what happened and whose record you need."
        )
    if user.emergency:
        raise Refused("Emergency access is open already.")
    made = EmergencyAccess(user=user, reason=reason, opened_at=deed.at, ends_at=deed.at + LASTS)
    db.session.add(made)
    record(made, "open_emergency_access", deed, sentence=f"Emergency access opened for {user.full_name}.")
    return made


def close(user: User, deed: Deed) -> None:
    """End the person's emergency access before its hour is over. Raises Refused where none is open."""
    if (open_now := user.emergency) is None:
        raise Refused("No emergency access is open.")
    open_now.ends_at = deed.at
    record(open_now, "close_emergency_access", deed, sentence=f"Emergency access of {user.full_name} closed.")


def review(access: EmergencyAccess, deed: Deed) -> None:
    """Note that a manager read why the record was opened. Raises Refused for one's own, and for the second time."""
    if access.user_id == deed.user_id:
        raise Refused("Another manager must read your own emergency access.")
    if access.reviewed_at:
        raise Refused(f"{access.reviewed_by} has read it already.")
    access.reviewed_at, access.reviewed_by = deed.at, deed.actor
    record(access, "review_emergency_access", deed, sentence=f"Emergency access of {access.user.full_name} read.")


def latest(limit: int = 100) -> list[EmergencyAccess]:
    """Return the latest emergency accesses, those that nobody has read first."""
    order = (EmergencyAccess.reviewed_at.is_not(None), EmergencyAccess.id.desc())
    return list(db.session.scalars(select(EmergencyAccess).order_by(*order).limit(limit)))
