"""The history: one chained row for everything that happens, and the guard that keeps it true."""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from typing import Any

from flask import current_app
from sqlalchemy import BigInteger, Connection, Index, Integer, event, func, insert, inspect, select, true
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.orm.attributes import get_history

from ..db import Model
from .columns import Data


class HistoryBroken(RuntimeError):
    """Code tried to change a state, or the history itself, behind the history's back."""


class KeyMissing(RuntimeError):
    """The history goes on under an audit key that is not in place; `reasons` say what to do."""

    def __init__(self, name: str) -> None:
        self.reasons = [
            f"The history is sealed with audit key {name}, which is not in place: set it as AUDIT_KEY, or among those "
            "before, and start again."
        ]
        super().__init__(self.reasons[0])


class Event(Model):
    """Who did what to which record, when. Written once, never changed; `digest` chains it to the one before."""

    __table_args__ = (Index("ix_event_subject", "subject", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    subject: Mapped[str]  # table name, or "session" and the like for what has no record
    subject_id: Mapped[int | None]
    patient_id: Mapped[int | None] = mapped_column(index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(index=True)
    left: Mapped[str | None]
    reached: Mapped[str | None]
    sentence: Mapped[str]
    data: Mapped[Data]
    previous: Mapped[str]
    digest: Mapped[str]

    def sealed(self, key: bytes, previous: str) -> str:
        """Compute the HMAC-SHA256 over every field and the digest before."""
        return seal(self.told(), key, previous)

    def told(self) -> "Told":
        """Return what the event says, without its place in the chain."""
        return {name: getattr(self, name) for name in TOLD}


Told = dict[str, Any]  # what an event says, by the names of its columns
Move = tuple[str, int | None, str | None]  # table and key of a record, and the state it reaches
TOLD = ("subject", "subject_id", "patient_id", "at", "actor", "action", "left", "reached", "sentence", "data")
_spelled = json.JSONEncoder(sort_keys=True, default=str).encode


def seal(fields: Mapping[str, Any], key: bytes, previous: str) -> str:
    """Compute the HMAC-SHA256 over an event's fields and the digest before it."""
    told = [fields[name] for name in TOLD]
    told[TOLD.index("at")] = fields["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return hmac.digest(key, _spelled([*told, previous]).encode(), "sha256").hex()


CHANGED_KEY, PURGED = "change_audit_key", "purge_history"  # events whose `data` name the key that seals from there on


def name_of(key: bytes) -> str:
    """Return what tells an audit key from others, and opens nothing."""
    return sha256(b"audit key " + key).hexdigest()[:16]


def audit_keys() -> list[bytes]:
    """Return the audit key and those before it, the newest first."""
    return [str(key).encode() for key in (current_app.config["AUDIT_KEY"], *current_app.config["AUDIT_KEYS_BEFORE"])]


def key_named(data: Mapping[str, Any]) -> bytes:
    """Return the key that an event names; the oldest one where none is named. Raises KeyMissing."""
    known = {name_of(key): key for key in reversed(audit_keys())}
    name = data.get("key") or next(iter(known))
    if name not in known:
        raise KeyMissing(name)
    return known[name]


_event = Event.__table__
_naming = select(_event.c.id, _event.c.data).where(_event.c.action.in_((CHANGED_KEY, PURGED))).subquery()
_newest = select(func.max(_event.c.id)).scalar_subquery()
END = (  # the last event beside each that names a key; asked of the connection, as every page view asks it
    select(_event.c.id, _event.c.digest, _naming.c.id, _naming.c.data)
    .outerjoin_from(_event, _naming, true())
    .where(_event.c.id == _newest)
)


def end_of_chain(session: Session) -> tuple[int, str, bytes]:
    """Return number and digest of the last event written, and the key that seals the next. Raises KeyMissing."""
    rows = session.connection().execute(END).all()
    number, digest, _, naming = max(rows, key=lambda row: row[2] or 0, default=(0, "", None, None))
    return number, digest, key_named(naming or {})


def key_at_work(session: Session) -> bytes:
    """Return the key that seals the next event, as the history itself says. Raises KeyMissing."""
    session.flush()
    return end_of_chain(session)[2]


GUARDS = {
    "sqlite": (
        "CREATE TRIGGER IF NOT EXISTS event_is_not_edited BEFORE UPDATE ON event "
        "BEGIN SELECT RAISE(ABORT, 'the history is never changed'); END",
        "CREATE TRIGGER IF NOT EXISTS event_is_not_deleted BEFORE DELETE ON event "
        "BEGIN SELECT RAISE(ABORT, 'the history is never changed'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the history is never changed'; END $$",
        "CREATE OR REPLACE TRIGGER event_is_not_edited BEFORE UPDATE OR DELETE ON event "
        "FOR EACH ROW EXECUTE FUNCTION keep_history()",
        "CREATE OR REPLACE TRIGGER event_is_not_deleted BEFORE TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_history()",
    ),
}


def put_guard(connection: Connection) -> None:
    """Let the database itself refuse to change or remove an event; putting it twice is putting it once."""
    for statement in GUARDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def lift_guard(connection: Connection) -> None:
    """Take the guard off, for the one deed that the law allows after six years."""
    table = " ON event" if connection.dialect.name == "postgresql" else ""
    for name in ("event_is_not_edited", "event_is_not_deleted"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{table}")


@event.listens_for(Event.__table__, "after_create")
def _guard_new_table(_: object, connection: Connection, **__: object) -> None:
    put_guard(connection)


@event.listens_for(Session, "do_orm_execute")
def refuse_bulk_changes(call: ORMExecuteState) -> None:
    """Refuse bulk statements that would change states or events without the history's notice."""
    if not (call.is_update or call.is_delete):
        return
    tables = {mapper.class_.__tablename__ for mapper in call.all_mappers}
    if kept := tables & KEPT:
        raise HistoryBroken(f"{', '.join(sorted(kept))} changed in bulk, past the history")


KEPT = {"event", "claim", "authorization", "denial", "appeal", "letter"}
CHAIN_LOCK = 7_042_001  # PostgreSQL advisory lock held from the first event of a transaction to its end


@event.listens_for(Session, "before_flush")
def keep_history_true(session: Session, *_: object) -> None:
    """Refuse a state change that no new event tells of, and any edit or deletion of an event; then seal."""
    fresh = [row for row in session.new if isinstance(row, Event)]
    fresh.sort(key=lambda entry: inspect(entry).insert_order or 0)
    told = [entry.told() for entry in fresh]
    _refuse_untold(session, told)
    for entry, link in zip(fresh, _links(session, told), strict=True):
        for name, value in link.items():
            setattr(entry, name, value)


def write_told(session: Session, told: Sequence[Told], moved: Iterable[Move] = ()) -> None:
    """Guard the history as any flush does, and write many events by one statement, in the order given.

    `moved` are the records whose state is about to change past the session.
    """
    _refuse_untold(session, told, moved)
    if told:
        rows = [fields | link for fields, link in zip(told, _links(session, told), strict=True)]
        session.connection().execute(insert(Event), rows)


def _refuse_untold(session: Session, told: Iterable[Told], moved: Iterable[Move] = ()) -> None:
    if any(isinstance(row, Event) for row in session.deleted):
        raise HistoryBroken("an event was deleted")
    moves = {(fields["subject"], fields["subject_id"], fields["reached"]) for fields in told}
    for move in chain(moved, _moved(session)):
        if move not in moves:
            raise HistoryBroken("{} {} became {} with no event".format(*move))


def _moved(session: Session) -> Iterator[Move]:
    """Give what the session is about to change the state of. Raises HistoryBroken for an edited event."""
    for row in session.dirty:
        if isinstance(row, Event) and session.is_modified(row):
            raise HistoryBroken("an event was edited")
        if isinstance(row, Event) or not inspect(row).mapper.has_property("state") or row.__tablename__ in UNTOLD:
            continue
        if get_history(row, "state").has_changes():
            yield row.__tablename__, row.id, row.state


UNTOLD = {"plan", "clinic", "job"}  # their `state` is a place, or no step of a lifecycle


def _links(session: Session, told: Sequence[Told]) -> list[Told]:
    """Chain new events to the last one on record: each one's number, the digest before it, and its own."""
    if not told:
        return []
    hold_chain(session)
    before, previous, key = end_of_chain(session)
    links: list[Told] = []
    for number, fields in enumerate(told, start=before + 1):
        if fields["action"] == CHANGED_KEY:
            key = key_named(fields["data"])
        links.append({"id": number, "previous": previous, "digest": seal(fields, key, previous)})
        previous = links[-1]["digest"]
    return links


def hold_chain(session: Session) -> None:
    """Be the only one who writes history until the transaction ends; SQLite lets one writer in anyway."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")
