"""Load the made-up clinic."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import AS_JSON, application, show

if TYPE_CHECKING:
    from flask import Flask

    from ..services.deeds import Deed


@click.command()
@click.option("--reset", is_flag=True, help="Empty a database that holds the demo, then load it anew.")
@AS_JSON
def demo(reset: bool, as_json: bool) -> None:
    """Load a made-up clinic, its stories and one finished appeal letter.

    Example: clinic-claims demo --reset --json
    """
    with application() as (app, deed):
        document = load(app, deed, reset=reset)
        accounts = account_lines(app)
    if as_json:
        return show(document)
    counts = ", ".join(f"{count} {name}" for name, count in document.items() if name != "letter")
    click.echo("\n".join([f"Demo clinic loaded: {counts}.", f"Finished letter: {document['letter']}", *accounts]))


def load(app: "Flask", deed: "Deed", *, reset: bool = False) -> dict[str, Any]:
    """Load the demo in one transaction and write its letter and accounts under the instance folder."""
    from ..db import transaction
    from ..services import demo as stories

    with transaction():
        if reset:
            stories.reset()
        summary = stories.load(deed)
    return stories.publish(summary, Path(app.config["INSTANCE"]))


def account_lines(app: "Flask") -> list[str]:
    """Return a line for each demo account; none where no demo was loaded."""
    from ..services import demo as stories

    path = Path(app.config["INSTANCE"]) / stories.ACCOUNTS
    accounts = json.loads(path.read_text("utf-8")) if path.exists() else []
    return [f"  {row['email']:<34} {row['password']:<26} {row['role']}" for row in accounts]


COMMANDS = (demo,)
