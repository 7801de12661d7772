"""Do many deeds in one stroke: keys are taken ahead and the database is written to once, at the end.

Only deeds that ask nothing of what the stroke itself has changed may share one; whoever opens it sees to that. The
history, its guard and the worklist see the same rows as without: only the number of statements differs.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, insert, inspect, select, text, update
from sqlalchemy.orm.attributes import get_history, set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from ..db import Model, db
from ..models import Event
from ..models.history import Told, write_told

T = TypeVar("T")
OPEN = "stroke"  # in the session's info, while one is open
NEXT = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


class Stroke:
    """What an open stroke knows: its history, keys it gave away, clocks that run on records, answers it has heard."""

    def __init__(self) -> None:
        self.clocks: dict[tuple[str, int], list[Any]] = {}
        self.told: list[Told] = []
        self._put: defaultdict[tuple[Any, str], dict[int, Any]] = defaultdict(dict)
        self._said: dict[Any, Any] = {}
        self._last: dict[str, int] = {}

    def number(self, row: Any) -> None:
        """Give a new record its key, and add it; nothing hangs from it yet."""
        row.id = self.take(type(row), 1)[0]
        self.clocks[row.__tablename__, row.id] = []
        db.session.add(row)

    def once(self, key: Any, ask: Callable[[], Any]) -> Any:
        """Ask, or repeat what was said before."""
        if key not in self._said:
            self._said[key] = ask()
        return self._said[key]

    def bore(self, row: Any) -> bool:
        """Say whether a record was made in this stroke."""
        return bool(inspect(row).pending)

    def put(self, row: Any, name: str, value: Any) -> None:
        """Change a column; the row itself hears at once, the database at the end."""
        set_committed_value(row, name, value)
        self._put[type(row), name][row.id] = value

    def take(self, model: Any, count: int) -> list[int]:
        """Take keys that are given to no other row."""
        name = model.__tablename__
        taken = keys(model, count, after=self._last.get(name))
        self._last[name] = taken[-1]
        return taken

    def close(self) -> None:
        """Write the history and what of it the session would write row by row, and give every new row its key."""
        write_told(db.session(), self.told)
        _write_put(self._put)
        _write_changes(row for row in db.session.dirty if inspect(row).mapper.version_id_col is not None)
        fresh: defaultdict[Any, list[Any]] = defaultdict(list)
        for row in db.session.new:
            if row.id is None:
                fresh[type(row)].append(row)
        for model, rows in fresh.items():
            for row, key in zip(rows, self.take(model, len(rows)), strict=True):
                row.id = key


def _write_put(put: Mapping[tuple[Any, str], dict[int, Any]]) -> None:
    for (model, name), values in put.items():
        statement = update(model.__table__).where(model.id == bindparam("key")).values({name: bindparam("new")})
        told = [{"key": key, "new": value} for key, value in sorted(values.items())]
        db.session.connection().execute(statement, told)


def _write_changes(rows: Iterable[Any]) -> None:
    """Write changed records that carry a version: one statement for all in which the same columns changed."""
    alike: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: each.id):
        if changed := tuple(_changed(row)):
            alike[type(row), changed].append(row)
    for (model, changed), changing in alike.items():
        _update(model, changed, changing)


def _changed(row: Any) -> Iterator[str]:
    state = inspect(row)
    for name in sorted(state.committed_state):  # what was set, be it to the value that it had
        if name in state.mapper.column_attrs and get_history(row, name).has_changes():
            yield name


def _update(model: Any, changed: tuple[str, ...], rows: Sequence[Any]) -> None:
    """Raises StaleDataError, as the session does, when another has changed one of the rows since it was read."""
    table = model.__table__
    seen = (table.c.id == bindparam("key"), table.c.version_id == bindparam("seen"))
    values = {name: bindparam(f"new_{name}") for name in (*changed, "version_id")}
    news = [{f"new_{name}": getattr(row, name) for name in changed} for row in rows]
    told = [
        new | {"key": row.id, "seen": row.version_id, "new_version_id": row.version_id + 1}
        for row, new in zip(rows, news, strict=True)
    ]
    done = db.session.connection().execute(update(table).where(*seen).values(values), told)
    if done.rowcount != len(rows):
        raise StaleDataError(f"{len(rows) - done.rowcount} rows of {table.name} were changed by somebody else")
    for row in rows:
        for name in changed:
            set_committed_value(row, name, getattr(row, name))
        set_committed_value(row, "version_id", row.version_id + 1)


@contextmanager
def one_stroke() -> Generator[Stroke]:
    """Write what the block does once, at its end."""
    db.session.flush()
    stroke = db.session.info[OPEN] = Stroke()
    try:
        with db.session.no_autoflush:
            yield stroke
            stroke.close()
    finally:
        db.session.info.pop(OPEN)
    db.session.flush()


def current() -> Stroke | None:
    """Return the open stroke, if any."""
    return db.session.info.get(OPEN)


def number(row: Any) -> None:
    """Add a new record and give it its key."""
    if stroke := current():
        stroke.number(row)
    else:
        db.session.add(row)
        db.session.flush()


def tell(told: Told) -> None:
    """Add a line of history, to be written with the next flush or with the stroke."""
    if stroke := current():
        stroke.told.append(told)
    else:
        db.session.add(Event(**told))


def put(row: Any, name: str, value: Any) -> None:
    """Change one column of a record that has neither version nor state."""
    stroke = current()
    if stroke and inspect(row).persistent:
        stroke.put(row, name, value)
    else:
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
    last = after or db.session.scalar(select(func.max(model.id))) or 0
    return list(range(last + 1, last + count + 1))


def write(model: type[Model], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows by one statement; returns their keys in the same order."""
    if not rows:
        return []
    taken = keys(model, len(rows))
    numbered = [{"id": key, **row} for key, row in zip(taken, rows, strict=True)]
    db.session.connection().execute(insert(model.__table__), numbered)  # pyright: ignore[reportArgumentType]
    return taken


@contextmanager
def large_work() -> Generator[None]:
    """Spare the memory's upkeep from looking again and again at all that was there before a large piece of work."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(10 * usual[0], *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
