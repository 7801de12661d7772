"""Print reports to the terminal or into files."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import DAY, FILE, application, give, tell

if TYPE_CHECKING:
    from ..services.deeds import Deed

FORMATS = ("table", "csv", "xlsx", "pdf", "json")
FILES_ONLY = ("xlsx", "pdf")
LIMITS = {
    "payer": "Name of the payer.",
    "plan-class": "Id of the plan class, such as medicare_ffs.",
    "treatment": "toxin or mvd.",
    "condition": "Id of the condition, such as hemifacial_spasm.",
    "category": "Id of the reason, such as medical_necessity.",
    "code": "Reason or remark code, such as CO-197 or N54.",
    "provider": "Name of the provider.",
    "facility": "Name of the facility.",
    "owner": "E-mail address, or nobody.",
    "state": "Where the work stands, such as appealing.",
    "standing": "open, won or settled.",
    "level": "Level of appeal, such as 1, or none.",
}


class Dollars(click.ParamType[Decimal]):
    """An exact amount of dollars."""

    name = "DOLLARS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Read the amount, or fail with wrong usage."""
        try:
            return Decimal(value).quantize(Decimal("0.01"))
        except InvalidOperation:
            self.fail(f"{value!r} is no amount such as 1842.00.", param, ctx)


def _limits(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each filter of the report."""
    for name, told in reversed(LIMITS.items()):
        command = click.option(f"--{name}", help=told)(command)
    return command


def _output(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--out", type=FILE, help="File to write; needed for xlsx and pdf.")(command)
    form = click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
    return form(command)


@click.group()
def report() -> None:
    """Report on denials and on how well the work goes.

    Example: clinic-claims report denied --from 2026-01-01 --to 2026-12-31
    """


@report.command()
@click.option("--from", "since", type=DAY, help="First day.")
@click.option("--to", "until", type=DAY, help="Last day.")
@click.option("--dates", default="denial", show_default=True, help="Count days by denial, service, billed or decision.")
@click.option("--group-by", default="payer,category", help="Up to three of payer, category, treatment, month …")
@click.option("--approved-before/--not-approved-before", default=None, help="Only those with an approval, or without.")
@click.option("--missed/--not-missed", default=None, help="Only those whose time to appeal passed unused, or did not.")
@click.option("--least", type=Dollars(), help="Smallest amount denied.")
@click.option("--most", type=Dollars(), help="Largest amount denied.")
@_limits
@_output
def denied(group_by: str, form: str, out: Path | None, **limits: Any) -> None:
    """Report denied claims, with totals by group.

    Example: clinic-claims report denied --from 2026-01-01 --group-by payer,month --format xlsx --out denied.xlsx
    """
    from ..services import report_files, reports

    _check(form, out)
    groups = [name.strip() for name in group_by.split(",") if name.strip()]
    with application(only_reads=True) as (_, deed):
        made = reports.denied(reports.Filters(**limits), deed, groups)
        _note("denied claims", form, deed)
        _give(report_files.FORMS[form](made, deed), out, f"{made.total.denials} denials")


@report.command()
@click.option("--from", "since", type=DAY, help="First day.")
@click.option("--to", "until", type=DAY, help="Last day.")
@_output
def measures(since: date | None, until: date | None, form: str, out: Path | None) -> None:
    """Report every measure with its definition and the published figures beside it.

    Example: clinic-claims report measures --from 2026-01-01 --format pdf --out measures.pdf
    """
    from ..services import measures_paper, paper_files
    from ..services.measures import Period

    _check(form, out)
    with application(only_reads=True) as (_, deed):
        about = f"From {since or 'the first day'} to {until or deed.today}."
        paper = measures_paper.paper(Period(since, until), deed, about)
        _note("measures", form, deed)
        _give(paper_files.FORMS[form](paper, deed), out, "measures")


def _check(form: str, out: Path | None) -> None:
    if form in FILES_ONLY and out is None:
        raise click.UsageError(f"--format {form} needs --out FILE.{form}.")


def _note(page: str, form: str, deed: "Deed") -> None:
    tell("view" if form == "table" else "export", "report", deed, page=page, format=form)


def _give(parts: Iterable[bytes], out: Path | None, what: str) -> None:
    length = give(parts, out)
    if out is not None:
        click.echo(f"{out}: {what}, {length:,} bytes")


COMMANDS = (report,)
