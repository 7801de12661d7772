"""The demo in a database of its own, and how tests look at it."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from pypdf import PdfReader

from clinic_claims.db import db, transaction
from clinic_claims.models import Document
from clinic_claims.services import demo, documents
from clinic_claims.services.deeds import Deed

WEDNESDAY = datetime(2026, 11, 18, 17, tzinfo=UTC)  # the moment at which tests load the demo


def load(app: Flask, deed: Deed) -> dict[str, Any]:
    """Load the demo and publish what the command shows."""
    with transaction():
        summary = demo.load(deed)
    return demo.publish(summary, Path(app.config["INSTANCE"]))


def rows(table: Any) -> list[Any]:
    """Give all of a table, oldest first."""
    return db.session.query(table).order_by(table.id).all()


def text_of(document: Document) -> str:
    """Give the words of a PDF on file."""
    pages = PdfReader(BytesIO(documents.read(document))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
