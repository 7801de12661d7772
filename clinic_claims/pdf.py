"""Print a letter: words by Jinja, where a missing one is an error, and pages by WeasyPrint, which stays offline."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .domain import own_words, words
from .domain.arguments import Argument
from .domain.hooks import Request
from .domain.letter_parts import Finding
from .domain.letters import Letter, citable, said
from .domain.paragraphs import blocks

_PACKAGE = Path(__file__).parent
TEMPLATES = next(path for path in (_PACKAGE.parent / "templates", _PACKAGE / "_data" / "templates") if path.is_dir())
LETTERS = TEMPLATES / "letters"

# What must not be torn apart at the end of a line. U+00A0 alone: a span that forbids breaks sets lines too short.
_TOGETHER = re.compile(
    r"\(\d{3}\) \d{3}-\d{4}|PMID \d+|"
    r"\d+ (?:CFR|ILCS|U\.S\.C\.) [\w.()-]+|\d[\d,.]* (?:units?|weeks?|hours?|months?|days?|years?"
    r"|patients|mg|mmol/L)\b|(?:severity|frequency|week|[Ll]evel|[Gg]rade|[Cc]lass) [\dA-CIV]+\b"
    r"|Exhibits? [A-Z]+\b|page \d+|[Pp]olicy [A-Z]+-\d+|§ [\w.-]+|(?:Ms|Mr|Mrs|Dr)\. \w"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d+"
)
# Marks that turn the reading direction: a name that holds one could make the rest of a line read backwards.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAG = re.compile(r"(<[^>]*>)")

_WORDINGS: tuple[Callable[..., Any], ...] = (
    *(words.day, words.month, words.money, words.number, words.listed, words.clauses, words.paragraphs),
    *(words.unstopped, words.lowered, words.capitalized, words.counted, words.with_article),
)


def html(letter: Letter) -> str:
    """Return the letter as a page; `data-src` on a sentence names the fact or citation that it came from."""
    page = _environment().get_template("frame.html").render(_context(letter))
    return keep_together(_TURNING.sub("", page))


def standard(letter: Letter, argument: Argument) -> str:
    """Return the standard words of an argument as staff edit them: [its id] is a reference, [table] a table."""
    return own_words.editable(_argument(letter, argument))


def _argument(letter: Letter, argument: Argument) -> str:
    """Fill an argument's standard words with the facts, each reference as its mark."""
    shown = _context(letter) | {"argument": argument, "cite": _mark, "said": _marked}
    page = _environment().get_template("sections/standard.html").render(shown)
    return _TURNING.sub("", page)


def _mark(citation: str) -> str:
    return f" [{citation}]"


def _marked(request: Request) -> str:
    return said(request, "".join(map(_mark, request.cites)))


def _edited(letter: Letter, argument: Argument) -> list[tuple[bool, str]]:
    """Return the edited words of an argument by paragraph; True goes with a standard table, where its mark stands."""
    known = citable(argument, letter.grounds[argument.id])
    text = letter.edits[argument.id]
    notes = {cite: _note(letter, cite) for cite in own_words.references(text, known)}
    tables = iter(own_words.tables(_argument(letter, argument)))
    found = [
        (True, next(tables, "")) if piece == own_words.TABLE else (False, own_words.numbered(piece, notes))
        for piece in own_words.pieces(text)
    ]
    return [piece for piece in found if piece[1]]


def pdf(letter: Letter, draft: bool = False) -> bytes:
    """Print the letter. A letter with gaps, or one printed as a draft, carries the word DRAFT on every page."""
    return pages(html(letter), "letter.css", *(["draft.css"] if draft or letter.gaps else []))


@lru_cache(maxsize=64)
def pages(page: str, *styles: str) -> bytes:
    """Print a page of HTML; the same page is never printed twice while a process remembers it."""
    from .press import printed  # WeasyPrint takes half a second to load, and most commands never print

    return printed(page, *(LETTERS / style for style in styles))


def front(**shown: Any) -> bytes:
    """Print the front sheet of a packet; a word that is missing is an error."""
    from .press import printed

    page = _environment().get_template("front.html").render(shown)
    return printed(keep_together(_TURNING.sub("", page)), LETTERS / "letter.css", LETTERS / "front.css")


def keep_together(page: str) -> str:
    """Put no-break spaces into phone numbers, measures, laws, dates and exhibits: in text alone, never in a tag."""
    parts = _TAG.split(page)
    parts[::2] = [_TOGETHER.sub(_glued, text) for text in parts[::2]]
    return "".join(parts)


def _glued(found: re.Match[str]) -> str:
    """Keep (h)(3)(ii) whole as well, with U+2060, which the letter's fonts draw as nothing."""
    return found[0].replace(" ", "\u00a0").replace(")(", ")\u2060(")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({wording.__name__: wording for wording in _WORDINGS})
    return made


def _context(letter: Letter) -> dict[str, Any]:
    """Return what templates may say: the letter, its facts, and how to point at exhibits and references."""
    return {
        "letter": letter,
        "facts": letter.facts,
        "period": words.period,
        "edited": lambda argument: _edited(letter, argument),
        "worded": lambda name: blocks(letter.paragraphs[name].text, letter.shown()),
        "ask": lambda: letter.ask,
        "said": lambda request: said(request, "".join(_note(letter, cite) for cite in request.cites)),
        "cite": lambda citation: _note(letter, citation),
        "see": lambda fact: f" ({place})" if (place := _place(letter, fact, "{}, page {}", "{}")) else "",
        "noted": lambda finding, told=None: _noted(letter, finding, told),
        "place": lambda fact: _place(letter, fact, "{}-{}", "{}", short=True),
        "see_kind": lambda kind: f" (Exhibit {found[0].letter})" if (found := letter.kind_of(kind)) else "",
    }


def _note(letter: Letter, citation: str) -> str:
    return f"\u00a0[{letter.note(citation)}]"


def _noted(letter: Letter, finding: Finding, told: date | None) -> str:
    """Say when a finding was noted, unless that day was told just before, and where it stands."""
    day = words.day(finding.on) if finding.on != told else ""
    said = "; ".join(filter(None, (day, _place(letter, finding, "{}, page {}", "{}"))))
    return f" ({said})" if said else ""


def _place(letter: Letter, fact: Any, with_page: str, without: str, short: bool = False) -> str:
    """Name the exhibit and page a fact stands on; empty when its document is not enclosed."""
    exhibit = letter.exhibit(fact.document)
    if not exhibit:
        return ""
    name = exhibit.letter if short else f"Exhibit {exhibit.letter}"
    return with_page.format(name, fact.page) if fact.page else without.format(name)
