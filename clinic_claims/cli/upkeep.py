"""Look after the data: prove the history, back up, restore, fill for scale tests."""

from collections.abc import Sequence
from pathlib import Path

import click

from .common import AS_JSON, FILE, application, show, stop


@click.group()
def audit() -> None:
    """Prove that the history is whole.

    Example: clinic-claims audit verify
    """


@audit.command()
@AS_JSON
def verify(as_json: bool) -> None:
    """Walk the history and find the first entry that was changed or removed.

    Example: clinic-claims audit verify
    """
    from ..services import history

    with application(only_reads=True) as (app, _):
        events, broken = history.verify(str(app.config["AUDIT_KEY"]).encode())
    if as_json:
        show({"events": events, "broken": broken})
    elif broken is None:
        click.echo(f"{events:,} events, unbroken.")
    if broken:
        stop(f"The history was tampered with: {broken}; the {events:,} events before it are sound.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--verify", "only_verify", is_flag=True, help="Check this backup instead of making one.")
def backup(file: Path, only_verify: bool) -> None:
    """Save database and documents in one archive, or check one that was saved.

    Example: clinic-claims backup clinic-2026-11-22.zip
    """
    from ..services import backup_checks, backups

    with application() as (_, deed):
        if only_verify:
            checked = backup_checks.verify(file)
            manifest, notes, faults = checked.manifest, checked.notes, checked.faults
        else:
            manifest = backups.make(file, deed)
            faults = [f"Document {digest} is missing from the document folder." for digest in manifest.missing]
            notes: Sequence[str] = ()
    if manifest:
        click.echo(f"{file}: {manifest.in_words()}")
    for note in notes:
        click.echo(note)
    if faults:
        stop(*faults)


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace a database that holds claims.")
def restore(file: Path, force: bool) -> None:
    """Bring a backup back, after checking every part of it.

    Example: clinic-claims restore clinic-2026-11-22.zip
    """
    from ..services import backup_checks, backups

    with application() as (_, deed):
        checked = backup_checks.verify(file)
        if checked.manifest is None or checked.faults:
            stop(*checked.faults)
        backups.restore(file, deed, checked.manifest, force=force)
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


COMMANDS = (audit, backup, restore, seed)
