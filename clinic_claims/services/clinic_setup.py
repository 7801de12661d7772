"""The first hour of a clinic: its letterhead, its clinicians and places, and what is still to do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ..db import db
from ..domain.common_payers import CommonPayer
from ..domain.npi import npi_fault
from ..models import Claim, Clinic, Facility, Payer, Plan, Provider, User
from ..rulebook import Rulebook
from . import letterhead, payers
from .deeds import Deed, Refused
from .history import record

BY_STATE = ("commercial_fully_insured", "medicaid_managed_care", "medicaid_ffs", "chip")  # bound by a state's law


@dataclass(frozen=True)
class Standing:
    """Which steps of the set-up are done."""

    clinic: Clinic | None
    providers: list[Provider]
    places: list[Facility]
    payers: int
    plans: int
    people: int
    has_claims: bool


def standing() -> Standing:
    """Look at what is on file."""
    return Standing(
        clinic=db.session.scalar(select(Clinic).limit(1)),
        providers=list(db.session.scalars(select(Provider).order_by(Provider.name))),
        places=list(db.session.scalars(select(Facility).order_by(Facility.name))),
        payers=_count(Payer),
        plans=_count(Plan),
        people=_count(User),
        has_claims=db.session.scalar(select(Claim.id).limit(1)) is not None,
    )


def is_new() -> bool:
    """Say whether the database holds no clinic yet."""
    return db.session.scalar(select(Clinic.id).limit(1)) is None


def nobody_yet() -> bool:
    """Say whether nobody has an account, so that nobody can sign in."""
    return db.session.scalar(select(User.id).limit(1)) is None


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def set_letterhead(deed: Deed, **told: Any) -> Clinic:
    """Enter or correct the clinic's letterhead. Raises Refused for an NPI that cannot be one."""
    _refuse_npi(told["npi"])
    clinic = db.session.scalar(select(Clinic).limit(1)) or Clinic()
    for name, value in told.items():
        setattr(clinic, name, value)
    letterhead.note(clinic, deed)
    record(clinic, "set_letterhead", deed, sentence=f"Letterhead: {clinic.name}.")
    return clinic


def add_provider(deed: Deed, **told: Any) -> Provider:
    """Put a clinician on file. Raises Refused for an NPI that cannot be one or is on file already."""
    _refuse_npi(told["npi"])
    if db.session.scalar(select(Provider.id).where(Provider.npi == told["npi"])):
        raise Refused(f"A clinician with the NPI {told['npi']} is on file already.")
    provider = Provider(**told)
    record(provider, "add_provider", deed, sentence=f"Clinician added: {provider.name}.")
    return provider


def add_place(deed: Deed, **told: Any) -> Facility:
    """Put a place of service on file. Raises Refused for an NPI that cannot be one."""
    _refuse_npi(told["npi"])
    place = Facility(**told)
    record(place, "add_place", deed, sentence=f"Place added: {place.name}.")
    return place


def common_payers(book: Rulebook) -> dict[str, list[tuple[CommonPayer, set[str]]]]:
    """Return the payers of the list by group, each with the kinds of plan that are on file for it already."""
    query = select(func.lower(Payer.name), Plan.payer_class).join(Plan, Plan.payer_id == Payer.id)
    held: dict[str, set[str]] = {}
    for name, payer_class in db.session.execute(query):
        held.setdefault(name, set()).add(payer_class)
    groups: dict[str, list[tuple[CommonPayer, set[str]]]] = {}
    for payer in book.common_payers.values():
        groups.setdefault(payer.group, []).append((payer, held.get(payer.name.lower(), set())))
    return groups


def add_common_payers(chosen: Iterable[str], deed: Deed) -> int:
    """Put plans on file, each given as "payer/kind of plan" of the list; what is there already stays. Return how many.

    Plans bound by state law take the clinic's own state. Raises Refused for an empty choice or one not of the list.
    """
    pairs = [choice.partition("/")[::2] for choice in chosen]
    known = deed.book.common_payers
    if not pairs or not all(name in known and kind in known[name].classes for name, kind in pairs):
        raise Refused("Choose at least one plan of the list.")
    state = db.session.scalar(select(Clinic.state).limit(1))
    made = [_add_plan(known[name], kind, state, deed) for name, kind in pairs]
    return sum(made)


def _add_plan(common: CommonPayer, kind: str, state: str | None, deed: Deed) -> bool:
    payer = db.session.scalar(select(Payer).where(func.lower(Payer.name) == common.name.lower()))
    payer = payer or payers.add(common.name, deed)
    if any(plan.payer_class == kind for plan in payer.plans):
        return False
    name = re.split(r"[:(]", deed.book.clocks.classes[kind].name)[0].strip()
    payers.add_plan(payer, name, kind, deed, state=state if kind in BY_STATE else None)
    return True


def _refuse_npi(npi: str) -> None:
    if fault := npi_fault(npi):
        raise Refused(fault)
