"""What stands on the pages of a printed letter: their number and their words, without what heads and foots each."""

import pypdfium2

HEAD, FOOT = 52, 58  # points that the running lines take at the top and the bottom of a letter's page


def words(file: bytes) -> tuple[str, ...]:
    """Return the words of each page; lines are joined, for where a line ends means nothing."""
    with pypdfium2.PdfDocument(file) as document:
        return tuple(_words(page) for page in document)


def _words(page: pypdfium2.PdfPage) -> str:
    width, height = page.get_size()
    text = page.get_textpage().get_text_bounded(0, FOOT, width, height - HEAD)
    return " ".join(text.replace("\ufffe", "").split())
