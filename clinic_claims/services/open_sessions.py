"""The open sessions of a person: seen and ended by the person, or by an administrator."""

from datetime import datetime

from sqlalchemy import delete, select

from ..db import db
from ..models.accounts import User, UserSession
from .deeds import Deed
from .history import record


def of(user: User, seen_since: datetime) -> list[UserSession]:
    """Return the sessions that were used since then, the latest first."""
    mine = (UserSession.user_id == user.id, UserSession.seen_at > seen_since)
    return list(db.session.scalars(select(UserSession).where(*mine).order_by(UserSession.seen_at.desc())))


def end(user: User, key: str, deed: Deed) -> bool:
    """End one session of the person. Return whether it was there."""
    done = db.session.execute(delete(UserSession).where(UserSession.user_id == user.id, UserSession.key == key))
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    record(user, "end_session", deed, sentence=f"A session of {user.full_name} ended.")
    return True


def agent_in_words(agent: str | None) -> str:
    """Say which browser and system a session belongs to: "Firefox on Windows"."""
    text = agent or ""
    browsers = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac", "Mac"))
    browser = next((name for mark, name in browsers if mark in text), "A browser")
    system = next((name for mark, name in (*systems, ("Linux", "Linux")) if mark in text), "")
    return f"{browser} on {system}" if system else browser
