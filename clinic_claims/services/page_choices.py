"""The pages of each record that go out with a letter: chosen by a person, no more than the decision needs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.facts import LetterFacts
from ..models import Document, Letter, PageChoice
from .deeds import Deed, Refused
from .history import record


def choices(letter: Letter) -> dict[int, tuple[int, ...]]:
    """Return the pages chosen, by document; a document that is not here goes out whole."""
    rows = db.session.scalars(select(PageChoice).where(PageChoice.letter_id == letter.id))
    return {row.document_id: tuple(row.pages) for row in rows}


def choose(letter: Letter, document: Document, pages: Sequence[int], deed: Deed) -> None:
    """Let only these pages of a record go out; none chosen, or all, means the whole record.

    Raises Refused for a page that the record does not have.
    """
    whole, wanted = document.pages or 1, sorted(set(pages))
    if wanted and not (wanted[0] >= 1 and wanted[-1] <= whole):
        raise Refused(f"{document.title} has pages 1 to {whole}.")
    query = select(PageChoice).where(PageChoice.letter_id == letter.id, PageChoice.document_id == document.id)
    if old := db.session.scalar(query):
        db.session.delete(old)
        db.session.flush()
    told = "all pages" if len(wanted) in (0, whole) else f"pages {runs(wanted)} of {whole}"
    if len(wanted) not in (0, whole):
        db.session.add(
            PageChoice(
                letter_id=letter.id, document_id=document.id, pages=wanted, chosen_at=deed.at, chosen_by=deed.actor
            )
        )
    record(letter, "choose_pages", deed, sentence=f"{document.title}: {told} go out.", pages=wanted)


def pages_from(text: str) -> list[int]:
    """Read pages typed as "1-3, 7". Raises Refused for anything else."""
    found: list[int] = []
    for piece in filter(None, (piece.strip() for piece in text.replace("–", "-").split(","))):
        first, _, last = (part.strip() for part in piece.partition("-"))
        if not first.isdecimal() or not (last or first).isdecimal() or len(last or first) > 4:
            raise Refused(f"“{piece}” is no page. Type pages such as 1-3, 7.")
        found += range(int(first), int(last or first) + 1)
    return found


def runs(pages: Sequence[int]) -> str:
    """Write page numbers as people do: 1–3, 7."""
    told: list[list[int]] = []
    for page in pages:
        if told and told[-1][-1] == page - 1:
            told[-1].append(page)
        else:
            told.append([page])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in told)


def pointing(known: LetterFacts) -> list[tuple[str, int]]:
    """Return each document and page that a letter points at, once."""
    criteria = known.policy.criteria if known.policy else ()
    found: tuple[Any, ...] = (*known.findings, *known.prior_treatments, *known.injections, *criteria)
    return list(dict.fromkeys((fact.document, fact.page) for fact in found if fact.document and fact.page))


def pointed_at(known: LetterFacts, document: Document) -> set[int]:
    """Return the pages of a document that the letter points at."""
    return {page for name, page in pointing(known) if name == f"doc{document.id}"}
