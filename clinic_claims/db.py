"""The database: one session, one naming convention, exact money, dates apart from moments, one way to commit."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import g, has_app_context, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

CENT = Decimal("0.01")
THEN = "once committed"
TRUSTED = 1.0  # seconds since its last use in which a connection to a server is taken to be alive


class Money(TypeDecorator[Decimal]):
    """Dollars to the cent, kept as whole cents so that every database sums them exactly."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Store cents. Raises ValueError for a float or for more than two decimals."""
        if value is None:
            return None
        if isinstance(value, float) or (cents := Decimal(value) * 100) != int(cents):
            raise ValueError(f"not an exact amount of money: {value!r}")
        return int(cents)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Give dollars back; a sum of whole cents is whole cents."""
        return None if value is None else Decimal(int(value)).scaleb(-2)


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC and always aware; a date has its own type."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC. Raises ValueError for a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC moment."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Parent of all tables: constraint names are stable, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    registry = registry(metadata=metadata, type_annotation_map={Decimal: Money, datetime: Moment})


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base  # a type checker cannot see through db.Model
else:
    Model = db.Model


@contextmanager
def transaction() -> Generator[None]:
    """Commit what the block did, all or nothing. Views, commands and jobs use it; services never commit."""
    if _only_reads():
        _begin_anew(db.session())
        g.writes = True
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        db.session.info.pop(THEN, None)
        raise
    finally:
        if has_app_context():
            g.pop("writes", None)  # what the page reads from here on need not keep other writers waiting
    for do in db.session.info.pop(THEN, []):
        do()


def _begin_anew(session: Session) -> None:
    """Let a page or a job that was only reading start anew as a writer; a page goes on with what it has read."""
    if not has_request_context():
        return session.rollback()
    session.expire_on_commit = False
    if session.new or session.dirty or session.deleted:
        session.rollback()
    elif session.get_bind().dialect.name == "sqlite":
        session.commit()  # anywhere else a reader may write
    return None


def once_committed(do: Callable[[], object]) -> None:
    """Do something when the transaction at hand is committed, and not at all when it fails: what cannot be undone."""
    db.session.info.setdefault(THEN, []).append(do)


def prepare(engine: Engine, key: bytes | None = None) -> None:
    """Give an SQLite engine its house settings, and the key of an encrypted file; PostgreSQL needs none."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_pragmas, key), insert=True)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", _used)
        event.listen(engine, "checkin", _used)
        event.listen(engine, "checkout", partial(_try, engine.dialect))


def _used(_: Any, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _try(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
    """Try a connection that lay idle before it is used: work goes on by itself when a standby has taken over.

    A page takes its connection twice in a row; to try it each time would cost as much as a question.
    """
    if time.monotonic() - record.info["used"] <= TRUSTED:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def unlock(connection: Any, key: bytes | None) -> None:
    """Give a driver's connection the key of its file, before anything is read."""
    if key is not None:
        connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is told by us, in a sentence
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")


def _pragmas(key: bytes | None, connection: Any, _: Any) -> None:
    """Set up a connection. FULL: what was acknowledged outlives a power cut; it costs some milliseconds a deed."""
    connection.isolation_level = None  # we say BEGIN ourselves, below
    unlock(connection, key)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    """Take the write lock at once unless we only read: a late upgrade would fail instead of waiting."""
    connection.exec_driver_sql("BEGIN" if _only_reads() else "BEGIN IMMEDIATE")


def _only_reads() -> bool:
    if not has_app_context() or g.get("writes"):
        return False
    return g.get("only_reads", False) or (has_request_context() and request.method in ("GET", "HEAD", "OPTIONS"))
