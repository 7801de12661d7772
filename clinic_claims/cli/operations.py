"""Run it in earnest: what is wrong with an installation, files to set one up, everything out in open formats."""

from importlib import resources
from pathlib import Path

import click

from .common import AS_JSON, FILE, application, show, stop


@click.command()
@AS_JSON
def doctor(as_json: bool) -> None:
    """Look at every part of this installation and say what to do about what is wrong.

    Example: clinic-claims doctor
    """
    from flask import g

    from ..application import build
    from ..clock import now
    from ..services import condition

    with build().app_context():
        g.only_reads = True
        found = list(condition.examine(now()))
    if as_json:
        show({finding.name: finding.said or None for finding in found})
    else:
        for finding in found:
            click.echo(f"{'well' if finding.well else 'WRONG':<6} {finding.name}")
    if wrong := [f"{finding.name}: {finding.said}" for finding in found if not finding.well]:
        stop(*wrong)


@click.command("rebuild-worklist")
def rebuild_worklist() -> None:
    """Make the worklist anew from the records; nothing changes unless a line was wrong.

    Example: clinic-claims rebuild-worklist
    """
    from ..db import transaction
    from ..services import workitems

    with application(), transaction():
        workitems.rebuild()
    click.echo("The worklist says what the records say.")


@click.command()
@click.argument("folder", type=FILE)
def operations(folder: Path) -> None:
    """Write out units for systemd, a proxy's and a container's file, and the page that explains them.

    Example: clinic-claims operations deploy
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in resources.files("clinic_claims").joinpath("operations").iterdir():
        target = folder / file.name
        if target.exists():
            stop(f"{target} exists already. Give a new folder.")
        target.write_bytes(file.read_bytes())
        target.chmod(0o644)  # no secret is in it, and a proxy runs under an account of its own
        click.echo(target)


@click.command("export-all")
@click.argument("folder", type=FILE)
@AS_JSON
def export_all(folder: Path, as_json: bool) -> None:
    """Write everything on record in open formats: a CSV for each table, and every document.

    Example: clinic-claims export-all clinic-2026-11-22
    """
    from ..services import leaving

    with application() as (_, deed):
        counts = leaving.export(folder, deed)
    if as_json:
        return show(counts)
    click.echo(f"{folder}: {counts['rows']:,} rows of {counts['tables']} tables, {counts['documents']:,} documents")


COMMANDS = (doctor, rebuild_worklist, operations, export_all)
