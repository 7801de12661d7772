"""A real browser before a real server: pages are driven in Chromium and served on a free port of this machine."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, expect
from werkzeug.serving import BaseWSGIServer, make_server

from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.models import Denial
from clinic_claims.rulebook import Rulebook
from clinic_claims.services import demo
from clinic_claims.services.deeds import Deed

from ..conftest import NOON
from .office import add_dana

AXE = next(Path(__file__).parent.glob("vendor/axe-core-*/axe.min.js"))
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (390, 1366, 1920)
SCHEMES = ("light", "dark")
LONG = 120_000  # milliseconds that any wait may take: a busy machine is no fault
expect.set_options(timeout=LONG)


def chromium() -> str:
    """Say where the browser is."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "Chromium is not installed; `./dev test` installs it."
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium in place of the build that Playwright would download."""
    return {"executable_path": chromium(), "args": FLAGS, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """An office screen, with motion off so that a picture never catches a transition halfway."""
    return {"viewport": {"width": 1366, "height": 768}, "locale": "en-US", "reduced_motion": "reduce"}


@pytest.fixture
def live_server() -> Iterator[Callable[[Flask], str]]:
    """Serve an application on a free port: `live_server(app)` gives its address, without a slash at the end."""
    running: list[tuple[BaseWSGIServer, Thread]] = []

    def serve(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def database(empty_sqlite: Path, tmp_path: Path) -> str:
    """The embedded database alone: the tests here ask what people see, which does not differ by database."""
    shutil.copy(empty_sqlite, tmp_path / "clinic_claims.sqlite")
    return ""


@pytest.fixture
def app(make_app: Callable[..., Flask], database: str) -> Flask:
    """The application on a day that stands still: the tests mean the same on every other."""
    return make_app(database, CLOCK=lambda: NOON)


@pytest.fixture
def serve_demo(app: Flask, book: Rulebook, live_server: Callable[[Flask], str]) -> Callable[[str], str]:
    """Serve the demo clinic to Dana Park: `serve_demo("biller")` gives its address."""

    def serve(role: str) -> str:
        deed = Deed("demo", now(), book)
        with transaction():
            demo.load(deed)
            add_dana(role, deed)
        db.session.remove()
        return live_server(app)

    return serve


@pytest.fixture
def unanswered(serve_demo: Callable[[str], str]) -> tuple[str, int]:
    """The demo served to a biller, and a denial that nobody has answered yet, whose letter lacks nothing."""
    home = serve_demo("biller")
    denial = db.session.query(Denial).filter_by(category="pre_approved_then_denied", state="open").one().id
    db.session.remove()
    return home, denial


@pytest.fixture
def page_faults() -> list[str]:
    """What went wrong behind the open page; a test that means it to happen reads the list and clears it."""
    return []


@pytest.fixture
def page(context: BrowserContext, page_faults: list[str]) -> Iterator[Page]:
    """A page that fails its test on a script error, a refused style or script, or a call to another machine."""

    def keep_on_this_machine(route: Route) -> None:
        page_faults.append(f"asked for {route.request.url}")
        route.abort()

    def listen(message: ConsoleMessage) -> None:
        answered = "the server responded with a status of 4" in message.text
        if message.type == "error" and not answered:
            page_faults.append(message.text)

    context.route(lambda url: not url.startswith(("http://127.0.0.1:", "data:", "blob:")), keep_on_this_machine)
    context.set_default_timeout(LONG)
    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: page_faults.append(str(error)))
    yield page
    assert page_faults == []


@pytest.fixture
def axe(page: Page) -> Callable[[], list[str]]:
    """Check the open page against WCAG 2.2 AA and good practice: `axe()` gives one line for each fault."""

    def check() -> list[str]:
        page.wait_for_load_state("networkidle")  # a page without its style sheets yet is not the page
        page.evaluate(AXE.read_text("utf-8"))
        # Without preload: axe would parse style sheets into inline styles, which the pages' policy refuses.
        found = page.evaluate("async () => (await axe.run({preload: false})).violations")
        return [
            f"{fault['id']}: {node['target']}: {node['failureSummary']}" for fault in found for node in fault["nodes"]
        ]

    return check


@pytest.fixture
def pictures(page: Page, tmp_path: Path) -> Callable[[str], list[Path]]:
    """Picture the open page at each width, light and dark: `pictures("worklist")` gives the files.

    They go to the folder that CLINIC_CLAIMS_PICTURES names, else to the test's own.
    """
    folder = Path(os.environ.get("CLINIC_CLAIMS_PICTURES", tmp_path))

    def take(name: str) -> list[Path]:
        return [shoot(name, width, scheme) for width in WIDTHS for scheme in SCHEMES]

    def shoot(name: str, width: int, scheme: Any) -> Path:
        file = folder / f"{name}-{width}-{scheme}.png"
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844 if width < 600 else 900})
        page.screenshot(path=file, full_page=True)
        return file

    return take
