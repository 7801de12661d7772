"""Where each sentence of a letter comes from: the tokens in its `data-src`, read back."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

from .letters import Letter


@dataclass(frozen=True)
class Origin:
    """One source of a sentence: a fact of the chart, a citation, a law, a document or staff's own words.

    `place` names exhibit and page of a fact, `status` how far a citation or a law is checked, `limits` what a reviewer
    may answer. `source` is the token itself, such as finding:exam or denial.quoted.
    """

    kind: Literal["fact", "citation", "law", "document", "own"]
    source: str
    text: str
    place: str = ""
    status: str = ""
    limits: str = ""


def origins(letter: Letter, tokens: str) -> tuple[Origin, ...]:
    """Read the tokens of one `data-src`. Raises LookupError for one that names nothing in the letter."""
    return tuple(origin for token in tokens.split() for origin in _origins(letter, token))


def _origins(letter: Letter, token: str) -> Iterator[Origin]:
    kind, _, name = token.partition(":")
    match kind:
        case "finding":
            yield from _findings(letter, token, name)
        case "citation":
            found = letter.citations[letter.note(name) - 1]
            yield Origin("citation", token, found.reference, status=found.status, limits=found.limits)
        case "hook":
            given = [request for group in (letter.requests, *letter.grounds.values()) for request in group]
            request = next(request for request in given if request.id == name)
            yield Origin("law" if request.law else "own", token, request.text, place=request.law or "")
        case "document":
            exhibit = next(e for e in letter.exhibits if name in (e.document.id, e.document.kind))
            yield Origin("document", token, exhibit.document.title, f"Exhibit {exhibit.letter}")
        case "own":
            yield Origin("own", token, next((one.text for one in letter.own if one.id == name), ""))
        case "edited" | "arguments":
            yield Origin("own", token, letter.edits.get(name, ""))
        case _:
            yield Origin("fact", token, _text(reduce(_step, token.split("."), letter.facts)))


def _findings(letter: Letter, token: str, name: str) -> Iterator[Origin]:
    for finding in letter.facts.findings:
        if name in (finding.id, finding.kind):
            exhibit = letter.exhibit(finding.document)
            page = f", page {finding.page}" if finding.page else ""
            place = f"Exhibit {exhibit.letter}{page}" if exhibit else ""
            yield Origin("fact", f"finding:{finding.id}", finding.words, place)


def _step(value: Any, name: str) -> Any:
    """Take one step of a dotted path. Raises LookupError where it leads nowhere."""
    if name.isdigit():
        return value[int(name)]
    try:
        return getattr(value, name)
    except AttributeError:
        raise LookupError(f"no fact {name}") from None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
