"""Invitations: a link, used once within 48 hours, with which a person chooses a password of their own."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select

from ..db import db
from ..models.accounts import Invitation, User
from .deeds import Deed, Refused
from .history import record

VALID = timedelta(hours=48)
OVER = "This invitation was used already, or is older than 48 hours. Ask an administrator of your clinic for a new one."


def invite(user: User, deed: Deed) -> str:
    """Return a new link's secret part, which is shown once; an older link of the person stops working.

    Raises Refused for a disabled account.
    """
    if not user.active:
        raise Refused(f"The account of {user.full_name} is disabled. Enable it first.")
    withdraw(user)
    secret = secrets.token_urlsafe(32)
    db.session.add(Invitation(key=_key(secret), user_id=user.id, ends_at=deed.at + VALID))
    record(user, "invited", deed, sentence=f"{user.full_name} invited to choose a password.")
    return secret


def guest(secret: str, at: datetime) -> User | None:
    """Return whom a link invites, or None when it ran out, was used, or never was."""
    found = db.session.scalar(select(Invitation).where(Invitation.key == _key(secret), Invitation.ends_at > at))
    return found.user if found and found.user.active else None


def withdraw(user: User) -> None:
    """Make every link of the person stop working."""
    db.session.execute(delete(Invitation).where(Invitation.user_id == user.id))


def _key(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
