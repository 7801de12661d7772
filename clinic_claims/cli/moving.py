"""Move the clinic to another database, its documents to another store, or the embedded one under another key."""

from pathlib import Path

import click

from .common import AS_JSON, FILE, application, show, tell


@click.command("move-to")
@click.argument("database_url")
@AS_JSON
def move_to(database_url: str, as_json: bool) -> None:
    """Copy everything to an empty database, compare both, and say how to go on there.

    Example: clinic-claims move-to postgresql+psycopg://clinic@localhost/clinic
    """
    from ..application import build
    from ..db import db
    from ..models.history import audit_keys
    from ..services import moving, upkeep

    with application(only_reads=True) as (_, deed):
        keys, source = audit_keys(), db.engine
        moving.prove(*keys)
        target = build({"SQLALCHEMY_DATABASE_URI": database_url})
        tell("export", "export", deed, sentence="Everything on record copied to another database.")
        with target.app_context():
            upkeep.upgrade()
            counts = moving.copy(source, db.engine)
            events = moving.prove(*keys)
    if as_json:
        return show(counts)
    rows = sum(counts.values())
    click.echo(f"{rows:,} rows of {len(counts)} tables moved and compared; {events:,} events, unbroken.")
    click.echo("Set DATABASE_URL to the new address and start again. The old database was left as it was.")


@click.command("move-documents")
@click.argument("address")
def move_documents(address: str) -> None:
    """Copy every document to another folder or bucket, read each back, and say how to go on there.

    Example: clinic-claims move-documents s3://clinic-documents/main
    """
    from .. import storage
    from ..services import documents, moving

    new = storage.at(address)
    new.try_out()
    with application(only_reads=True) as (_, deed):
        tell("export", "export", deed, sentence="Every document copied to another store.")
        count = moving.copy_documents(documents.store(), new)
    click.echo(f"{count:,} documents copied and read back. Set CLINIC_CLAIMS_DOCUMENTS={address} and start again.")
    click.echo("The old ones were left where they lie.")


@click.command("database-key")
@click.argument("file", type=FILE)
def database_key(file: Path) -> None:
    """Encrypt the embedded database with the key in FILE, or change its key; stop the server first.

    Example: clinic-claims database-key database.key
    """
    from .. import sealing
    from ..db import db
    from ..services import database_keys

    key = sealing.read_key(file)
    with application() as (_, deed):
        tell("change_database_key", "database", deed, sentence="Database put under another key.")
        db.session.remove()
        path = database_keys.change(key)
    click.echo(
        f"{path} opens with {file} alone. Set CLINIC_CLAIMS_DATABASE_KEY_FILE={file.absolute()} and start again."
    )


COMMANDS = (move_to, move_documents, database_key)
