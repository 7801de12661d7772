"""Print reports to the terminal or into files."""

from datetime import date
from pathlib import Path

import click

from .common import DAY, FILE, application

FORMATS = ("table", "csv", "xlsx", "pdf", "json")
FILES_ONLY = ("xlsx", "pdf")


@click.group()
def report() -> None:
    """Report on denials.

    Example: clinic-claims report denied --from 2026-01-01 --to 2026-12-31
    """


@report.command()
@click.option("--from", "since", type=DAY, help="First day of denial.")
@click.option("--to", "until", type=DAY, help="Last day of denial.")
@click.option("--group-by", default="payer,category", help="Up to three of payer, category, treatment, month …")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--out", type=FILE, help="File to write; needed for xlsx and pdf.")
def denied(since: date | None, until: date | None, group_by: str, form: str, out: Path | None) -> None:
    """Report denied claims, with totals by group.

    Example: clinic-claims report denied --from 2026-01-01 --group-by payer,month --format xlsx --out denied.xlsx
    """
    from ..services import report_files, reports

    if form in FILES_ONLY and out is None:
        raise click.UsageError(f"--format {form} needs --out FILE.{form}.")
    groups = [name.strip() for name in group_by.split(",") if name.strip()]
    with application(only_reads=True) as (_, deed):
        made = reports.denied(reports.Filters(since=since, until=until), deed, groups)
        written = report_files.FORMS[form](made, deed)
    if out is None:
        return click.echo(written, nl=False)
    out.write_bytes(written)
    click.echo(f"{out}: {made.total.denials} denials, {len(written):,} bytes")


COMMANDS = (report,)
