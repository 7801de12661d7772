"""What stands on the pages of a printed letter: their number and their words, without what heads and foots each."""

import re

import pypdfium2

HEAD, FOOT = 52, 58  # points that the running lines take at the top and the bottom of a letter's page
_NUMBER = re.compile(r"\d{1,2}\.\s*")  # of a list; a page draws all of its numbers last, each as a line of its own


def words(file: bytes) -> tuple[str, ...]:
    """Return the words of each page; lines are joined, for where a line ends means nothing."""
    with pypdfium2.PdfDocument(file) as document:
        return tuple(_words(page) for page in document)


def _words(page: pypdfium2.PdfPage) -> str:
    width, height = page.get_size()
    text = page.get_textpage().get_text_bounded(0, FOOT, width, height - HEAD)
    lines = (line for line in text.replace("\ufffe", "").splitlines() if not _NUMBER.fullmatch(line))
    return " ".join(" ".join(lines).split())
