"""The commands. Each is the same deed as a button; exit 0 on success, 1 when refused, 2 on wrong usage."""

import click

from clinic_claims import __version__

from . import accounts, demo, files, moving, operations, reports, rules, safeguards, serve, upkeep, work, worker
from .common import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="clinic-claims")
@click.option("--as", "acts_for", metavar="E-MAIL", help="Account that the history shall name.")
@click.pass_context
def main(context: click.Context, acts_for: str | None) -> None:
    """Track Botox and MVD claims from pre-approval to appeal.

    Example: clinic-claims deadline --payer-class medicare_ffs --level 1 --notice-dated 2026-01-05
    """
    context.obj = acts_for


for family in (demo, files, work, rules, reports, upkeep, moving, operations, accounts, serve, worker, safeguards):
    for command in family.COMMANDS:
        main.add_command(command)
