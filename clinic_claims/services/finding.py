"""Find anything by what people know of it: a name, even misspelled, a number of ours or the payer's, a telephone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import select

from ..db import db
from ..models import Appeal, Authorization, Claim, Coverage, Denial, Event, Note, Patient, Remittance
from . import registers
from .patients import name_key

NUMBERS: Sequence[tuple[Any, Any]] = (
    (Claim, Claim.number),
    (Claim, Claim.payer_control_number),
    (Authorization, Authorization.number),
    (Patient, Patient.mrn),
    (Remittance, Remittance.trace),
    (Note, Note.call_reference),
)
OWN = {"DEN": Denial, "AUTH": Authorization, "APL": Appeal, "NOTE": Note}
OPENED: dict[str, Any] = {"claim": Claim, "authorization": Authorization, "denial": Denial, "patient": Patient}
CANDIDATES = 1000  # names compared letter by letter, for one search
ALIKE = 0.78  # share of letters in common from which a name counts as meant
MOST = 25
RECENT = 8
FEWEST_DIGITS = 4  # of a telephone number


@dataclass(frozen=True)
class Found:
    """What a search found, best first. `guessed` says that the names are only similar to what was typed."""

    records: list[Any]
    guessed: bool = False


def find(words: str) -> Found:
    """Find by whole numbers and telephone digits, by the start of a name, else by a name that is spelled much alike."""
    text = " ".join(words.split())
    found = list(dict.fromkeys([*_numbered(text), *_by_phone(text), *registers.by_name(text)]))
    if found or not any(character.isalpha() for character in text):
        return Found(found[:MOST])
    return Found(_alike(text)[:MOST], guessed=True)


def _numbered(text: str) -> Iterator[Any]:
    """Yield what has exactly this number; capitals and spaces do not matter."""
    if not text:
        return
    spelled = {text, text.upper(), text.replace(" ", "").upper(), *_with_letters(text)}
    for model, column in NUMBERS:
        yield from db.session.scalars(select(model).where(column.in_(spelled)).order_by(model.id.desc()).limit(MOST))
    covered = select(Patient).join(Coverage, Coverage.patient_id == Patient.id).where(Coverage.member_id.in_(spelled))
    yield from db.session.scalars(covered.limit(MOST))
    prefix, _, number = text.upper().partition("-")
    if prefix in OWN and number.isdecimal() and (record := db.session.get(OWN[prefix], int(number))):
        yield record


def _with_letters(digits: str) -> Iterator[str]:
    """Yield bare digits with the letters that the newest claim and record number begin with: "HL-104104"."""
    for model, column in ((Claim, Claim.number), (Patient, Patient.mrn)) if digits.isdecimal() else ():
        newest = db.session.scalar(select(column).order_by(model.id.desc()).limit(1)) or ""
        yield re.match(r"\D*", newest).group() + digits  # pyright: ignore[reportOptionalMemberAccess]


def _by_phone(text: str) -> Iterator[Patient]:
    """Yield patients whose telephone number ends in these digits."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < FEWEST_DIGITS or re.search(r"[^\d\s().+-]", text):
        return
    key = digits[::-1][:10]
    ends_so = (Patient.phone_key >= key) & (Patient.phone_key <= key + registers.LAST_LETTER)
    yield from db.session.scalars(select(Patient).where(ends_so).order_by(Patient.name_key).limit(MOST))


def _alike(text: str) -> list[Patient]:
    """Compare names that begin with nearly the same letters; the most alike come first."""
    typed = name_key(text.replace(",", " "), "").split()
    starts = {start for word in typed for start in (word[:3], word[:2], word[1::-1]) if len(start) > 1}
    candidates: dict[int, Patient] = {}
    for start in sorted(starts, key=len, reverse=True):
        near = (Patient.name_key >= start) & (Patient.name_key <= start + registers.LAST_LETTER)
        found = db.session.scalars(
            select(Patient).where(near).order_by(Patient.name_key).limit(CANDIDATES - len(candidates))
        )
        candidates |= {patient.id: patient for patient in found}
    scored = [(_likeness(typed, patient.name_key.split()), patient) for patient in candidates.values()]
    close = [(score, patient) for score, patient in scored if score >= ALIKE]
    return [patient for _, patient in sorted(close, key=lambda pair: (-pair[0], pair[1].name_key))]


def _likeness(typed: Sequence[str], name: Sequence[str]) -> float:
    """Return how alike the words are, from 0 to 1: each typed word by the word of the name that it is nearest to."""
    best = [max(SequenceMatcher(None, word, other).ratio() for other in name) for word in typed if name]
    return sum(best) / len(best) if best else 0.0


def recent(actor: str) -> list[Any]:
    """Return the records that a person opened last, the newest first."""
    views = (Event.actor == actor) & (Event.action == "view") & Event.subject.in_(OPENED)
    rows = db.session.execute(select(Event.subject, Event.subject_id).where(views).order_by(Event.id.desc()).limit(80))
    keys = list(dict.fromkeys((subject, key) for subject, key in rows if key is not None))[:RECENT]
    records = (db.session.get(OPENED[subject], key) for subject, key in keys)
    return [record for record in records if record is not None]
