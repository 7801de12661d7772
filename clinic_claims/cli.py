"""The commands. Each is the same deed as a button; exit 0 on success, 1 when refused, 2 on wrong usage.

Heavy modules are imported inside the commands that need them, so that `--help` answers at once.
"""

import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from flask import Flask

    from .services.deeds import Deed

ACTOR = "command line"
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


class Day(click.ParamType[date]):
    """A calendar day written 2026-11-22."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or fail with wrong usage."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-11-22", param, ctx)


DAY = Day()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="clinic-claims", prog_name="clinic-claims")
def main() -> None:
    """Track Botox and MVD claims from pre-approval to appeal.

    Example: clinic-claims deadline --payer-class medicare_ffs --level 1 --notice-dated 2026-01-05
    """


def stop(*sentences: str) -> NoReturn:
    """Say each fault on standard error and exit 1."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(1)


def show(document: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, indent=1, ensure_ascii=False))


@contextmanager
def application(*, actor: str = ACTOR) -> Generator[tuple["Flask", "Deed"]]:
    """Open the app with its database brought up to date, and say who acts."""
    from .application import build  # noqa: PLC0415
    from .rulebook import RulebookError  # noqa: PLC0415
    from .services import upkeep  # noqa: PLC0415

    try:
        app = build()
    except RulebookError as error:
        stop("The rule files hold faults; mend them first:", *error.faults)
    with app.app_context():
        upkeep.upgrade()
        yield app, deed_of(app, actor)


def deed_of(app: "Flask", actor: str) -> "Deed":
    """Say who acts, now, by the rulebook the app started with."""
    from .clock import now  # noqa: PLC0415
    from .services.deeds import Deed  # noqa: PLC0415

    return Deed(actor=actor, at=now(), book=app.extensions["rulebook"], timezone=app.config["TIMEZONE"])


def refusing(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a refusal of the services into plain sentences and exit 1."""
    from functools import wraps  # noqa: PLC0415

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except Exception as error:
            reasons: Sequence[str] | None = getattr(error, "reasons", None)
            if reasons is None:
                raise
            stop(*reasons)

    return run


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and count; change nothing.")
@AS_JSON
def import_files(files: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Post payers' files, each whole or not at all.

    Example: clinic-claims import era-2026-11-20.835
    """
    from .services import intake  # noqa: PLC0415

    with application() as (_, deed):
        answers = [intake.run(path, deed, dry_run=dry_run) for path in files]
    if as_json:
        show([answer.to_json() for answer in answers])
    else:
        for answer in answers:
            click.echo(answer.in_words())
    faults = [
        f"{answer.file}: {fault['message']}" for answer in answers if answer.status == "refused" for fault in answer.faults
    ]
    if any(answer.status == "refused" for answer in answers):
        stop(*faults)


@main.command()
@click.option("--group", default="", help="Group code: CO, PR, OA, PI, CR.")
@click.option("--carc", "carcs", multiple=True, required=True, help="Claim adjustment reason code; may repeat.")
@click.option("--rarc", "rarcs", multiple=True, help="Remark code; may repeat.")
@AS_JSON
def denial(group: str, carcs: tuple[str, ...], rarcs: tuple[str, ...], as_json: bool) -> None:
    """Say what denial codes mean and what to do.

    Example: clinic-claims denial --group CO --carc 197 --rarc N54
    """
    from .domain import denials  # noqa: PLC0415
    from .rulebook import load  # noqa: PLC0415

    reading = denials.read(load().denial_codes, group.upper(), carcs, rarcs)
    if as_json:
        show(denials.to_json(reading))
    else:
        click.echo(f"{reading.plain}\nNext: {reading.next_action}")
    if reading.category == denials.UNCLASSIFIED:
        stop(f"{', '.join((*carcs, *rarcs))}: not in the rulebook, so not classified.")


@main.command()
@click.option("--payer-class", required=True, help="Id of a payer class, such as medicare_ffs.")
@click.option("--level", required=True, help="Step of the ladder, such as 1.")
@click.option("--notice-dated", type=DAY, help="Date printed on the notice.")
@click.option("--notice-received", type=DAY, help="Day it was received, with proof.")
@click.option("--printed", type=DAY, help="Deadline printed in the notice.")
@click.option("--state", help="Two-letter state whose law binds the plan.")
@AS_JSON
def deadline(
    payer_class: str,
    level: str,
    notice_dated: date | None,
    notice_received: date | None,
    printed: date | None,
    state: str | None,
    as_json: bool,
) -> None:
    """Say until when an appeal may be filed, and why.

    Example: clinic-claims deadline --payer-class erisa_self_funded --level 1 --notice-dated 2026-02-25
    """
    from .calendars import federal_holiday  # noqa: PLC0415
    from .domain import deadlines  # noqa: PLC0415
    from .rulebook import load  # noqa: PLC0415

    found = deadlines.appeal(
        load().clocks,
        payer_class=payer_class,
        level=level,
        notice=deadlines.Notice(dated=notice_dated, received=notice_received, printed=printed),
        closed=federal_holiday,
        state=state,
    )
    if as_json:
        show(deadlines.to_json(found))
    else:
        click.echo(f"Legal last day: {found.legal or 'not known'}\nAct by: {found.act_by or 'not known'}")
        for sentence in (*found.because, found.citation, found.caution):
            click.echo(sentence) if sentence else None


@main.command()
@click.option("--user", help="E-mail of a user: only that user's items.")
@AS_JSON
@refusing
def worklist(user: str | None, as_json: bool) -> None:
    """Show what needs a person, in working order.

    Example: clinic-claims worklist --user d.park@example.com
    """
    from .services import accounts  # noqa: PLC0415
    from .services import worklist as list_  # noqa: PLC0415

    with application() as (_, deed):
        found = list_.items(deed, owner_id=accounts.get_user(user).id if user else None)
        if as_json:
            show([item.to_json() for item in found])
            return
        for item in found:
            click.echo(f"{item.act_by or 'not known':<10}  {item.item:<12} {item.amount:>12,.2f}  {item.next_action}")


@main.command()
@click.argument("reference", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="PDF to write.")
@click.option("--kind", help="Kind of letter; the usual one for the record if left out.")
@click.option("--draft", is_flag=True, help="Print with gaps, marked DRAFT.")
@click.option("--facts", type=click.Path(path_type=Path, exists=True), help="Compose from this JSON document alone.")
@click.option("--facts-example", metavar="KIND", help="Print a valid facts document and exit.")
@refusing
def letter(
    reference: str | None, out: Path | None, kind: str | None, draft: bool, facts: Path | None, facts_example: str | None
) -> None:
    """Compose the letter for a denial, an authorization or an appeal.

    Example: clinic-claims letter DEN-00001 --out appeal.pdf
    """
    from .rulebook import load  # noqa: PLC0415
    from .services import letters  # noqa: PLC0415

    if facts_example:
        return show(letters.example(facts_example))
    if out is None or (reference is None) == (facts is None):
        raise click.UsageError("Give --out FILE.pdf and either a REFERENCE or --facts FILE.json.")
    if facts:
        pages = letters.from_facts(_document(facts), load(), kind=kind, draft=draft)
    else:
        with application() as (_, deed):
            pages = letters.printed(letters.compose(letters.find(str(reference)), deed, kind=kind), draft=draft)
    out.write_bytes(pages)
    click.echo(f"{out}: {len(pages):,} bytes")


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        stop(f"{path}: no JSON document: {error}")


@main.command("check-rules")
def check_rules() -> None:
    """Check every rule, example and citation; list those that are stale.

    Example: clinic-claims check-rules
    """
    from .rulebook import RulebookError, load  # noqa: PLC0415
    from .rulecheck import check  # noqa: PLC0415

    try:
        found = check(load(), datetime.now().astimezone().date())
    except RulebookError as error:
        stop(*error.faults)
    click.echo(found.summary)
    for line in found.stale:
        click.echo(f"stale: {line}")
    if found.faults:
        stop(*found.faults)


if __name__ == "__main__":
    main()
