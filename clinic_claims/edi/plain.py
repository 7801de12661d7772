"""Tell spreadsheets saved as text from everything else that is not X12."""

import csv
import re

OTHER_KINDS = {
    b"%PDF": "This is a PDF. Attach it to a claim as a document; only X12 and CSV files can be imported.",
    b"PK\x03\x04": "This is a ZIP archive or an Excel workbook. Unpack it, or save the sheet as CSV, then import that.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel or Word file. Save the sheet as CSV, then import that.",
    b"\x1f\x8b": "This is a compressed file. Unpack it, then import what is inside.",
    b"\x89PNG": "This is a picture. Attach it to a claim as a document; only X12 and CSV files can be imported.",
    b"\xff\xd8\xff": "This is a picture. Attach it to a claim as a document; only X12 and CSV files can be imported.",
    b"\xff\xfe": "This text file is saved as UTF-16. Save it as UTF-8 (or plain CSV), then import that.",
    b"UNB+": "This is an EDIFACT file; only X12 and CSV files can be imported.",
    b"<": "This is an XML or HTML file; only X12 and CSV files can be imported.",
}
SUBJECTS = re.compile(r"claim|patient|payer|insur|member|policy|denial|service|charge|billed|procedure|cpt|dos\b", re.I)


def is_table(body: bytes) -> bool:
    """Say whether text begins with a header line of a claims spreadsheet: named columns, one about our subject."""
    start = body[:20_000].removeprefix(b"\xef\xbb\xbf")
    line = re.split(rb"[\r\n]", start, maxsplit=1)[0].decode("utf-8", "replace").strip()
    if not line.isprintable() and "\t" not in line:
        return False
    return any(_names_columns(next(csv.reader([line], delimiter=mark), [])) for mark in ",;\t|")


def _names_columns(cells: list[str]) -> bool:
    names = [cell.strip() for cell in cells if cell.strip()]
    return len(names) > 1 and all(name[0].isalpha() for name in names) and any(SUBJECTS.search(name) for name in names)


def name_of_other_kind(body: bytes) -> str:
    """Say in one sentence what a file is that is neither X12 nor a table, and what to do about it."""
    if not body:
        return "The file is empty."
    if re.match(rb"(GS|ST)[^A-Za-z0-9]", body):
        return "The file does not begin with an ISA header; ask the sender for the whole interchange."
    named = next((said for mark, said in OTHER_KINDS.items() if body.startswith(mark)), "")
    return named or "The file is neither X12 (it does not begin with ISA) nor a CSV table with column names."
