"""Everything on record in open formats, to go elsewhere with: a CSV for each table, and every document as received."""

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, select

from ..db import db, transaction
from ..domain.papers import harmless
from ..models import Document
from . import documents
from .deeds import Deed, Refused
from .history import record

AT_THE_DOOR = {"passkey", "refresh_token", "user_session", "sign_in_tries", "invitation", "throttle"}  # opens no record
OF_A_PERSON = {"id", "email", "full_name", "initials", "active"}  # and no secret
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tif", "text/plain": "txt"}
TOLD = """Clinic Claims, everything on record on {day}.

tables/NAME.csv     UTF-8, first line names the columns; money in dollars, days as 2026-11-22, moments in UTC.
                    A column NAME_id holds the id of a row in tables/NAME.csv. Text that a spreadsheet would run as a
                    formula begins with an apostrophe. event.csv is the history.
documents/          every file as received, named by its SHA-256; document.csv says what each is.

Passwords and other means to sign in are left out.
"""


def export(folder: Path, deed: Deed) -> dict[str, int]:
    """Write everything into a new folder for this account alone; return how many rows and documents there are.

    Raises Refused where the folder holds anything.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty. Give a new folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with transaction():
        record("export", "export", deed, sentence="Everything on record exported.")
    for name in ("tables", "documents"):
        (folder / name).mkdir(exist_ok=True)
    tables = [table for table in db.metadata.sorted_tables if table.name not in AT_THE_DOOR]
    rows = sum(_table(table, folder / "tables" / f"{table.name}.csv") for table in tables)
    count = _documents(folder / "documents")
    db.session.rollback()
    (folder / "README.txt").write_text(TOLD.format(day=deed.today), "utf-8")
    return {"tables": len(tables), "rows": rows, "documents": count}


def _table(table: Table, target: Path) -> int:
    columns = [column for column in table.columns if _is_told(column)]
    count = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(column.name for column in columns)
        for row in db.session.execute(select(*columns).order_by(*table.primary_key).execution_options(yield_per=1000)):
            lines.writerow([harmless(value) for value in row])
            count += 1
    return count


def _is_told(column: Column[Any]) -> bool:
    return column.table.name != "app_user" or column.name in OF_A_PERSON


def _documents(folder: Path) -> int:
    """Copy the files; the store checks each as it is read."""
    kinds = db.session.execute(select(Document.sha256, Document.media_type).distinct()).all()
    for digest, media_type in kinds:
        (folder / f"{digest}.{ENDINGS.get(media_type, 'bin')}").write_bytes(documents.store().get(digest))
    return len(kinds)
