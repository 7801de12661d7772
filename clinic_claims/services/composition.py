"""A letter while it is being composed: what it says now, what it could say, where each word is from."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Any

from .. import pdf
from ..clock import day_of
from ..db import db
from ..domain import words
from ..domain.arguments import Argument
from ..domain.citations import Citation
from ..domain.exhibits import DocumentFacts
from ..domain.facts import LetterFacts, question
from ..domain.letters import Letter as Composed
from ..domain.lifecycle import AppealState
from ..domain.quality_gate import Check, Course, gate
from ..domain.registry import against as likely_against
from ..models import Appeal, ClinicalFinding, Letter
from . import drafts, ladders, letter_words, letters, registry, signatures
from .deeds import Deed
from .drafts import Subject, Typed
from .history import record
from .letter_words import Source

PARTS = {
    "authorization": "Approval on file",
    "claim": "Claim as billed",
    "clinic": "Clinic",
    "coverage": "Coverage",
    "denial": "Denial",
    "documents": "Documents on file",
    "filing": "Filing",
    "findings": "Chart findings",
    "injections": "Toxin sessions",
    "missed": "Duties missed",
    "paid_earlier": "Paid before by the same payer",
    "patient": "Patient",
    "policy": "The payer's policy",
    "prior_treatments": "Treatments tried",
    "recoupment": "Takeback",
    "signer": "Signer",
    "treatment": "Treatment case",
}
SPELLED = {"npi": "NPI", "tin": "TIN", "mrn": "MRN", "carcs": "CARC", "rarcs": "RARC", "without": "Without treatment"}
_SOURCE = re.compile(r'data-src="([^"]+)"')


@dataclass(frozen=True)
class Option:
    """An argument that may stand in the letter now; `is_on` says whether it does."""

    argument: Argument
    is_on: bool


@dataclass(frozen=True)
class Composition:
    """A letter under work: the letter, its page, the arguments in order, and those that wait for a fact."""

    letter: Composed
    page: str
    typed: Typed
    checks: tuple[Check, ...]
    options: tuple[Option, ...]
    waiting: tuple[tuple[Argument, tuple[str, ...]], ...]
    sources: tuple[Source, ...]
    against: tuple[Citation, ...]
    left_out: tuple[DocumentFacts, ...]
    warnings: tuple[str, ...]


def composition(subject: Subject, deed: Deed, kind: str | None = None) -> Composition:
    """Compose a letter as it stands now. Raises Refused without a clinic on file."""
    kind = kind or drafts.usual_kind(subject, deed.book)
    typed = drafts.typed(subject, kind)
    letter = letters.compose(subject, deed, kind=kind, typed=typed)
    page = pdf.html(letter)
    left_out = _left_out(letter, subject, kind, typed, deed) if typed.chosen is not None else ()
    return Composition(
        letter=letter,
        page=page,
        typed=typed,
        checks=gate(letter, course(subject, deed)),
        options=(*(Option(one, True) for one in letter.arguments), *(Option(one, False) for one in left_out)),
        waiting=tuple(
            (one, tuple(question(need) or need for need in one.lacks(letter.facts))) for one in letter.waiting
        ),
        sources=tuple(_sources(letter, page, letter_words.noted(subject, kind))),
        against=likely_against(deed.book.letters.citations, letter.facts),
        left_out=_left_behind(subject, kind, typed, deed),
        warnings=(
            *registry.warnings(drafts.record_of(subject), kind, deed),
            *letter_words.outdated(subject, kind, deed),
        ),
    )


def _left_out(letter: Composed, subject: Subject, kind: str, typed: Typed, deed: Deed) -> list[Argument]:
    everything = letters.compose(subject, deed, kind=kind, typed=replace(typed, chosen=None)).arguments
    shown = {argument.id for argument in letter.arguments}
    return [argument for argument in everything if argument.id not in shown]


def _left_behind(subject: Subject, kind: str, typed: Typed, deed: Deed) -> tuple[DocumentFacts, ...]:
    """Return the documents that this letter would enclose and that staff left out."""
    if not typed.left_out:
        return ()
    everything = letters.compose(subject, deed, kind=kind, typed=replace(typed, left_out=())).facts.documents
    return tuple(one for one in everything if one.id in typed.left_out)


def enclose(subject: Subject, kind: str, kept: Collection[str], deed: Deed) -> None:
    """Let only these documents go with a letter. Raises Refused once the letter of an appeal has left the desk."""
    letter_words.check_open(subject)
    typed = replace(drafts.typed(subject, kind), left_out=())
    on_file = letters.compose(subject, deed, kind=kind, typed=typed).facts.documents
    row, left = drafts.held(subject, kind), [one for one in on_file if one.id not in kept]
    row.left_out = [one.id for one in left] or None
    db.session.add(row)
    stay = "stays" if len(left) == 1 else "stay"
    titles = f": {', '.join(one.title for one in left)} {stay} behind" if left else ", nothing stays behind"
    told = f"{len(on_file) - len(left)} of {len(on_file)} documents enclosed{titles}."
    record(subject, "enclose_documents", deed, sentence=told, left_out=row.left_out or [])


def course(subject: Subject, deed: Deed, letter: Letter | None = None) -> Course:
    """Return what a letter cannot know of itself: its signature, how it went out, and the level after it."""
    if not isinstance(subject, Appeal):
        return Course(after="The appeal, should it be refused.")
    letter = letter or (subject.letters[-1] if subject.letters else None)
    signed = _signed(letter) if letter and subject.state != AppealState.DRAFTING else ""
    ends = ladders.no_member_route(subject.denial, deed.book)
    steps = () if ends else ladders.steps_of(subject.denial, deed.book)
    place = next((at for at, step in enumerate(steps, 1) if step.level == subject.level), len(steps))
    after = steps[place] if place < len(steps) else None
    return Course(
        signed=signed,
        sent=f"By {subject.filed_by}: {subject.proof or subject.no_proof_reason}." if subject.filed_on else "",
        after=f"If upheld: {after.name}. {words.capitalized(words.unstopped(after.file_within))}." if after else "",
    )


def _signed(letter: Letter) -> str:
    if not letter.signed_at:
        return ""
    return f"{signatures.person(letter.signed_by or '')}, on {words.day(day_of(letter.signed_at))}."


def arrange(subject: Subject, kind: str, chosen: Sequence[str], deed: Deed) -> None:
    """Choose the arguments and their order. Raises Refused once the letter has left the desk."""
    letter_words.check_open(subject)
    typed = replace(drafts.typed(subject, kind), chosen=None)
    usual = [argument.id for argument in letters.compose(subject, deed, kind=kind, typed=typed).arguments]
    known = [name for name in dict.fromkeys(chosen) if name in usual]
    row = drafts.held(subject, kind)
    row.chosen = None if known == usual else known
    db.session.add(row)
    told = f"Letter arranged: {len(known)} argument{'s' if len(known) != 1 else ''}."
    record(subject, "arrange_letter", deed, sentence=told, arguments=known)


def _sources(letter: Composed, page: str, noted: Mapping[str, Source]) -> Iterator[Source]:
    """Explain every mark that the page carries, once."""
    marks = dict.fromkeys(mark for found in _SOURCE.findall(page) for mark in found.split())
    for mark in marks:
        if source := noted.get(mark) or _source(mark, letter):
            yield source


def _source(mark: str, letter: Composed) -> Source | None:
    kind, _, name = mark.partition(":")
    if kind == "citation":
        found = next((one for one in letter.citations if one.id == name), None)
        lines = (found.reference, f"Found: {found.finding}", f"Limits: {found.limits}") if found else ()
        return Source(mark, "Citation", lines, words_of(found.status)) if found else None
    if kind == "hook":
        every = (*letter.requests, *(one for group in letter.grounds.values() for one in group))
        asked = next((one for one in every if one.id == name), None)
        return (
            Source(mark, "Request", (asked.text, asked.law or "No law is named for this payer."), "") if asked else None
        )
    if kind == "finding":
        return _finding(mark, name, letter.facts)
    if kind == "edited":
        return Source(mark, "The clinic's own wording", (letter.edits.get(name, ""),))
    if kind == "document":
        titles = tuple(d.title for d in letter.facts.documents if name in (d.id, d.kind))
        return Source(mark, "Document on file", titles)
    return _fact(mark, letter.facts)


def _finding(mark: str, name: str, facts: LetterFacts) -> Source:
    found = [one for one in facts.findings if name in (one.id, one.kind)]
    lines = tuple(f"{words.day(one.on)}: {one.words}{_where(one, facts)}" for one in found)
    keys = [int(one.id.removeprefix("finding")) for one in found if one.id.removeprefix("finding").isdecimal()]
    rows = [row for key in keys if (row := db.session.get(ClinicalFinding, key))]
    by = dict.fromkeys(row.entered_by for row in rows)
    return Source(mark, "Chart finding", lines, f"Entered by {', '.join(by)}" if by else "")


def _where(fact: Any, facts: LetterFacts) -> str:
    title = next((one.title for one in facts.documents if one.id == fact.document), "")
    page = f", page {fact.page}" if title and getattr(fact, "page", None) else ""
    return f" ({title}{page})" if title else ""


def _fact(mark: str, facts: LetterFacts) -> Source:
    value: Any = facts
    for name in mark.split("."):
        value = value[int(name)] if name.isdecimal() else getattr(value, name, None)
    top = mark.partition(".")[0]
    return Source(mark, PARTS.get(top, words_of(top)), tuple(_told(value)))


def _told(value: Any) -> Iterable[str]:
    """Spell a fact out, one line for each part of it."""
    if value is None or value in ("", ()):
        return ("Nothing on file.",)
    if isinstance(value, tuple):
        return tuple(" · ".join(_told(one)) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        known = ((field.name, getattr(value, field.name)) for field in fields(value))
        return tuple(
            f"{words_of(name)}: {plain(part)}" for name, part in known if part not in (None, "", ()) and _is_plain(part)
        )
    return (plain(value),)


def _is_plain(value: Any) -> bool:
    return not is_dataclass(value) and not (isinstance(value, tuple) and any(map(is_dataclass, value)))


def plain(value: Any) -> str:
    """Write one value as people read it."""
    if isinstance(value, tuple):
        return ", ".join(map(plain, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return words.day(value) if isinstance(value, date) else str(value)


def words_of(name: str) -> str:
    """Return a field or a state as a label."""
    return SPELLED.get(name) or name.replace("_", " ").capitalize()
