"""What staff typed into one letter: paragraphs of their own, and standard words that they changed.

Standard words are edited as plain text. A reference stands in it as its id in brackets, [defazio_2002], and prints as
its number; a table stands as [table] and prints as it is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape
from typing import Literal

from .words import paragraphs

SECTIONS = {
    "opening": "The request",
    "necessity_opening": "The request",
    "takeback_opening": "The request",
    "file_opening": "The request",
    "earlier": "What was decided before",
    "certification": "Why this cannot wait",
    "lead": "The first arguments",
    "history": "Clinical history",
    "tried": "What has been tried",
    "arguments": "The arguments",
    "plan": "Plan of care",
    "requests": "What I ask",
}
"""Sections that a paragraph may follow, as staff read them; after any other section it stands at the end."""
TABLE = "[table]"
LONGEST = 4000  # characters of one text
MOST = 12  # paragraphs of the clinic's own in one letter
_KEPT = re.compile(r'(<div class="keep[^"]*">.*?</div>)', re.DOTALL)
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
_REFERENCE = re.compile(r"\s*\[([a-z0-9_-]+)\]")


@dataclass(frozen=True, kw_only=True)
class OwnParagraph:
    """Words of the clinic's own; `after` names the section or the argument that they follow."""

    id: str
    after: str
    text: str


@dataclass(frozen=True)
class Run:
    """A stretch of words that two texts share, or that only one of them has."""

    kind: Literal["same", "gone", "new"]
    text: str


def editable(fragment: str) -> str:
    """Return the words of a printed argument as staff edit them: paragraphs, with a mark where a table stands."""
    pieces: list[str] = []
    for part in _KEPT.split(fragment):
        pieces += [TABLE] if part.startswith("<div") else [_words(found) for found in _PARAGRAPH.findall(part)]
    return "\n\n".join(piece for piece in pieces if piece)


def tables(fragment: str) -> list[str]:
    """Return the tables of a printed argument, as they stand."""
    return _KEPT.findall(fragment)


def _words(paragraph: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", paragraph)).split())


def pieces(text: str) -> list[str]:
    """Divide typed text into its paragraphs, each table's mark standing alone."""
    return paragraphs(text.replace(TABLE, f"\n\n{TABLE}\n\n"))


def references(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known references that a text names, in its order, each once."""
    mine = set(known)
    return tuple(dict.fromkeys(name for name in _REFERENCE.findall(text) if name in mine))


def numbered(text: str, notes: dict[str, str]) -> str:
    """Print a paragraph: each known reference as its note; what is no reference stays as typed."""
    return _REFERENCE.sub(lambda found: notes.get(found[1], found[0]), text)


def bare(text: str, known: Iterable[str]) -> str:
    """Return a text without the marks of tables and known references, to look for what was left unfilled."""
    return numbered(text.replace(TABLE, " "), dict.fromkeys(known, ""))


def compared(old: str, new: str) -> tuple[Run, ...]:
    """Compare two texts word by word; line ends count as words of their own."""
    before, after = _tokens(old), _tokens(new)
    found = SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
    return tuple(run for code in found for run in _runs(code, before, after))


def _tokens(text: str) -> list[str]:
    return re.findall(r"\n+|[^\s]+[^\S\n]*", text.strip())


def _runs(code: tuple[str, int, int, int, int], old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    kind, a, b, c, d = code
    if kind == "equal":
        yield Run("same", "".join(old[a:b]))
        return
    if b > a:
        yield Run("gone", "".join(old[a:b]))
    if d > c:
        yield Run("new", "".join(new[c:d]))


def reworded(text: str, phrase: str, better: str) -> str:
    """Put the better words in place of a phrase, however its spaces were typed; an article is not said twice."""
    spaced = r"\s+".join(map(re.escape, phrase.split()))
    first = better.partition(" ")[0]
    article = rf"(?:\b{first}\s+)?" if first in ("a", "an", "the") else ""
    return re.sub(article + spaced, lambda _: better, text, count=1)
