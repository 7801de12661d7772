"""Sessions kept in the database: 15 minutes idle, 12 hours at most, known only by the hash of the cookie."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from flask import Flask, Request, Response, request, session
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from ..clock import now
from ..db import db
from ..models.accounts import User, UserSession

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # how often a mere visit is written down
LONGEST_AGENT = 300  # characters kept of what a browser says of itself
CODEC = TaggedJSONSerializer()
BY_KEY = (  # every page asks for the session, the person and their roles
    select(UserSession)
    .where(UserSession.key == bindparam("key"))
    .options(joinedload(UserSession.user).joinedload(User.roles))
)


class ServerSession(SecureCookieSession):
    """The session's content, where it is kept and whose it is. `ran_out`: a cookie of an ended session came in."""

    def __init__(self, content: dict[str, object] | None = None, row: UserSession | None = None) -> None:
        super().__init__(content)
        self.key: str | None = row.key if row else None
        self.user_id: int | None = row.user_id if row else None
        self.person: User | None = row.user if row else None
        self.seen_at: datetime | None = row.seen_at if row else None
        self.ran_out = False
        self.is_a_look = False  # this request asks how long the session still runs; that is no visit
        self.old_key: str | None = None
        self.unread: Exception | None = None  # why the database could not be asked for it

    def leave_alone(self, error: Exception) -> None:
        """Write nothing of this session: it could not be read, or the database does not answer just now."""
        self.unread = error

    def belongs_to(self, user: User) -> None:
        """Give the session to a person who just signed in, under a new id, so that nobody can plant one."""
        self.user_id = user.id
        self.old_key, self.key = self.old_key or self.key, None


class DatabaseSessions(SessionInterface):
    """Reads and writes sessions; on a connection of its own, after the request's work is done."""

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Return the session of the cookie, or an empty one where there is none, or none that still runs."""
        cookie = request.cookies.get(self.get_cookie_name(app))
        if not cookie or request.path.startswith(f"{app.static_url_path}/"):
            return ServerSession()
        try:
            row = db.session.scalars(BY_KEY, {"key": _hash(cookie)}).unique().one_or_none()
        except SQLAlchemyError as error:  # told by the guard, where a page can be answered
            db.session.rollback()
            unread = ServerSession()
            unread.leave_alone(error)
            return unread
        if row is None or not runs(row, now()):
            ended = ServerSession(row=row)
            ended.ran_out, ended.user_id, ended.person = row is not None, None, None
            ended.old_key, ended.key = ended.key, None
            return ended
        return ServerSession(CODEC.loads(row.data), row)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed, and the visit once a minute; an emptied session is removed."""
        if not isinstance(session, ServerSession):
            raise TypeError("not a session of ours")
        if session.unread:
            return
        name, secure = self.get_cookie_name(app), self.get_cookie_secure(app)
        if not session:
            if session.key or session.old_key:
                _forget(session)
                response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax")
            return
        if session.key is None:
            value = secrets.token_urlsafe(32)  # 256 bits
            _add(session, _hash(value))
            response.set_cookie(name, value, secure=secure, httponly=True, samesite="Lax")
        elif not session.is_a_look and (session.modified or _is_due(session)):
            _update(session)


def init_app(app: Flask) -> None:
    """Keep sessions in the database; over https the cookie's name binds it to this one host."""
    app.session_interface = DatabaseSessions()
    if app.config["SESSION_COOKIE_SECURE"]:
        app.config["SESSION_COOKIE_NAME"] = "__Host-session"


def current() -> ServerSession:
    """Return the session of this request, as what it is."""
    return session._get_current_object()  # type: ignore[attr-defined]


def runs(row: UserSession, at: datetime) -> bool:
    """Say whether a session is still open; a clock that jumped back far keeps none open for longer."""
    return abs(at - row.seen_at) < IDLE and abs(at - row.created_at) < ABSOLUTE


def seconds_left() -> int:
    """Say how long this session runs without a further visit; 0 when nobody is signed in."""
    row = db.session.get(UserSession, current().key) if current().key else None
    if row is None or row.user_id is None:
        return 0
    return max(0, int(min(row.seen_at + IDLE - now(), row.created_at + ABSOLUTE - now()).total_seconds()))


def _is_due(session: ServerSession) -> bool:
    return session.seen_at is None or now() - session.seen_at >= SEEN_EVERY


def _hash(value: str) -> str:
    return sha256(value.encode()).hexdigest()


def _add(session: ServerSession, key: str) -> None:
    """Store the session under a new key; what it was known by, and what ran out long ago, goes."""
    at = now()
    values = {"user_id": session.user_id, "data": CODEC.dumps(dict(session)), "created_at": at, "seen_at": at}
    values |= {"address": request.remote_addr, "agent": request.user_agent.string[:LONGEST_AGENT]}
    db.session.rollback()  # what the view did not commit is gone; its lock must be too
    with db.engine.begin() as connection:
        nobodys = UserSession.user_id.is_(None) & (UserSession.seen_at < at - IDLE)  # anybody can open the door's page
        stale = (UserSession.key == session.old_key) | (UserSession.seen_at < at - ABSOLUTE) | nobodys
        connection.execute(delete(UserSession).where(stale))
        connection.execute(insert(UserSession).values(key=key, **values))


def _update(session: ServerSession) -> None:
    """Write content and visit; a session that was ended meanwhile stays ended."""
    values = {"data": CODEC.dumps(dict(session)), "seen_at": now()}
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(update(UserSession).where(UserSession.key == session.key).values(**values))


def _forget(session: ServerSession) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(delete(UserSession).where(UserSession.key.in_([session.key, session.old_key])))
