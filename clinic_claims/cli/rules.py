"""Ask the rulebook: what a code means, until when an appeal may be filed, whether the rules add up."""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import AS_JSON, DAY, application, show, stop

if TYPE_CHECKING:
    from ..domain.denial_reading import Reading

PROMISED = ("category", "remedy", "appealable", "next_action", "evidence", "plain", "sources")


@click.command()
@click.option("--group", default="", help="Group code: CO, PR, OA, PI, CR.")
@click.option("--carc", "carcs", multiple=True, required=True, help="Claim adjustment reason code; may repeat.")
@click.option("--rarc", "rarcs", multiple=True, help="Remark code; may repeat.")
@AS_JSON
def denial(group: str, carcs: tuple[str, ...], rarcs: tuple[str, ...], as_json: bool) -> None:
    """Say what denial codes mean and what to do.

    Example: clinic-claims denial --group CO --carc 197 --rarc N54
    """
    from ..domain import denials
    from ..rulebook import load

    reading = denials.read(load().denial_codes, group, carcs, rarcs)
    if as_json:
        document = denials.to_json(reading)
        show({key: document[key] for key in PROMISED})
    else:
        _tell(reading)
    if reading.category == denials.UNCLASSIFIED:
        stop(*(f"{why}." for why in reading.warnings or (reading.plain.rstrip("."),)))


def _tell(reading: "Reading") -> None:
    click.echo(f"{reading.plain}\nNext: {reading.next_action}.")
    for sentence in (*reading.alerts, *(reading.warnings if reading.remedy else ())):
        click.echo(f"Note: {sentence}.")


@click.command()
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
    from ..calendars import federal_holiday
    from ..domain import deadlines
    from ..rulebook import load

    found = deadlines.appeal(
        load().clocks,
        payer_class=payer_class,
        level=level,
        notice=deadlines.Notice(dated=notice_dated, received=notice_received, printed=printed),
        closed=federal_holiday,
        state=state.strip().upper() if state else None,
    )
    if as_json:
        show(deadlines.to_json(found))
    elif found.act_by:
        click.echo(f"Legal last day: {found.legal or 'not known'}\nAct by: {found.act_by}")
        for sentence in filter(None, (*found.because, found.citation, found.caution)):
            click.echo(sentence)
    if not (found.legal or found.act_by):
        stop(*(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in found.because))


@click.command("check-rules")
@AS_JSON
def check_rules(as_json: bool) -> None:
    """Check every rule, example and citation; list those that are stale.

    Example: clinic-claims check-rules
    """
    from ..rulebook import load
    from ..services.rulecheck import check

    found = check(load(), date.today())  # noqa: DTZ011 (the day where the rules are read)
    moved = _moved_clocks()
    if as_json:
        show(found.to_json() | {"moved": moved})
    else:
        click.echo(found.summary)
        for line in found.stale:
            click.echo(f"stale: {line}")
        for line in moved:
            click.echo(f"would move: {line}")
    if found.faults:
        stop(*found.faults)


def _moved_clocks() -> list[str]:
    """Name the open clocks that today's rules would date otherwise; none where there is no database yet."""
    from ..application import settings

    embedded = Path(settings()["INSTANCE"], "clinic_claims.sqlite")
    if not (os.environ.get("DATABASE_URL") or embedded.exists()):
        return []
    from ..services import redating

    with application(only_reads=True) as (_, deed):
        return [f"{_named(each.deadline.subject)}: {redating.sentence(each)}" for each in redating.moved(deed)]


def _named(subject: Any) -> str:
    return getattr(subject, "reference", None) or f"case {subject.id}"


COMMANDS = (denial, deadline, check_rules)
