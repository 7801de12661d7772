"""Who takes part in the demo: a made-up clinic, its people with their accounts, its places, and the payers."""

import tomllib
from dataclasses import asdict, dataclass, field
from typing import Any

from ...db import db
from ...models import Clinic, Facility, Payer, Plan, Provider
from ...reading import from_toml
from .. import accounts, contracts
from ..contracts import Term
from ..history import record
from .papers import FILES
from .stage import Stage


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with an account; a physician's `provider` is their row among the providers."""

    id: str
    name: str
    email: str
    roles: list[str]
    provider: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """A plan by its short name."""

    id: str
    name: str
    payer_class: str
    kind: str | None = None
    state: str | None = None
    wants_approval: bool = True


@dataclass(frozen=True, kw_only=True)
class TermRow:
    """What the clinic's contract with a payer says about one clock."""

    clock: str
    days: int
    starts: str
    words: str
    source: str


@dataclass(frozen=True, kw_only=True)
class PayerRow:
    """A payer with its plans."""

    name: str
    edi_id: str
    appeals_address: list[str]
    phone: str
    plans: list[PlanRow]
    appeals_fax: str | None = None
    aliases: list[str] = field(default_factory=list)
    terms: list[TermRow] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place of service by its short name."""

    id: str
    name: str
    npi: str
    place_of_service: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The whole of cast.toml."""

    clinic: dict[str, str]
    person: list[Person]
    place: list[Place]
    payer: list[PayerRow]


@dataclass(frozen=True, kw_only=True)
class Account:
    """What one person signs in with."""

    name: str
    email: str
    role: str
    password: str


def enter(stage: Stage) -> list[Account]:
    """Put everybody on record and on the stage. Return the accounts with their passwords, made up on the spot."""
    cast = from_toml(tomllib.loads((FILES / "cast.toml").read_text("utf-8")), Cast)
    _enter_clinic(stage, cast)
    for row in cast.payer:
        _enter_payer(stage, row)
    return [_enter_person(stage, person) for person in cast.person]


def _enter_clinic(stage: Stage, cast: Cast) -> None:
    db.session.add(Clinic(**cast.clinic))
    for place in cast.place:
        stage.facilities[place.id] = Facility(
            name=place.name, npi=place.npi, place_of_service=place.place_of_service, address=place.address
        )
    db.session.add_all(stage.facilities.values())


def _enter_payer(stage: Stage, row: PayerRow) -> None:
    payer = Payer(
        name=row.name,
        edi_id=row.edi_id,
        aliases=row.aliases,
        appeals_address=row.appeals_address,
        appeals_fax=row.appeals_fax,
        phone=row.phone,
    )
    for plan in row.plans:
        fields = {name: value for name, value in asdict(plan).items() if name != "id"}
        stage.plans[plan.id] = Plan(payer=payer, **fields)
    db.session.add(payer)
    db.session.flush()
    for term in row.terms:
        told = Term(**_counted(term), since=stage.day("2026-01-01"), words=term.words, source=stage.text(term.source))
        contracts.enter(payer, told, stage.opening)


def _counted(term: TermRow) -> dict[str, Any]:
    return {"clock": term.clock, "count": term.days, "unit": "days", "starts": term.starts}


def _enter_person(stage: Stage, person: Person) -> Account:
    """Add an account that may sign in at once: the demo's passwords are random and stay on this machine."""
    user, password = accounts.add_user(person.name, person.email, person.roles, stage.opening)
    user.must_change_password = False
    stage.people[person.id] = user
    if person.provider:
        stage.providers[person.id] = Provider(user_id=user.id, **person.provider)
        db.session.add(stage.providers[person.id])
        db.session.flush()
    record("demo", "add_demo_account", stage.opening, sentence=f"{user.full_name} may sign in without a new password.")
    return Account(name=user.full_name, email=user.email, role=", ".join(user.role_names), password=password)
