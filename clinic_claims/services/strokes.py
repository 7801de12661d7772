"""Do many deeds in one stroke: keys are taken ahead and the database is written to once, at the end.

Only deeds that ask nothing of what the stroke itself has changed may share one; whoever opens it sees to that. The
history, its guard and the worklist see the same rows as without: only the number of statements differs.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, func, insert, inspect, select, text, update
from sqlalchemy.orm import RelationshipDirection
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from ..db import Model, db
from ..models import Event
from ..models.history import Told, write_told

T = TypeVar("T")
NEXT = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


class Stroke:
    """What an open stroke knows: its history, keys it gave away, clocks that run on records, answers it has heard."""

    def __init__(self) -> None:
        self.clocks: dict[tuple[str, int], list[Any]] = {}
        self.told: list[Told] = []
        self._born: dict[tuple[str, int], Any] = {}
        self._hanging: list[Any] = []
        self._put: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self._said: dict[Any, Any] = {}
        self._last: dict[str, int] = {}
        self._ready: dict[str, list[int]] = {}

    def number(self, row: Any) -> None:
        """Give a new record its key, and add it; nothing hangs from it yet."""
        ready = self._ready.get(row.__tablename__)
        row.id = ready.pop(0) if ready else self.take(type(row), 1)[0]
        self.clocks[row.__tablename__, row.id] = []
        self._born[row.__tablename__, row.id] = row

    def expect(self, model: Any, count: int) -> None:
        """Take the keys of so many new records ahead, by one statement."""
        if count:
            self._ready[model.__tablename__] = self.take(model, count)

    def hang(self, rows: Iterable[Any]) -> None:
        """Add new records that hang from another; their keys are taken at the end."""
        self._hanging += rows

    def once(self, key: Any, ask: Callable[[], Any]) -> Any:
        """Ask, or repeat what was said before."""
        if key not in self._said:
            self._said[key] = ask()
        return self._said[key]

    def bore(self, row: Any) -> bool:
        """Say whether a record was made in this stroke."""
        return (row.__tablename__, row.id) in self._born

    def put(self, row: Any, news: Mapping[str, Any]) -> None:
        """Change columns; the row itself hears at once, the database at the end."""
        for name, value in news.items():
            if getattr(row, name) != value:
                set_committed_value(row, name, value)
                self._put[row][name] = value

    def take(self, model: Any, count: int) -> list[int]:
        """Take keys that are given to no other row."""
        name = model.__tablename__
        taken = keys(model, count, after=self._last.get(name))
        self._last[name] = taken[-1]
        return taken

    def close(self) -> None:
        """Write the history, what was changed and what is new, each by few statements."""
        moved = [(row.__tablename__, row.id, new["state"]) for row, new in self._put.items() if "state" in new]
        write_told(db.session(), self.told, moved)
        _update(self._put)
        _insert(self._born.values())
        for model, rows in _by_model(self._hanging).items():
            for row, key in zip(rows, self.take(model, len(rows)), strict=True):
                row.id = key
        _insert(self._hanging)


def _by_model(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[type(row)].append(row)
    return found


def _insert(made: Iterable[Any]) -> None:
    """Insert new records past the session: one statement for all of a model in which the same columns are filled."""
    alike: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for model, rows in _by_model(made).items():
        columns, parents = [each.key for each in inspect(model).column_attrs], list(_parents(model))
        for held in map(vars, rows):
            told = {name: held[name] for name in columns if name in held}
            told |= {key: held[name].id for name, key in parents if held.get(name) is not None}
            alike[model, *told].append(told)
    for (model, *_), filled in alike.items():
        db.session.connection().execute(insert(model.__table__), filled)


def _parents(model: Any) -> Iterator[tuple[str, str]]:
    """Name what records hang from, each with the column that holds its key."""
    for each in inspect(model).relationships:
        if each.direction is RelationshipDirection.MANYTOONE:
            for column, _ in each.local_remote_pairs:
                yield each.key, column.key


def _update(put: Mapping[Any, dict[str, Any]]) -> None:
    """Change records past the session: one statement for all of a model in which the same columns change."""
    alike: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row, news in sorted(put.items(), key=lambda each: each[0].id):
        told = {"key": row.id} | {f"new_{name}": value for name, value in news.items()}
        if row.__mapper__.version_id_col is not None:
            told |= {"seen": row.version_id, "new_version_id": row.version_id + 1}
            set_committed_value(row, "version_id", row.version_id + 1)
        alike[row.__table__, *sorted(told)].append(told)
    for (table, *names), told in alike.items():
        _change(table, names, told)


def _change(table: Table, names: Sequence[str], told: Sequence[dict[str, Any]]) -> None:
    """Raises StaleDataError, as the session does, when another has changed one of the rows since it was read."""
    own, versioned = table.c.id == bindparam("key"), "seen" in names
    if versioned:
        own &= table.c.version_id == bindparam("seen")
    news = {name.removeprefix("new_"): bindparam(name) for name in names if name.startswith("new_")}
    done = db.session.connection().execute(update(table).where(own).values(news), told)
    if versioned and done.rowcount != len(told):
        raise StaleDataError(f"{len(told) - done.rowcount} rows of {table.name} were changed by somebody else")


_open: ContextVar[Stroke | None] = ContextVar("stroke", default=None)


@contextmanager
def one_stroke() -> Generator[Stroke]:
    """Write what the block does once, at its end."""
    db.session.flush()
    stroke = Stroke()
    token = _open.set(stroke)
    try:
        with db.session.no_autoflush:
            yield stroke
            stroke.close()
    finally:
        _open.reset(token)
    db.session.flush()


def current() -> Stroke | None:
    """Return the open stroke, if any."""
    return _open.get()


def number(row: Any) -> None:
    """Add a new record and give it its key."""
    if stroke := current():
        stroke.number(row)
    else:
        db.session.add(row)
        db.session.flush()


def hang(rows: Sequence[Any]) -> None:
    """Add new records that hang from another and get their keys when they are written."""
    if stroke := current():
        stroke.hang(rows)
    else:
        db.session.add_all(rows)


def tell(told: Told) -> None:
    """Add a line of history, to be written with the next flush or with the stroke."""
    if stroke := current():
        stroke.told.append(told)
    else:
        db.session.add(Event(**told))


def put(row: Any, **news: Any) -> None:
    """Change columns of a record; with a state comes its event."""
    stroke = current()
    if stroke and inspect(row).persistent:
        stroke.put(row, news)
        return
    for name, value in news.items():
        setattr(row, name, value)


def once(key: Any, ask: Callable[[], T]) -> T:
    """Ask what no deed of a stroke changes: of the database once a stroke, else each time."""
    stroke = current()
    return stroke.once(key, ask) if stroke else ask()


def flush() -> None:
    """Write to the database now, or with the stroke."""
    if current() is None:
        db.session.flush()


def keys(model: Any, count: int, *, after: int | None = None) -> list[int]:
    """Take keys for new rows, which no other transaction can take: SQLite has a single writer, PostgreSQL a sequence.

    `after` is the last key taken for rows that are not written yet.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        return list(db.session.scalars(NEXT, {"table": model.__tablename__, "count": count}))
    last = after or db.session.connection().scalar(select(func.max(model.__table__.c.id))) or 0
    return list(range(last + 1, last + count + 1))


def write(model: type[Model], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows by one statement; each learns its key, and all are returned in the same order."""
    if not rows:
        return []
    taken = keys(model, len(rows))
    for key, row in zip(taken, rows, strict=True):
        row["id"] = key
    db.session.connection().execute(insert(model.__table__), rows)  # pyright: ignore[reportArgumentType]
    return taken


@contextmanager
def large_work() -> Generator[None]:
    """Spare the memory's upkeep from looking again and again at all that was there before a large piece of work."""
    usual, settled = gc.get_threshold(), gc.get_freeze_count()  # a server has spared it already
    if not settled:
        gc.freeze()
    gc.set_threshold(10 * usual[0], *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        if not settled:
            gc.unfreeze()
