"""Look after the data: prove the history, back up, restore, fill for scale tests."""

from datetime import date
from pathlib import Path

import click

from .common import AS_JSON, DAY, FILE, application, show, stop

KEY_FILE = click.option("--key-file", type=FILE, help="Key that seals the archive; `new-key FILE` makes one.")


@click.group()
def audit() -> None:
    """Prove that the history is whole.

    Example: clinic-claims audit verify
    """


@audit.command()
@click.option("--anchor", "told", help="What `audit anchor` printed earlier; also finds that the end was cut off.")
@AS_JSON
def verify(told: str | None, as_json: bool) -> None:
    """Walk the history and find the first entry that was changed or removed.

    Example: clinic-claims audit verify
    """
    from ..models.history import audit_keys
    from ..services import history

    with application(only_reads=True):
        events, broken = history.verify(*audit_keys())
        if told and not broken:
            broken = history.missing_since(*_anchor(told))
        unproved = history.unproved(*audit_keys())
    if as_json:
        show({"events": events, "broken": broken} | ({"unproved": unproved} if unproved else {}))
    elif broken is None:
        click.echo(f"{events:,} events, unbroken.")
        if unproved:
            click.echo(f"Those up to event {unproved:,} were sealed with a key that is lost: they cannot be proved.")
    if broken:
        stop(f"The history was tampered with: {broken}; the {events:,} events before it are sound.")


def _anchor(told: str) -> tuple[int, str]:
    number, _, digest = told.partition(":")
    if not number.isdecimal() or not digest:
        raise click.UsageError("An anchor is a number, a colon and a digest, as `audit anchor` prints it.")
    return int(number), digest


@audit.command()
@AS_JSON
def anchor(as_json: bool) -> None:
    """Print number and digest of the last entry, to be kept on paper or another machine.

    Example: clinic-claims audit anchor
    """
    from ..services import history

    with application(only_reads=True):
        number, digest = history.anchor()
    if as_json:
        return show({"events": number, "head": digest})
    click.echo(f"{number}:{digest}")


@audit.command()
@click.option("--before", type=DAY, required=True, help="Remove what is older than this day.")
def purge(before: date) -> None:
    """Remove entries that the law no longer asks to keep; younger than six years is refused.

    Example: clinic-claims audit purge --before 2020-01-01
    """
    from ..db import transaction
    from ..services import retention

    with application() as (_, deed), transaction():
        count = retention.purge(before, deed)
    click.echo(f"{count:,} events removed; the chain goes on from there.")


@audit.command("change-key")
@click.option("--lost", is_flag=True, help="The key before is lost; what it sealed can no longer be proved.")
def change_key(lost: bool) -> None:
    """Seal the history with a new audit key from here on; the old one is kept to verify what it sealed.

    Example: clinic-claims audit change-key
    """
    from ..db import transaction
    from ..services import audit_keys

    with application(any_key=lost) as (app, deed):
        if not lost:
            audit_keys.put_new(app)
        with transaction():
            name = audit_keys.give_up_at_work(deed) if lost else audit_keys.change(deed)
    click.echo(f"From here on audit key {name} seals the history. Restart the server and the workers.")


@audit.command()
def guard() -> None:
    """Let the database itself refuse again to change the history, where somebody took that off.

    Example: clinic-claims audit guard
    """
    from ..db import db, transaction
    from ..models.history import put_guard
    from ..services.history import record

    with application() as (_, deed), transaction():
        put_guard(db.session.connection())
        record("history", "put_guard", deed, sentence="Guard of the history put in place.")
    click.echo("The database refuses to change the history.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--verify", "only_verify", is_flag=True, help="Check this backup instead of making one.")
@KEY_FILE
def backup(file: Path, only_verify: bool, key_file: Path | None) -> None:
    """Save database and documents in one archive and check it, or check one that was saved.

    Example: clinic-claims backup clinic-2026-11-22.zip
    """
    from .. import sealing
    from ..services import backup_checks, backups

    key = sealing.read_key(key_file) if key_file else None
    with application() as (_, deed):
        missing = [] if only_verify else backups.make(file, deed, key).missing
        checked = backup_checks.verify(file, key)
    if checked.manifest:
        click.echo(f"{file}: {checked.manifest.in_words()}")
    for note in checked.notes if only_verify else ():
        click.echo(note)
    faults = [*(f"Document {digest} is missing from the document folder." for digest in missing), *checked.faults]
    if faults:
        stop(*faults)


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace a database that holds claims.")
@click.option("--lost-key", is_flag=True, help="The audit key of the backup is lost; go on under this one's.")
@KEY_FILE
def restore(file: Path, force: bool, lost_key: bool, key_file: Path | None) -> None:
    """Bring a backup back, after checking every part of it.

    Example: clinic-claims restore clinic-2026-11-22.zip
    """
    from .. import sealing
    from ..services import backup_checks, backups

    key = sealing.read_key(key_file) if key_file else None
    with application(as_it_is=True) as (_, deed):
        checked = backup_checks.verify(file, key)
        if checked.manifest is None or checked.faults:
            stop(*checked.faults)
        backups.restore(file, deed, checked.manifest, force=force, key=key, lost_key=lost_key)
    click.echo("\n".join([f"{file}: restored {checked.manifest.in_words()}", *checked.notes]))


@click.command()
@click.option("--claims", type=click.IntRange(1, 5_000_000), required=True, help="How many claims to make up.")
@click.option(
    "--seed", "number", type=click.IntRange(0, 9999), default=1, show_default=True, help="Another seed makes up others."
)
@AS_JSON
def seed(claims: int, number: int, as_json: bool) -> None:
    """Fill the database with made-up claims, for scale tests.

    Example: clinic-claims seed --claims 1000 --seed 1
    """
    from ..services import seeding

    with application() as (_, deed):
        counts = seeding.load(claims, number, deed)
    if as_json:
        return show(counts)
    click.echo(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()))


@click.command("new-key")
@click.argument("file", type=FILE)
def new_key(file: Path) -> None:
    """Make a random key for sealed backups or for the database; keep a copy of it off this machine.

    Example: clinic-claims new-key backup.key
    """
    from .. import sealing

    sealing.new_key(file)
    click.echo(f"{file}: without this file, what it seals is lost. Keep a copy in another place.")


COMMANDS = (audit, backup, restore, new_key, seed)
