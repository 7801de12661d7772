"""A letter that is being written: which kind it is, and what staff chose and typed for it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from ..db import db
from ..domain.own_words import OwnParagraph
from ..models import Appeal, Authorization, Denial, LetterInput
from ..rulebook import Rulebook
from . import ladders

Subject = Denial | Appeal | Authorization
Record = Denial | Authorization
APPEAL, EXPEDITED, DISPUTE = "appeal", "expedited", "dispute"
NECESSITY = {"toxin": "lmn_toxin", "mvd": "lmn_mvd"}


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What staff chose and typed; `chosen` is None while every argument that is ready stands in the letter."""

    chosen: Sequence[str] | None = None
    edits: Mapping[str, str] = field(default_factory=dict)
    own: tuple[OwnParagraph, ...] = ()
    left_out: tuple[str, ...] = ()


def record_of(subject: Subject) -> Record:
    """Return the denial or the request that a letter is about."""
    return subject.denial if isinstance(subject, Appeal) else subject


def usual_kind(subject: Subject, book: Rulebook) -> str:
    """Return the kind of letter that a record gets: an appeal's by its route, its level and its urgency."""
    if isinstance(subject, Authorization):
        return NECESSITY[subject.case.treatment]
    denial = subject.denial if isinstance(subject, Appeal) else subject
    if ladders.no_member_route(denial, book):
        return DISPUTE
    if isinstance(subject, Denial):
        next_step = ladders.level_to_file(subject, book)
        return (next_step.letter if next_step else None) or APPEAL
    found = book.clocks.find_class(ladders.payer_class(subject.denial))
    level = book.clocks.levels.get(f"{found.id}/{subject.level}") if found else None
    if level and level.letter:
        return level.letter
    return EXPEDITED if _is_urgent(subject) else APPEAL


def _is_urgent(appeal: Appeal) -> bool:
    """Whether the clinician said why waiting would harm; once the service was given there is nothing to hasten."""
    denial, told = appeal.denial, particulars(appeal, APPEAL)
    request = denial.authorization
    stated = (told and told.expedited_reason) or (request and request.urgent and request.urgent_reason)
    return denial.claim_id is None and bool(stated)


def particulars(subject: Subject, kind: str) -> LetterInput | None:
    """Return what was entered for one letter alone: an appeal has one for each level, other records one a kind."""
    about = record_of(subject)
    mine = getattr(LetterInput, f"{about.__tablename__}_id") == about.id
    return db.session.scalar(select(LetterInput).where(mine, LetterInput.kind == key_of(subject, kind)))


def key_of(subject: Subject, kind: str) -> str:
    """Return the word under which the particulars of a letter are kept."""
    return f"appeal/{subject.level}" if isinstance(subject, Appeal) else kind


def held(subject: Subject, kind: str) -> Appeal | LetterInput:
    """Return the row that holds the words of a letter; a new one, not yet kept, where nothing was typed."""
    if isinstance(subject, Appeal):
        return subject
    new = LetterInput(**{f"{subject.__tablename__}_id": subject.id}, kind=kind, recipient=[])
    return particulars(subject, kind) or new


def typed(subject: Subject, kind: str) -> Typed:
    """Return what staff chose and typed for a letter."""
    row = held(subject, kind)
    return Typed(
        chosen=row.chosen,
        edits={argument: edit["text"] for argument, edit in (row.edits or {}).items()},
        own=tuple(OwnParagraph(**{name: one[name] for name in ("id", "after", "text")}) for one in row.own or ()),
        left_out=tuple(row.left_out or ()),
    )
