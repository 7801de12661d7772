"""Take in payers' files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import AS_JSON, FILE, application, show, stop

if TYPE_CHECKING:
    from ..services.intake import Intake


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--dry-run", is_flag=True, help="Check and count; change nothing.")
@AS_JSON
def import_files(files: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Post payers' files, each whole or not at all.

    Example: clinic-claims import era-2026-11-20.835
    """
    from ..services import intake

    with application() as (_, deed):
        answers = [intake.run(path, deed, dry_run=dry_run) for path in files]
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
    return [
        f"{answer.file}: segment {fault['segment']} ({fault['tag']}): {fault['message']}"
        if fault["segment"]
        else f"{answer.file}: {fault['message']}"
        for fault in answer.faults
    ]


COMMANDS = (import_files,)
