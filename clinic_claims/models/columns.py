"""Columns and constraints that several tables share."""

from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

Key = Annotated[int, mapped_column(primary_key=True)]
Words = Annotated[list[str], mapped_column(JSON, default=list)]
Numbers = Annotated[list[int], mapped_column(JSON, default=list)]
Data = Annotated[dict[str, Any], mapped_column(JSON, default=dict)]
BYTEWISE = String().with_variant(String(collation="C"), "postgresql")  # sorted alike by either database


class Arranged:
    """What staff chose and typed for one letter: `chosen` lists arguments in order, and all that are ready when empty.

    `edits` holds by argument the words changed, with the standard ones they were made from; `own` the paragraphs added;
    `left_out` the documents on file that stay behind.
    """

    chosen: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    edits: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    own: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    left_out: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


def state_of(states: type[StrEnum]) -> Any:
    """Give a column that holds one of these states as its plain word, checked by the database."""
    kind = Enum(states, values_callable=lambda e: [m.value for m in e], native_enum=False, length=40, name="state")
    return mapped_column(kind, default=next(iter(states)), index=True)


def link(target: str, **options: Any) -> Any:
    """Give an indexed foreign key column."""
    return mapped_column(ForeignKey(target), index=True, **options)


def implies(name: str, condition: str, consequence: str) -> CheckConstraint:
    """Make the database refuse a row where the condition holds and the consequence does not."""
    return CheckConstraint(f"NOT ({condition}) OR ({consequence})", name=name)


def exactly_one(name: str, *columns: str) -> CheckConstraint:
    """Make the database refuse a row unless exactly one of the columns is filled."""
    total = " + ".join(f"(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)" for column in columns)
    return CheckConstraint(f"{total} = 1", name=name)
