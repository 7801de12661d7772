"""A report as text for the terminal, CSV, JSON and an accessible PDF."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select

from ..db import db
from ..domain import words
from ..domain.papers import Column, Paper, Ref, Table, harmless, shown
from ..models import Clinic
from ..pdf import TEMPLATES
from .deeds import Deed
from .workbooks import to_xlsx

AT_ONCE = 2000  # rows of CSV sent in one part
WIDEST = 180  # letters that a row may take in a terminal


def to_text(paper: Paper) -> str:
    """Lay the tables out for a terminal."""
    parts = [f"{section.title}\n\n{_laid_out(section.table)}" for section in paper.sections if section.table]
    return "\n\n".join([f"{paper.title}. {paper.about}", *parts]) + "\n"


def laid_out(about: str, table: Table) -> str:
    """Lay one table out under a line that says what it covers."""
    return f"{about}\n\n{_laid_out(table)}\n"


def _laid_out(table: Table) -> str:
    rows = [[shown(value, column.kind) for value, column in _cells(row, table)] for row in table.rows]
    if not rows and table.total is None:
        return table.empty
    total = [[shown(value, column.kind) if value is not None else "" for value, column in _cells(table.total, table)]]
    lines = [[column.label for column in table.columns], *rows, *(total if table.total is not None else [])]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if sum(widths) > WIDEST:
        return _stacked(lines)
    laid = ["  ".join(_padded(line, widths, table.columns)) for line in lines]
    return "\n".join([laid[0], "-" * len(laid[0]), *laid[1:]])


def _stacked(lines: Sequence[Sequence[str]]) -> str:
    """Lay rows out one below the other, each cell on a line of its own behind its heading."""
    heads, *rows = lines
    width = max(map(len, heads))
    return "\n\n".join("\n".join([row[0], *_named(row, heads, width)]) for row in rows)


def _named(row: Sequence[str], heads: Sequence[str], width: int) -> Iterator[str]:
    for head, cell in list(zip(heads, row, strict=True))[1:]:
        if cell not in ("", "–"):
            yield f"  {head.ljust(width)}  {cell}"


def _cells(row: Sequence[Any] | None, table: Table) -> Iterable[tuple[Any, Column]]:
    return zip(row or (), table.columns, strict=row is not None)


def _padded(line: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> Iterable[str]:
    for cell, width, column in zip(line, widths, columns, strict=True):
        yield cell.rjust(width) if column.is_figure else cell.ljust(width)


def to_csv(paper: Paper) -> str:
    """Write every table as CSV, one below the other with its name, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    tables = [section.table for section in paper.sections if section.table]
    for table in tables:
        if len(tables) > 1:
            writer.writerow([table.name])
        writer.writerow([column.label for column in table.columns])
        writer.writerows([[harmless(value) for value in row] for row in table.rows])
        if len(tables) > 1:
            writer.writerow([])
    return out.getvalue()


def to_json(paper: Paper) -> dict[str, Any]:
    """Give every table with ISO dates and money strings, and what the words mean."""
    tables = [section.table for section in paper.sections if section.table]
    return {
        "title": paper.title,
        "about": paper.about,
        "tables": [_document(table) for table in tables],
        "definitions": dict(paper.means),
    }


def _document(table: Table) -> dict[str, Any]:
    labels = [column.label for column in table.columns]
    rows = [dict(zip(labels, map(plain, row), strict=True)) for row in table.rows]
    total = {"total": dict(zip(labels, map(plain, table.total), strict=True))} if table.total is not None else {}
    return {"name": table.name, "rows": rows, **total}


def plain(value: Any) -> Any:
    """Give a value as JSON holds it: money and shares as strings, days as ISO dates."""
    match value:
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case Ref():
            return value.text
        case _:
            return value


def to_pdf(paper: Paper, deed: Deed) -> bytes:
    """Print the report with its charts, tables and definitions."""
    from ..press import printed  # WeasyPrint takes half a second to load

    made = f"Made on {words.day(deed.today)} by {deed.actor}"
    clinic = db.session.scalar(select(Clinic).limit(1))
    page = _templates().get_template("reports/paper.html").render(paper=paper, made=made, clinic=clinic)
    return printed(page, TEMPLATES / "reports" / "report.css")


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["shown"] = shown
    return made


def csv_parts(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Write rows as CSV, some thousand at a time, so that no more than a part is ever held."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % AT_ONCE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def json_parts(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Write rows as a JSON list, one a line and one at a time."""
    lead = "["
    for row in rows:
        yield f"{lead}\n  {json.dumps(row, ensure_ascii=False)}"
        lead = ","
    yield "[]" if lead == "[" else "\n ]"


def json_bytes(document: Any) -> bytes:
    """Write a JSON document."""
    return f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode()


FORMS: dict[str, Callable[[Paper, Deed], Iterable[bytes]]] = {
    "table": lambda paper, deed: [to_text(paper).encode()],
    "csv": lambda paper, deed: [to_csv(paper).encode()],
    "json": lambda paper, deed: [json_bytes(to_json(paper))],
    "xlsx": lambda paper, deed: to_xlsx(paper),
    "pdf": lambda paper, deed: [to_pdf(paper, deed)],
}
"""Each form of a report, as the parts of a file."""
