"""Somebody at the desk: presses and types as a person would, and counts."""

import re
from datetime import timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Locator, Page
from sqlalchemy import Select

from clinic_claims.clock import today
from clinic_claims.db import db


class Hands:
    """A person before the demo in a browser; every click and keystroke is counted."""

    def __init__(self, page: Page, address: str, app: Flask) -> None:
        self.page, self.address, self.app = page, address, app
        self.clicks = self.keys = 0

    def key(self, query: Select[Any]) -> int:
        """Look a record of the demo up."""
        with self.app.app_context():
            return db.session.scalars(query.limit(1)).one()

    def day(self, days: int = 0) -> str:
        """Name a day from today on."""
        with self.app.app_context():
            return (today() + timedelta(days)).isoformat()

    def at(self, path: str) -> None:
        """Begin on a page; what led there is not counted."""
        self.page.goto(self.address + path)

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def button(self, name: str) -> None:
        self.click(self.page.locator("main").get_by_role("button", name=name, exact=True).first)

    def link(self, name: str) -> None:
        self.click(self.page.locator("main").get_by_role("link", name=name, exact=True).first)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, label: str, text: str) -> None:
        """Go to a field and fill it; a date is typed as its eight digits."""
        self.page.get_by_label(label).first.fill(text)
        self.clicks += 1
        self.keys += len(text.replace("-", "")) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else len(text)

    def choose(self, label: str) -> None:
        """Take the first choice of a list."""
        self.page.get_by_label(label).first.select_option(index=1)
        self.clicks += 2

    def take(self, name: str, data: bytes) -> None:
        """Choose a file from this computer."""
        self.page.locator("input[type=file]").first.set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": data}
        )
        self.clicks += 2

    def sees(self, words: str) -> None:
        """Wait for the answer, and for the page to be whole."""
        self.page.get_by_text(words).first.wait_for()
        self.page.wait_for_load_state("load")
