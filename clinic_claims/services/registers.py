"""The lists of claims, authorizations and patients, and finding one of them by what people know of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import joinedload

from ..db import db
from ..domain.lifecycle import DenialState
from ..models import Authorization, Claim, Coverage, Denial, Patient, Plan, TreatmentCase
from .patients import name_key
from .readiness import SETTLED
from .stages import BEFORE_SERVICE

MOST_FOUND = 50  # patients shown for one search
FEW = 500  # patients of a payer
LAST_LETTER = "\U0010ffff"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which claims or authorizations; empty means all. `owner_id` 0 asks for nobody's."""

    state: str | None = None
    payer_id: int | None = None
    owner_id: int | None = None


@dataclass(frozen=True)
class Found:
    """What a search found: one record to open at once, or patients to choose from."""

    record: Claim | Authorization | Patient | None = None
    patients: list[Patient] = field(default_factory=list)


def claims(wanted: Wanted, *, before: int | None = None, limit: int) -> list[Claim]:
    """Return claims, newest first, from before a claim's id."""
    return list(db.session.scalars(_page(Claim, wanted, before).limit(limit)))


def authorizations(wanted: Wanted, *, before: int | None = None, limit: int) -> list[Authorization]:
    """Return authorizations, newest first, from before an authorization's id."""
    return list(db.session.scalars(_page(Authorization, wanted, before).limit(limit)))


def _page(model: Any, wanted: Wanted, before: int | None) -> Select[Any]:
    query = _newest_first(model)
    if before is not None:
        query = query.where(model.id < before)
    if wanted.state:
        query = query.where(model.state == wanted.state)
    if wanted.owner_id is not None:
        query = query.where(model.owner_id == wanted.owner_id if wanted.owner_id else model.owner_id.is_(None))
    if wanted.payer_id is not None:
        query = query.where(_of_payer(model, wanted.payer_id))
    return query


@cache
def _newest_first(model: Any) -> Select[Any]:
    """Word once what every page of the list reads with its records."""
    return select(model).order_by(model.id.desc()).options(
        joinedload(model.case).joinedload(TreatmentCase.patient),
        joinedload(model.coverage).joinedload(Coverage.plan).joinedload(Plan.payer),
    )  # fmt: skip


def _of_payer(model: Any, payer_id: int) -> ColumnElement[bool]:
    """A payer of few patients is looked up by them; one of many turns up soon enough on the way down the list."""
    coverages = select(Coverage.id).join(Plan, Plan.id == Coverage.plan_id).where(Plan.payer_id == payer_id)
    few = db.session.scalars(coverages.limit(FEW + 1)).all()
    if len(few) <= FEW:
        return model.coverage_id.in_(few)
    return coverages.where(Coverage.id == model.coverage_id).correlate(model).exists()


def stages(found: Collection[Claim]) -> dict[int, int]:
    """Return for each claim's id the stage it is in, from 0 to 3, as its small path shows it."""
    at = {claim.id: 0 if claim.state in BEFORE_SERVICE else 1 for claim in found}
    denied = select(Denial.claim_id, Denial.state).where(Denial.claim_id.in_(list(at)), Denial.state.not_in(SETTLED))
    for claim_id, state in db.session.execute(denied):
        if claim_id is not None:
            at[claim_id] = max(at[claim_id], 3 if state == DenialState.APPEALING else 2)
    return at


def patients(*, after: int | None = None, limit: int) -> list[Patient]:
    """Return patients by name, from after a patient's id."""
    query = select(Patient).order_by(Patient.name_key, Patient.id).limit(limit)
    last = db.session.get(Patient, after) if after is not None else None
    if last is not None:
        query = query.where(tuple_(Patient.name_key, Patient.id) > (last.name_key, last.id))
    return list(db.session.scalars(query))


def find(words: str) -> Found:
    """Find by a whole number (claim, payer's claim, authorization, patient's record), else by the start of a name."""
    text = words.strip()
    exact: Sequence[tuple[Any, Any]] = (
        (Claim, Claim.number),
        (Claim, Claim.payer_control_number),
        (Authorization, Authorization.number),
        (Patient, Patient.mrn),
    )
    for model, column in exact:
        if text and (record := db.session.scalar(select(model).where(column == text).order_by(model.id).limit(1))):
            return Found(record)
    return Found(patients=by_name(text))


def by_name(text: str) -> list[Patient]:
    """Take "chen", "chen, wei", "Chen W" and "wei chen" alike, without accents or capitals."""
    key = name_key(text.replace(",", " "), "")
    first, _, rest = key.partition(" ")
    if not key:
        return []
    starts = _starts(key)
    for last, other in ((first, rest), (rest, first)) if rest else ():
        starts |= _starts(last) & Patient.name_key.contains(f" {other}", autoescape=True)
    return list(db.session.scalars(select(Patient).where(starts).order_by(Patient.name_key).limit(MOST_FOUND)))


def _starts(text: str) -> ColumnElement[bool]:
    """Match keys that start so, as a range: given LIKE and a bound word, neither database goes by the index."""
    return (Patient.name_key >= text) & (Patient.name_key <= text + LAST_LETTER)
