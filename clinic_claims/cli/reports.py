"""Print reports to the terminal or into files."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import DAY, FILE, application, give, tell

if TYPE_CHECKING:
    from ..domain.papers import Paper
    from ..services.deeds import Deed
    from ..services.measures import Period

    Make = Callable[[Period, Deed, str], Paper]

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


def _days(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--to", "until", type=DAY, help="Last day.")(command)
    return click.option("--from", "since", type=DAY, help="First day.")(command)


@click.group()
def report() -> None:
    """Report on denials and on how well the work goes.

    Example: clinic-claims report denied --from 2026-01-01 --to 2026-12-31
    """


@report.command()
@_days
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
@_days
@_output
def measures(since: date | None, until: date | None, form: str, out: Path | None) -> None:
    """Report every measure with its definition and the published figures beside it.

    Example: clinic-claims report measures --from 2026-01-01 --format pdf --out measures.pdf
    """
    from ..services import measures_paper

    _of_period("measures", measures_paper.paper, since, until, form, out)


@report.command("approved-then-denied")
@_days
@_output
def approved_then_denied(since: date | None, until: date | None, form: str, out: Path | None) -> None:
    """Report every denial of an approved service: approval, difference, the rule that protects, outcome.

    Example: clinic-claims report approved-then-denied --from 2026-01-01 --format pdf --out broken.pdf
    """
    from ..services import broken_approvals

    _of_period("approved, then denied", broken_approvals.paper, since, until, form, out)


@report.command("scorecard")
@click.argument("payer")
@_days
@_output
def payer_scorecard(payer: str, since: date | None, until: date | None, form: str, out: Path | None) -> None:
    """Report how a payer, by its name, behaves: late answers, reasons missing, approvals broken, with dates and proof.

    Example: clinic-claims report scorecard "Lone Prairie Insurance Company" --format pdf --out scorecard.pdf
    """
    from ..services import scorecard
    from ..services.deeds import Refused

    def made(period: "Period", deed: "Deed", about: str) -> "Paper":
        if payer not in (known := scorecard.payers()):
            raise Refused(f"There is no payer “{payer}”. Choose from: {'; '.join(known) or 'none on record yet'}.")
        return scorecard.paper(payer, period, deed, about)

    _of_period("payer scorecard", made, since, until, form, out)


@report.command("what-works")
@_days
@_output
def works(since: date | None, until: date | None, form: str, out: Path | None) -> None:
    """Report what wins appeals, the chances of the next denial, and where denials begin.

    Example: clinic-claims report what-works --from 2026-01-01 --format xlsx --out what-works.xlsx
    """
    from ..services import what_works

    _of_period("what works", what_works.paper, since, until, form, out)


def _of_period(page: str, make: "Make", since: date | None, until: date | None, form: str, out: Path | None) -> None:
    """Make a report of these days and give it in its form."""
    from ..services import paper_files
    from ..services.deeds import Refused
    from ..services.measures import Period

    _check(form, out)
    with application(only_reads=True) as (_, deed):
        if since and until and until < since:
            raise Refused("The last day lies before the first day.")
        period = Period(since, until)
        paper = make(period, deed, period.in_words)
        _note(page, form, deed)
        _give(paper_files.FORMS[form](paper, deed), out, page)


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
