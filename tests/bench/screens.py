"""./dev bench screens FOLDER: a picture of every page at three widths, light and dark, to be looked at side by side."""

import argparse
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from ..browser.conftest import FLAGS, SCHEMES, WIDTHS, chromium
from ..browser.office import enter, load_demo
from ..browser.routes import addresses

HEIGHTS = {390: 844}


def main(words: Sequence[str]) -> None:
    """Load a demo of its own, walk the route table and write WIDTH-THEME/PAGE.png."""
    parser = argparse.ArgumentParser(prog="./dev bench screens", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go; outside the repository")
    parser.add_argument("--only", default="", help="pages whose name holds this word")
    parser.add_argument("--width", type=int, nargs="*", default=WIDTHS)
    parser.add_argument("--theme", nargs="*", default=SCHEMES, choices=SCHEMES)
    parser.add_argument("--print", action="store_true", dest="on_paper", help="as PDF, with the print styles")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        shoot(load_demo(Path(folder)), asked)


def shoot(app: Flask, asked: Any) -> None:
    """Serve the demo and picture its pages."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    with app.app_context():
        pages = {name: address for name, address in addresses(app) if asked.only in name}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_context(reduced_motion="reduce", locale="en-US").new_page()
        home = enter(f"http://127.0.0.1:{server.server_port}", page)
        for name, address in pages.items():
            page.goto(home + address)
            page.wait_for_load_state("networkidle")
            keep(page, name, asked)
        browser.close()
    server.shutdown()
    print(f"{len(pages)} pages in {asked.folder}")


def keep(page: Page, name: str, asked: Any) -> None:
    """Keep the open page: on paper, or at every width in every theme."""
    if asked.on_paper:
        page.pdf(path=asked.folder / "paper" / f"{name}.pdf", format="Letter")
        return
    for width in asked.width:
        page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
        for theme in asked.theme:
            page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
            page.screenshot(path=asked.folder / f"{width}-{theme}" / f"{name}.png", full_page=True)
