"""Take a step back: what it changed is kept for a day and put back exactly, unless something was built on it."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Table, delete, event, inspect, select, tuple_
from sqlalchemy.orm import Session

from ..db import Base, Money, db
from ..domain.lifecycle import LIFECYCLES
from ..domain.permissions import Permission
from ..models import Claim, Deadline, Denial, Event, Letter, TakenStep, User, Visit
from . import history, steps, workitems
from .deeds import Deed, Refused
from .readiness import Subject

FOR = timedelta(hours=24)
WATCH = "step_watch"  # in the session's info while a step is taken
FOLLOWS = ("event", "work_item", "taken_step", "version_id")  # tables, and the column, that look after themselves
BESIDE = (*history.QUIET, "call", "note", "follow_up_done", "assign", "snooze", "wake", "plan_work")
FINAL = {
    ("appeal", "sign"): "A signature is not taken back: return the letter with a reason.",
    ("denial", "sign_write_off"): "A write-off that two people signed is not taken back.",
}
INSTEAD = {"appeal": "withdraw that appeal", "denial": "work that denial", "delivery": "withdraw the appeal"}

Row = tuple[str, int]


@dataclass
class _Watch:
    """What one step has changed so far: rows as they were, rows it made, its lines of history."""

    before: dict[Row, dict[str, Any]] = field(default_factory=dict)
    made: list[Row] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    removed: bool = False


@contextmanager
def kept(record: Subject, action: str, deed: Deed) -> Generator[None]:
    """Keep what the step in the block changes, so that it can be taken back."""
    session = db.session()
    session.flush()
    watch = session.info[WATCH] = _Watch()
    try:
        yield
        session.flush()
    finally:
        del session.info[WATCH]
    if watch.events:
        session.add(_taken(record, action, deed, watch))


def _taken(record: Subject, action: str, deed: Deed, watch: _Watch) -> TakenStep:
    made = set(watch.made)
    after = {row: _image(*row) for row in watch.before if row not in made}
    rows = [
        {"table": row[0], "id": row[1], "was": was, "is": is_}
        for row, now in after.items()
        if (was := _parted(watch.before[row], now)) and (is_ := _parted(now, watch.before[row]))
    ]
    return TakenStep(
        subject=record.__tablename__,
        subject_id=record.id,
        action=action,
        event_id=max(watch.events),
        at=deed.at,
        actor=deed.actor,
        changed={"rows": rows, "made": [list(row) for row in watch.made], "removed": watch.removed},
    )


@event.listens_for(Session, "before_flush")
def _see_changes(session: Session, *_: object) -> None:
    watch: _Watch | None = session.info.get(WATCH)
    if watch is None:
        return
    for row in session.dirty:
        if session.is_modified(row) and row.__tablename__ not in FOLLOWS:
            watch.before.setdefault((row.__tablename__, row.id), _image(row.__tablename__, row.id))
    watch.removed |= any(row.__tablename__ not in FOLLOWS for row in session.deleted)


@event.listens_for(Session, "after_flush")
def _see_new_rows(session: Session, *_: object) -> None:
    watch: _Watch | None = session.info.get(WATCH)
    if watch is None:
        return
    watch.events += [row.id for row in session.new if isinstance(row, Event)]
    watch.made += [(row.__tablename__, row.id) for row in session.new if row.__tablename__ not in FOLLOWS]


def _image(table: str, key: int) -> dict[str, Any]:
    """Read a row as the database has it, in values that JSON knows; nothing for one that is gone."""
    found = db.session.connection().execute(select(_table(table)).where(_table(table).c.id == key)).mappings().first()
    return {name: _plain(value) for name, value in (found or {}).items() if name not in FOLLOWS}


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _value(column: "Column[Any]", plain: Any) -> Any:
    """Read a value of an image back."""
    if plain is None or isinstance(plain, list | dict):
        return plain
    kind = Decimal if isinstance(column.type, Money) else column.type.python_type
    return kind.fromisoformat(plain) if issubclass(kind, date) else kind(plain)


def _parted(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if value != other.get(name)}


def lately(events: Iterable[Event], deed: Deed) -> dict[int, TakenStep]:
    """Return the steps behind these lines of history that were taken within FOR, by the line's number."""
    numbers = [row.id for row in events if deed.at - row.at < FOR]
    if not numbers:
        return {}
    found = db.session.scalars(select(TakenStep).where(TakenStep.event_id.in_(numbers)))
    return {step.event_id: step for step in found if step.undone_at is None}


def last(record: Subject) -> TakenStep | None:
    """Return the newest step of a record that is still kept."""
    mine = select(TakenStep).where(TakenStep.subject == record.__tablename__, TakenStep.subject_id == record.id)
    return db.session.scalar(mine.order_by(TakenStep.id.desc()).limit(1))


def why_not(step: TakenStep, deed: Deed) -> list[str]:
    """Say why a step cannot be taken back by this person now; nothing when it can."""
    if step.undone_at is not None:
        return ["It was taken back already."]
    if deed.at - step.at >= FOR:
        return ["More than 24 hours have passed: take the step that leads on from here."]
    if lasting := lasting_reasons(step):
        return lasting
    if not _may(step, deed):
        return ["Only the person who took the step, or a manager, can take it back."]
    return _built_on(step)


def lasting_reasons(step: TakenStep) -> list[str]:
    """Say why a step can never be taken back, whoever asks."""
    if reason := FINAL.get((step.subject, step.action)):
        return [reason]
    made = [(table, key) for table, key in step.changed["made"] if table != "deadline"]
    if made or step.changed["removed"]:
        opened = _reference(*made[0]) if made else "something"
        return [f"It brought {opened} with it: {INSTEAD.get(made[0][0] if made else '', 'go on from here')} instead."]
    return []


def _reference(table: str, key: int) -> str:
    found = db.session.get(_model(table), key)
    return getattr(found, "reference", None) or f"a {table.replace('_', ' ')}"


def _model(table: str) -> type[Any]:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == table)


def _may(step: TakenStep, deed: Deed) -> bool:
    person = db.session.get(User, deed.user_id) if deed.user_id else None
    return deed.actor == step.actor or (person is not None and person.may(Permission.STEP_UNDO))


def _built_on(step: TakenStep) -> list[str]:
    """Find what happened since to the records the step changed, or to what hangs from them."""
    about = {(row["table"], row["id"]) for row in step.changed["rows"] if row["table"] in LIFECYCLES}
    near = _near(about | {(step.subject, step.subject_id)})
    later = select(Event).where(Event.id > step.event_id, tuple_(Event.subject, Event.subject_id).in_(near))
    since = db.session.scalar(later.where(Event.action.not_in(BESIDE)).order_by(Event.id).limit(1))
    if since is not None:
        return [f"Something was built on it since: {since.sentence}"]
    if any(_parted(row["is"], _image(row["table"], row["id"])) for row in step.changed["rows"]):
        return ["The record was changed since."]
    return []


def _near(about: set[Row]) -> list[Row]:
    """Add what hangs from these records, and what they hang from."""
    denials = [key for table, key in about if table == "denial"]
    appeals = [db.session.get_one(_model("appeal"), key).denial_id for table, key in about if table == "appeal"]
    owners = select(Denial.claim_id, Denial.authorization_id).where(Denial.id.in_([*denials, *appeals]))
    above = {("denial", key) for key in appeals}
    for claim_id, authorization_id in db.session.execute(owners):
        above.add(("claim", claim_id) if claim_id else ("authorization", authorization_id))
    below = workitems.widened(about)
    under = [key for table, key in about if table == "authorization"]
    below["claim"] |= set(db.session.scalars(select(Claim.id).where(Claim.authorization_id.in_(under))))
    below["visit"] |= set(db.session.scalars(select(Visit.id).where(Visit.authorization_id.in_(under))))
    written = Letter.appeal_id.in_(below["appeal"]) | Letter.denial_id.in_(below["denial"])
    below["letter"] = set(db.session.scalars(select(Letter.id).where(written | Letter.authorization_id.in_(under))))
    return [*above, *((table, key) for table, keys in below.items() for key in keys)]


def undo(step: TakenStep, deed: Deed) -> None:
    """Put back what a step changed: state, fields and clocks. The history keeps both. Raises Refused with reasons."""
    if reasons := why_not(step, deed):
        raise Refused(*reasons)
    label = next(each.label for each in LIFECYCLES[step.subject].steps if each.action == step.action)
    with db.session.no_autoflush:
        for table, key in step.changed["made"]:
            db.session.delete(db.session.get_one(_model(table), key))
        for row in step.changed["rows"]:
            _put_back(row, f"Taken back: {label}.", deed)
        step.undone_at = deed.at
    db.session.flush()


def _put_back(row: dict[str, Any], sentence: str, deed: Deed) -> None:
    found = db.session.get_one(_model(row["table"]), row["id"])
    columns = inspect(type(found)).columns
    was = {name: _value(columns[name], plain) for name, plain in row["was"].items()}
    state = was.pop("state", None)
    for name, value in was.items():
        setattr(found, name, value)
    if state is not None:
        steps.put_back(found, state, deed, sentence=sentence)
    elif row["table"] in LIFECYCLES:
        history.record(found, "take_back", deed, sentence=sentence)
    elif isinstance(found, Deadline):
        _look_again(found)


def _look_again(clock: Deadline) -> None:
    """The worklist item of whatever a clock runs on follows the clock."""
    for subject in LIFECYCLES:
        workitems.touch(db.session(), subject, getattr(clock, f"{subject}_id"))


def forget(before: datetime) -> None:
    """Drop what was kept of steps that are too old to be taken back."""
    db.session.execute(delete(TakenStep).where(TakenStep.at < before - FOR))


__all__ = ["FOR", "forget", "kept", "last", "lasting_reasons", "lately", "undo", "why_not"]
