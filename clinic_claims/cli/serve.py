"""Serve the application on this machine."""

import socket
from typing import TYPE_CHECKING, Any

import click

from . import demo
from .common import application, stop

if TYPE_CHECKING:
    from flask import Flask

HOST = "127.0.0.1"
GUNICORN = {
    "worker_class": "gthread",
    "workers": 1,  # one office PC: threads share the rulebook and the fonts
    "threads": 4,
    "graceful_timeout": 5,
    "loglevel": "warning",
    "control_socket_disable": True,
}


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--empty", is_flag=True, help="Do not load the demo clinic on the first run.")
def serve(port: int, empty: bool) -> None:
    """Serve on this machine; the first run loads the demo clinic.

    Example: clinic-claims serve --port 8000
    """
    listener = _listen(port)
    with application() as (app, deed):
        from ..db import db
        from ..services import upkeep

        if upkeep.is_new() and not empty:
            demo.load(app, deed)
        accounts = demo.account_lines(app)
        db.session.remove()
        db.engine.dispose()  # a database connection must not cross the fork
    if accounts:
        click.echo("\n".join(["Demo accounts (e-mail, password, role):", *accounts]))
    click.echo(f"Serving on http://{HOST}:{listener.getsockname()[1]}")
    _run(app, listener)


def _listen(port: int) -> socket.socket:
    """Take the port before anything else is done, so that a taken one is told at once."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        stop(f"Port {port} cannot be used: {error.strerror}. Stop the other program or choose another --port.")
    return listener


def _run(app: "Flask", listener: socket.socket) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # pyright: ignore[reportUntypedBaseClass]
        def load_config(self) -> None:
            for name, value in (GUNICORN | {"bind": f"fd://{listener.fileno()}"}).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    Server().run()


COMMANDS = (serve,)
