"""Tell spreadsheets saved as text from everything else that is not X12."""

import csv
import re
from unicodedata import category

ONLY = "only X12, CSV and Excel files can be imported"
PICTURE = f"This is a picture. Attach it to a claim as a document; {ONLY}."
WEB_PAGE = "This is a web page or XML, perhaps a portal's sign-in page saved in place of the file. Download it again"
OTHER_KINDS = {
    b"%PDF": f"This is a PDF. Attach it to a claim as a document; {ONLY}.",
    b"PK\x03\x04": "This is a ZIP archive or an Excel workbook. Unpack it, or save the sheet as CSV, then import that.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel or Word file. Save the sheet as CSV, then import that.",
    b"\x1f\x8b": "This is a compressed file. Unpack it, then import what is inside.",
    b"\x89PNG": PICTURE,
    b"\xff\xd8\xff": PICTURE,
    b"\xff\xfe": "This text file is saved as UTF-16. Save it as UTF-8 (or plain CSV), then import that.",
    b"\xfe\xff": "This text file is saved as UTF-16. Save it as UTF-8 (or plain CSV), then import that.",
    b"UNB+": f"This is an EDIFACT file; {ONLY}.",
    b"{": f"This is a JSON or rich text file; {ONLY}.",
    b"[": f"This is a JSON file; {ONLY}.",
    b"<": f"{WEB_PAGE}; {ONLY}.",
}
WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins
SUBJECTS = re.compile(r"claim|patient|payer|insur|member|policy|denial|service|charge|billed|procedure|cpt|dos\b", re.I)
UNSEEN = ("Zs", "Cf")  # spaces that do not break and marks without width, as they come along from web pages
LOOKED_AT = 15  # lines: a title and a date may stand above the names of the columns


def is_table(body: bytes) -> bool:
    """Say whether text is a spreadsheet: a line of column names about our subject, or three and more of any names.

    Whoever names columns as nobody else does settles them once, on the page that shows the table.
    """
    if not body.startswith(WIDE) and any(body.startswith(mark) for mark in OTHER_KINDS):
        return False
    text = _beginning(body)
    if any(not (mark.isprintable() or mark in "\t\r\n" or category(mark) in UNSEEN) for mark in text):
        return False
    lines = text.splitlines()[:LOOKED_AT]
    return any(_is_header(lines, at, mark) for mark in ",;\t|" for at in range(len(lines)))


def _beginning(body: bytes) -> str:
    """Decode the first lines, whole characters only."""
    encoding = "utf-16" if body.startswith(WIDE) else "utf-8-sig"
    return body[:20_000].decode(encoding, "replace").removesuffix("\ufffd").lstrip("\ufeff")


def _is_header(lines: list[str], at: int, mark: str) -> bool:
    names = _names(lines[at], mark)
    if len(names) < 2 or not all(name[0].isalpha() for name in names):
        return False
    below = _names(lines[at + 1], mark) if at + 1 < len(lines) else []
    return any(map(SUBJECTS.search, names)) or (len(names) > 2 and len(below) > 1)


def _names(line: str, mark: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mark), []) if cell.strip()]


def name_of_other_kind(body: bytes) -> str:
    """Say in one sentence what a file is that is neither X12 nor a table, and what to do about it."""
    if not body:
        return "The file is empty."
    if re.match(rb"(GS|ST)[^A-Za-z0-9]", body):
        return "The file does not begin with an ISA header; ask the sender for the whole interchange."
    named = next((said for mark, said in OTHER_KINDS.items() if body.startswith(mark)), "")
    return named or "The file is neither X12 (it does not begin with ISA) nor a CSV table with column names."
