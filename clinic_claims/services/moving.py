"""Move the clinic to another database, such as from the office PC's to a server: everything or nothing, and checked.

The old database takes no changes while it is copied, and is left as it was. Documents stay where they lie, until they
are moved by themselves: each is read back from the new store before it counts.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select

from ..db import db
from ..models import Document
from ..storage import Damaged, Store
from . import history
from .deeds import Refused

AT_ONCE = 2000  # rows


def copy(source: Engine, target: Engine) -> dict[str, int]:
    """Copy every row in one transaction and compare both sides; return how many rows each table has.

    Raises Refused, with nothing written, where the target holds anything or a table arrived otherwise than it was.
    """
    with source.begin() as old, target.begin() as new:
        if full := [table.name for table in tables() if new.execute(select(table).limit(1)).first()]:
            raise Refused(f"The target holds data already ({', '.join(full)}). Give an empty database.")
        counts = {table.name: _copy_table(table, old, new) for table in tables()}
        _move_sequences(new)
        if wrong := [table.name for table in tables() if digest(table, old) != digest(table, new)]:
            raise Refused(f"These tables did not arrive as they were: {', '.join(wrong)}. Nothing was moved.")
    return counts


def prove(*keys: bytes) -> int:
    """Walk the history of the open database; return how many events there are. Raises Refused with the first fault."""
    events, broken = history.verify(*keys)
    if broken:
        raise Refused(f"The history does not add up: {broken}. Nothing was moved.")
    return events


def copy_documents(old: Store, new: Store) -> int:
    """Copy every document on record to another store; return how many. Raises Refused naming those that cannot be.

    What was copied before an error stays there and is not copied again.
    """
    bad: list[str] = []
    wanted = sorted(set(db.session.scalars(select(Document.sha256))))
    db.session.rollback()
    for digest in wanted:
        try:
            new.put(old.get(digest))
            new.get(digest)
        except (FileNotFoundError, Damaged):
            bad.append(digest)
    if bad:
        raise Refused(*(f"Document {digest} is missing or changed: bring it back from a backup." for digest in bad))
    return len(wanted)


def tables() -> list[Table]:
    """Return the tables, parents before children."""
    return db.metadata.sorted_tables


def _copy_table(table: Table, old: Connection, new: Connection) -> int:
    count = 0
    for rows in _rows(table, old):
        new.execute(insert(table), [row._asdict() for row in rows])
        count += len(rows)
    return count


def _rows(table: Table, connection: Connection) -> Iterator[list[Any]]:
    """Read a table in the order of its key, so that a row comes after the earlier one it names."""
    with connection.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key)) as found:
        yield from (list(part) for part in found.partitions())


def digest(table: Table, connection: Connection) -> int:
    """Sum up everything a table holds, in whatever order: the same on either kind of database."""
    total = 0
    for rows in _rows(table, connection):
        total += sum(int.from_bytes(sha256(repr(tuple(row)).encode()).digest()) for row in rows)
    return total


def _move_sequences(new: Connection) -> None:
    """Let PostgreSQL give out keys after ours; SQLite does so by itself."""
    if new.dialect.name != "postgresql":
        return
    for table in tables():
        if (column := table.autoincrement_column) is not None:
            next_key = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            new.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), next_key, False)))
