"""Take in files from payers and practice-management systems, and write denials and appeals out."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import AS_JSON, FILE, application, give, show, stop

if TYPE_CHECKING:
    from ..services.arrivals import Intake


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--dry-run", is_flag=True, help="Check and count; change nothing.")
@click.option(
    "--accept-unbalanced", "accepted", metavar="REASON", default="", help="Post an 835 with wrong sums, and say why."
)
@AS_JSON
def import_files(files: tuple[Path, ...], dry_run: bool, accepted: str, as_json: bool) -> None:
    """Post files, each whole or not at all: 835, 837, 277, 278, 999, CSV and Excel.

    Example: clinic-claims import era-2026-11-20.835
    """
    from ..services import import_jobs, intake

    with application() as (_, deed):
        answers = [intake.run(path, deed, dry_run=dry_run, accepted=accepted) for path in files]
        if not dry_run:
            import_jobs.note_all([each for each in answers if Path(each.file).is_file()], deed)
    if as_json:
        show([answer.to_json() for answer in answers])
    else:
        _tell(answers, dry_run)
    if refused := [answer for answer in answers if answer.status != "posted"]:
        stop(*(sentence for answer in refused for sentence in _faults(answer)))


def _tell(answers: list["Intake"], dry_run: bool) -> None:
    for answer in answers:
        if answer.status == "posted":
            click.echo(answer.in_words())
    if dry_run:
        click.echo("Dry run: nothing was changed.")


def _faults(answer: "Intake") -> list[str]:
    """Say each fault with its file and, where it has one, its segment."""
    said = [
        f"{answer.file}: segment {fault['segment']} ({fault['tag']}): {fault['message']}"
        if fault["segment"] and answer.kind not in ("csv", "xlsx")
        else f"{answer.file}: {fault['message']}"
        for fault in answer.faults
    ]
    hint = f"{answer.file}: only its sums are wrong; --accept-unbalanced REASON posts it all the same."
    return [*said, hint] if answer.can_accept else said


@click.command("watch")
@click.argument("folder", type=FILE)
@click.option("--once", is_flag=True, help="Take in what is there and stop.")
@click.option("--every", default=10.0, show_default=True, type=click.FloatRange(1), help="Seconds between two looks.")
@click.option(
    "--settle",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0),
    help="Seconds without a change after which a file is whole.",
)
def watch(folder: Path, once: bool, every: float, settle: float) -> None:
    """Post what a clearinghouse drops into a folder; files move to its subfolders done and refused.

    Example: clinic-claims watch /srv/clearinghouse/in
    """
    from dataclasses import replace

    from ..clock import now
    from ..services import watching

    if not folder.is_dir():
        stop(f"{folder} is no folder. Make it, or name the one your clearinghouse writes to.")
    with application() as (_, deed):
        while True:
            for answer in watching.take(folder, lambda: replace(deed, at=now()), settle):
                click.echo(answer.in_words())
            if once:
                return
            time.sleep(every)


@click.command("export")
@click.argument("what", type=click.Choice(["denials", "appeals"]))
@click.option("--format", "form", default="csv", show_default=True, type=click.Choice(["csv", "json"]))
@click.option("--out", type=FILE, help="Write to this file instead of the terminal.")
def export(what: str, form: str, out: Path | None) -> None:
    """Write every denial or appeal out.

    Example: clinic-claims export denials --format json --out denials.json
    """
    from ..db import transaction
    from ..services import table_exports

    with application() as (_, deed):
        with transaction():
            parts = table_exports.WRITERS[what](deed, form)
        give(parts, out)


COMMANDS = (import_files, watch, export)
