"""The same words set by another typesetter, as a hint of what the machine allows; the looks are only alike."""

import json
from html.parser import HTMLParser

import typst

from clinic_claims import press

SET = """#set page("us-letter", margin: 0.8in, numbering: "1 / 1")
#set text(font: "Source Serif 4", size: 10pt, lang: "en")
#set document(title: "Letter")
"""
ENDS = {"p", "h1", "h2", "li", "div", "dd", "dt", "address", "caption", "blockquote", "ul", "ol", "dl", "section"}
HEADINGS = {"h1": "= ", "h2": "== "}


class Markup(HTMLParser):
    """Turn a letter's page into Typst's markup: paragraphs, headings, lists and tables; no windows, no folds."""

    def __init__(self) -> None:
        super().__init__()
        self.out, self.cells, self.columns, self.silent = [SET], None, 0, False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent = tag in ("title", "style")
        if tag == "table":
            self.cells, self.columns = [], 0
        elif tag in ("td", "th") and self.cells is not None:
            self.cells.append("")
        elif tag in HEADINGS or tag == "li":
            self._add("\n\n" + HEADINGS.get(tag, "- "))
        elif tag == "br":
            self._add(" \\\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead" and self.cells is not None:
            self.columns = len(self.cells)
        elif tag == "table" and self.cells is not None:
            cells, self.cells = ", ".join(f"[{cell}]" for cell in self.cells), None
            self._add(f"\n\n#table(columns: {self.columns or 2}, {cells})\n\n")
        elif tag in ENDS:
            self._add("\n\n")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.silent:
            words = " ".join(data.split())
            self._add(f"#{json.dumps(words, ensure_ascii=False)} ")

    def _add(self, words: str) -> None:
        if self.cells:
            self.cells[-1] += words
        else:
            self.out.append(words)


def typeset(page: str) -> bytes:
    """Return a PDF of the page's words in the letter's own fonts."""
    markup = Markup()
    markup.feed(page)
    fonts = [str(press._FONTS)]
    return typst.compile("".join(markup.out).encode(), font_paths=fonts, ignore_system_fonts=True)
