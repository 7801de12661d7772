"""The first hour of a clinic: its letterhead, its clinicians and places, and what is still to do."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ..db import db
from ..domain.npi import npi_fault
from ..models import Claim, Clinic, Facility, Payer, Plan, Provider, User
from . import letterhead
from .deeds import Deed, Refused
from .history import record


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


def _refuse_npi(npi: str) -> None:
    if fault := npi_fault(npi):
        raise Refused(fault)
