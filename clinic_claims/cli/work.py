"""The daily work: what to do next, the letter, the calendar."""

import json
from pathlib import Path
from typing import Any

import click

from .common import AS_JSON, FILE, application, show, stop, tell


@click.command()
@click.option("--user", help="E-mail of a user: only that user's items.")
@AS_JSON
def worklist(user: str | None, as_json: bool) -> None:
    """Show what needs a person, in working order.

    Example: clinic-claims worklist --user d.park@example.com
    """
    from ..services import accounts
    from ..services import worklist as open_work

    with application(only_reads=True) as (_, deed):
        owner = accounts.get_user(user).id if user else None
        tell("view", "worklist", deed, **({"of": user} if user else {}))
        found = open_work.items(deed, owner_id=owner)
        if as_json:
            return show(open_work.to_json(found, deed.today))
        for item in found:
            act_by = item.act_by or "not known"
            click.echo(f"{act_by!s:<10}  {item.item:<12} {item.amount:>12,.2f}  {item.asks_for(deed.today)}")


@click.command()
@click.argument("reference", required=False)
@click.option("--out", type=FILE, help="PDF to write.")
@click.option("--kind", help="Kind of letter; the usual one for the record if left out.")
@click.option("--draft", is_flag=True, help="Print with gaps, marked DRAFT.")
@click.option("--facts", type=FILE, help="Compose from this JSON document alone.")
@click.option("--facts-example", metavar="KIND", help="Print a valid facts document and exit.")
def letter(
    reference: str | None,
    out: Path | None,
    kind: str | None,
    draft: bool,
    facts: Path | None,
    facts_example: str | None,
) -> None:
    """Compose the letter for a denial, an authorization or an appeal.

    Example: clinic-claims letter DEN-00001 --out appeal.pdf
    """
    from ..services import fact_letters

    if facts_example:
        return show(fact_letters.example(facts_example))
    if out is None or (reference is None) == (facts is None):
        raise click.UsageError("Give --out FILE.pdf and either a REFERENCE or --facts FILE.json.")
    pages = _from_facts(facts, kind, draft) if facts else _from_record(str(reference), kind, draft)
    out.write_bytes(pages)
    click.echo(f"{out}: {len(pages):,} bytes")


def _from_facts(path: Path, kind: str | None, draft: bool) -> bytes:
    from ..rulebook import load
    from ..services import fact_letters

    return fact_letters.from_facts(_document(path), load(), kind=kind, draft=draft)


def _from_record(reference: str, kind: str | None, draft: bool) -> bytes:
    from ..services import letters

    with application(only_reads=True) as (_, deed):
        record = letters.find(reference)
        pages = letters.printed(letters.compose(record, deed, kind=kind), draft=draft)
        tell("print", record, deed, sentence="Letter printed.")
        return pages


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        stop(f"{path}:{error.lineno}: this is no JSON document: {error.msg}.")
    except (UnicodeDecodeError, RecursionError):
        stop(f"{path}: this is no JSON document.")


@click.command()
@click.option("--user", required=True, help="E-mail of the user whose items are due.")
@click.option("--out", required=True, type=FILE, help="Calendar file to write.")
def calendar(user: str, out: Path) -> None:
    """Write a user's act-by days as a calendar file; it names claims, never patients.

    Example: clinic-claims calendar --user d.park@example.com --out due.ics
    """
    from ..services import accounts, due_calendar
    from ..services import worklist as open_work

    with application(only_reads=True) as (_, deed):
        owner = accounts.get_user(user).id
        tell("export", "worklist", deed, page="calendar", of=user)
        found = open_work.items(deed, owner_id=owner)
        out.write_bytes(due_calendar.write(found, deed.at))
        click.echo(f"{out}: {sum(item.act_by is not None for item in found)} due days")


COMMANDS = (worklist, letter, calendar)
