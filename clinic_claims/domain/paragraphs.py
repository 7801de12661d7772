"""The standard paragraphs of letters: plain text with merge fields, filled from the letter and never run.

A blank line begins a paragraph, and "- " a point of a list. What stands in [square brackets] prints only where every
merge field in it is known, so that a sentence can do without a fact that is not on file.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from .merge_fields import FIELDS, Shown

FIELD = re.compile(r"\{\s*([^{}]*?)\s*\}")
_STRAY = re.compile(r"\{[{%#]|[%#}]\}|[{}]")
_SPARE = re.compile(r"\[([^\[\]]*)\]")
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z“{\[])")


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """One [[paragraph]] of rules/paragraphs.toml. `where` says in which letters; `fields` what it may tell besides."""

    id: str
    name: str
    where: str
    text: str
    fields: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every merge field that it may use: those of any letter, those of its shipped words, and its own."""
        own = (*_named(self.text), *self.fields)
        return tuple(name for name, field in FIELDS.items() if field.everywhere or name in own)


@dataclass(frozen=True)
class Sentence:
    """A sentence as printed, with the facts that it tells."""

    text: str
    source: str


@dataclass(frozen=True)
class Block:
    """A paragraph, or the points of a list."""

    lines: tuple[tuple[Sentence, ...], ...]
    is_list: bool = False


def blocks(text: str, shown: Shown) -> list[Block]:
    """Fill a text from a letter, sentence by sentence; what a fact says is never read as a field again."""
    found: list[Block] = []
    for piece in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in piece.splitlines() if line.strip()]
        points = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
        if points and len(points) == len(lines):
            found.append(Block(tuple(tuple(_sentences(point, shown)) for point in points), is_list=True))
        else:
            found.append(Block((tuple(_sentences(" ".join(lines), shown)),)))
    return found


def filled(text: str, shown: Shown) -> str:
    """Put the facts in place of the merge fields, and leave out what cannot be told."""
    kept = _SPARE.sub(lambda spare: spare[1] if all(_told(name, shown) for name in _named(spare[1])) else "", text)
    return FIELD.sub(lambda found: _told(found[1], shown), kept)


def merged(text: str, shown: Shown) -> str:
    """Put the facts in place of the merge fields and leave everything else as it is typed."""
    return FIELD.sub(lambda found: _told(found[1], shown) if found[1] in FIELDS else found[0], text)


def _sentences(text: str, shown: Shown) -> Iterator[Sentence]:
    for sentence in _SENTENCE.split(text):
        said, names = filled(sentence, shown), _named(sentence)
        if said.strip():
            sources = dict.fromkeys(token for name in names if name in FIELDS for token in FIELDS[name].source.split())
            yield Sentence(said, " ".join(sources))


def _named(text: str) -> list[str]:
    return [found[1] for found in FIELD.finditer(text)]


def _told(name: str, shown: Shown) -> str:
    return FIELDS[name].told(shown) if name in FIELDS else ""


def field_faults(text: str, allowed: Iterable[str]) -> Iterator[str]:
    """Say of everything in braces that is no merge field of this text where it stands, and what may be meant."""
    known = tuple(allowed)
    for number, line in enumerate(text.splitlines(), 1):
        strange = [found[0] for found in FIELD.finditer(line) if found[1] not in known]
        for braces in strange or _STRAY.findall(FIELD.sub("", line)):
            near = get_close_matches(braces.strip("{} "), known, 1)
            meant = f" Do you mean {{{near[0]}}}?" if near else ""
            yield f"Line {number}: {braces} is no merge field here.{meant}"
        if line.count("[") != line.count("]"):
            yield f"Line {number}: a square bracket is open. What stands in [brackets] prints only where it is known."


def paragraph_faults(paragraphs: Iterable[Paragraph]) -> Iterator[tuple[str, str]]:
    """Name each shipped paragraph whose merge fields do not exist."""
    for paragraph in paragraphs:
        yield from ((paragraph.id, fault) for fault in field_faults(paragraph.text, FIELDS))
        yield from ((paragraph.id, f"{name} is no merge field") for name in paragraph.fields if name not in FIELDS)
