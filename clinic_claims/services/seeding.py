"""Load made-up claims in bulk, for scale tests: the same seed on the same day gives the same claims.

Rows go to the database by the thousand, past the session, so that what the session would guard is kept here: one
sealed event a step, in one chain with those on record.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, Table, func, insert, select, text

from ..db import Model, db, transaction
from ..models import (
    Appeal,
    Claim,
    Coverage,
    Deadline,
    Denial,
    DenialLine,
    Event,
    Facility,
    Patient,
    Payer,
    Plan,
    Provider,
    ServiceLine,
    TreatmentCase,
)
from ..models.history import CHAIN_LOCK, key_at_work, seal
from . import workitems
from .deeds import Deed, Refused
from .made_up import Clinic, Maker

PARTIES: tuple[type[Model], ...] = (Payer, Plan, Provider, Facility, Patient, Coverage, TreatmentCase)
TABLES: tuple[type[Model], ...] = (*PARTIES, Claim, ServiceLine, Denial, DenialLine, Appeal, Deadline, Event)
COUNTED: tuple[type[Model], ...] = (Patient, Claim, ServiceLine, Denial, Appeal, Deadline, Event)
AT_ONCE = 500  # claims held in memory before they are written


def load(claims: int, seed: int, deed: Deed) -> dict[str, int]:
    """Make up claims and load them in one transaction. Return how many rows of each kind were written.

    Raises Refused when claims of this seed are on record already.
    """
    with transaction():
        if db.session.scalar(select(Claim.id).where(Claim.number.like(f"S{seed}-%")).limit(1)):
            raise Refused(f"The claims of seed {seed} are on record already. Choose another --seed.")
        writer = Writer(deed)
        maker = Maker(writer, Clinic.made(writer, seed), seed, deed)
        for first in range(1, claims + 1, AT_ONCE):
            made = [maker.make(number) for number in range(first, min(first + AT_ONCE, claims + 1))]
            writer.flush()
            workitems.refresh({("claim", claim) for claim in made if claim})
            db.session.flush()
            db.session.expunge_all()
        writer.move_sequences()
    return {f"{model.__tablename__}s": writer.count[model] for model in COUNTED}


class Writer:
    """Rows on their way to the database, with their keys given out beforehand."""

    def __init__(self, deed: Deed) -> None:
        self.connection = db.session.connection()
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
        self.actor, self._now = deed.actor, deed.at
        self.count = dict.fromkeys(TABLES, 0)
        self._last = {model: self.connection.scalar(select(func.max(_table(model).c.id))) or 0 for model in TABLES}
        self._empty = {model: _defaults(_table(model)) for model in TABLES}
        self._statements = {model: _Statement(_table(model), self.connection.dialect) for model in TABLES}
        self._rows: dict[type[Model], list[dict[str, Any]]] = {model: [] for model in TABLES}
        self._key = key_at_work(db.session())
        newest = select(Event.digest).order_by(Event.id.desc()).limit(1)
        self._previous = self.connection.scalar(newest) or ""

    def add(self, model: type[Model], **values: Any) -> int:
        """Add a row; columns that are not named take their default. Return its key."""
        self.count[model] += 1
        self._last[model] = key = self._last[model] + 1
        self._rows[model].append({**self._empty[model], **values, "id": key})
        return key

    def tell(self, subject: str, key: int, patient: int, at: datetime, action: str, sentence: str, **step: Any) -> None:
        """Add the event of a step, sealed to the one before; none comes later than now."""
        fields = {
            **self._empty[Event],
            "subject": subject,
            "subject_id": key,
            "patient_id": patient,
            "at": min(at, self._now),
            "actor": self.actor,
            "action": action,
            "sentence": sentence,
            "previous": self._previous,
            **step,
        }
        fields["digest"] = self._previous = seal(fields, self._key, self._previous)
        self.add(Event, **fields)

    def flush(self) -> None:
        """Write what is held, parents before children."""
        for model, rows in self._rows.items():
            if rows:
                self._statements[model].run(self.connection, rows)
                rows.clear()

    def move_sequences(self) -> None:
        """Let PostgreSQL give out keys after ours; SQLite does so by itself."""
        if self.connection.dialect.name != "postgresql":
            return
        for model, last in self._last.items():
            sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
            if self.count[model]:
                self.connection.execute(select(func.setval(sequence, last)))


class _Statement:
    """An INSERT in the driver's own terms, which takes a third of the time of one that is bound row by row."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        compiled = insert(table).compile(dialect=dialect)
        self._sql = str(compiled)
        self._names = compiled.positiontup or [column.name for column in table.columns]
        self._spelled = {
            column.name: spell
            for column in table.columns
            if (spell := column.type.dialect_impl(dialect).bind_processor(dialect))
        }
        self._positional = bool(compiled.positiontup)

    def run(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        """Spell the values as the driver wants them, and hand all rows over at once."""
        for row in rows:
            for name, spell in self._spelled.items():
                row[name] = spell(row[name])
        given: Any = [tuple(map(row.__getitem__, self._names)) for row in rows] if self._positional else rows
        connection.exec_driver_sql(self._sql, given)


def _table(model: type[Model]) -> Table:
    return model.__table__  # pyright: ignore[reportReturnType] (every model of ours is a plain table)


def _defaults(table: Table) -> dict[str, Any]:
    """Return the value each column takes when none is given."""
    return {column.name: _default(column.default) for column in table.columns}


def _default(default: Any) -> Any:
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg
