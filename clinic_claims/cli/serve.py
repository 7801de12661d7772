"""Serve the application on this machine."""

import gc
import json
import logging
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from . import demo
from .common import application, stop

if TYPE_CHECKING:
    from flask import Flask

HOST = "127.0.0.1"
FIRST = """Nobody can sign in yet. Make the first account in another terminal; it leads through the set-up:
  ./dev user add you@example.com --name "Your Name" --role administrator --role manager"""
ACCESS = "clinic_claims.access"
GUNICORN = {
    "worker_class": "gthread",
    "threads": 4,  # one office PC: they share the rulebook and the fonts
    "keepalive": 150,  # s; Caddy keeps an idle connection 120: closed here first, a request sent into it is lost
    "graceful_timeout": 5,
    "loglevel": "warning",
    "control_socket_disable": True,
}


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--empty", is_flag=True, help="Do not load the demo clinic on the first run.")
@click.option("--host", default=HOST, show_default=True, help="Address to listen on; another only behind a proxy.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes of four threads.")
def serve(port: int, empty: bool, host: str, workers: int) -> None:
    """Serve on this machine; the first run loads the demo clinic.

    Example: clinic-claims serve --port 8000
    """
    listener = _listen(host, port)
    with application() as (app, deed):
        from ..db import db
        from ..services import clinic_setup, upkeep

        if upkeep.is_new() and not empty:
            if "://" in app.config["DOCUMENTS"]:  # a bucket opened before the fork would answer nobody after it
                stop("The demo is not loaded into a bucket on the way: add --empty, or run `demo` first.")
            demo.load(app, deed)
        accounts = demo.account_lines(app)
        nobody = clinic_setup.nobody_yet()
        db.session.remove()
        db.engine.dispose()  # a database connection must not cross the fork
    if accounts:
        click.echo("\n".join(["Demo accounts (e-mail, password, role):", *accounts]))
    if nobody:
        click.echo(FIRST)
    click.echo(f"Serving on http://{host}:{listener.getsockname()[1]}")
    if os.environ.get("CLINIC_CLAIMS_ENV") == "production":
        _log_as_json()
    _run(app, listener, workers)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, so that a taken one is told at once."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        stop(f"Port {port} cannot be used: {error.strerror}. Stop the other program or choose another --port.")
    return listener


class JsonLines(logging.Formatter):
    """One line of JSON each, for a collector; a line of the access log is one already."""

    def format(self, record: logging.LogRecord) -> str:
        """Spell a record."""
        told = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")}
        told |= {"level": record.levelname.lower(), "logger": record.name}
        said = record.getMessage()
        return json.dumps(told | (json.loads(said) if record.name == ACCESS else {"said": said}))


def _log_as_json() -> None:
    """Log to standard error, where systemd and containers pick it up."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("clinic_claims").setLevel(logging.INFO)


def _run(app: "Flask", listener: socket.socket, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # pyright: ignore[reportUntypedBaseClass]
        def load_config(self) -> None:
            for name, value in (GUNICORN | {"bind": f"fd://{listener.fileno()}", "workers": workers}).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            app.extensions["background"].wake()  # what an earlier process left behind
            settle()
            return app

    Server().run()


def settle() -> None:
    """Spare the memory's upkeep from what lives as long as the process: libraries, rulebook, pages' code."""
    gc.collect()
    gc.freeze()


COMMANDS = (serve,)
