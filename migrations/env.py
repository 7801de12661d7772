"""Run the migrations on the application's own engine, one transaction a migration."""

import sqlalchemy as sa
from alembic import context
from sqlalchemy.types import TypeDecorator

from clinic_claims.db import Moment, Money, db


def spell(kind: str, item: object, autogen_context: object) -> str | bool:
    """Write our own column types by name, as plain SQL types: a migration must not change when they do."""
    if isinstance(item, Money):
        return "sa.BigInteger()"
    if isinstance(item, Moment):
        return "sa.DateTime()"
    if isinstance(item, TypeDecorator):
        return "sa.UnicodeText()" if isinstance(item.impl_instance, sa.UnicodeText) else f"sa.{item.impl_instance!r}"
    return False


with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        render_item=spell,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
