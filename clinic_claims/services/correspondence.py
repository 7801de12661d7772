"""Every other letter of a denial or a request: which kinds fit, what each still needs, and the ones printed."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from ..db import db
from ..domain.facts import LetterFacts
from ..domain.gaps import Gap
from ..domain.letters import Letter as Composed
from ..domain.letters import LetterKind
from ..models import Denial, Letter
from . import facts, letters, particulars, registry
from .deeds import Deed, Refused
from .drafts import Record
from .fact_letters import composed, printed

APPEALED = "appeal"  # has a screen of its own, where arguments are chosen
NECESSITY = {"lmn_toxin": "toxin", "lmn_renewal": "toxin", "lmn_mvd": "mvd"}
READERS = {
    "payer": "To the payer",
    "reviewer": "To an outside reviewer",
    "patient": "To the patient",
    "staff": "For the physician",
    "regulator": "To a regulator",
}


@dataclass(frozen=True)
class Offered:
    """A kind of letter that fits a record, with what is still missing."""

    kind: LetterKind
    gaps: tuple[Gap, ...]


def offered(subject: Record, deed: Deed) -> list[Offered]:
    """Return the kinds of letter that fit a record, those that lack nothing first."""
    known, book = _facts(subject, deed), registry.in_force(deed.book)
    found = [
        Offered(kind, composed(particulars.added(known, subject, kind.id, deed), book, kind.id).gaps)
        for kind in _fitting(subject, known, deed)
    ]
    return sorted(found, key=lambda offer: (list(READERS).index(offer.kind.to), len(offer.gaps)))


def _facts(subject: Record, deed: Deed) -> LetterFacts:
    return facts.of_denial(subject, deed) if isinstance(subject, Denial) else facts.of_authorization(subject, deed)


def _fitting(subject: Record, known: LetterFacts, deed: Deed) -> Iterator[LetterKind]:
    for kind in deed.book.letters.kinds.values():
        on_file = all(getattr(known, part) is not None for part in kind.parts) and not _is_past(kind, known, subject)
        treatment = NECESSITY.get(kind.id, known.treatment.treatment)
        if kind.id != APPEALED and on_file and treatment == known.treatment.treatment:
            yield kind


def _is_past(kind: LetterKind, known: LetterFacts, subject: Record) -> bool:
    """Whether nothing can make a letter fit any more: the service was given, or no money is asked back."""
    takeback = isinstance(subject, Denial) and subject.category == particulars.TAKEBACK
    before = kind.id in NECESSITY or "service_awaited" in kind.needs
    return (before and known.service_given) or ("paid_before" in kind.needs and not takeback)


def check(subject: Record, kind: str, deed: Deed) -> None:
    """Raise Refused for a kind of letter that does not fit a record."""
    if kind not in {one.id for one in _fitting(subject, _facts(subject, deed), deed)}:
        raise Refused(f"“{kind}” is no letter that fits {subject.reference}.")


def compose(subject: Record, kind: str, deed: Deed) -> Composed:
    """Compose one kind of letter about a record. Raises Refused for a kind that does not fit it."""
    check(subject, kind, deed)
    return letters.compose(subject, deed, kind=kind)


def finish(subject: Record, kind: str, deed: Deed) -> Letter:
    """Print a letter and keep its bytes as the next version. Raises Refused while gaps remain."""
    letter = compose(subject, kind, deed)
    return letters.keep(subject, letter, printed(letter, draft=False), deed)


def kept(subject: Record) -> list[Letter]:
    """Return the letters printed about a record beside its appeals', the newest first."""
    mine = getattr(Letter, f"{subject.__tablename__}_id") == subject.id
    return list(db.session.scalars(select(Letter).where(mine).order_by(Letter.id.desc())))
