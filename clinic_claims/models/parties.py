"""Who takes part: the clinic, its people and places, payers and their plans, patients and their coverage."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from ..db import Model
from .columns import BYTEWISE, Key, Words, implies, link
from .documents import Document


class Clinic(Model):
    """The practice that bills: its letterhead and identifiers."""

    id: Mapped[Key]
    name: Mapped[str]
    npi: Mapped[str]
    tin: Mapped[str]
    taxonomy: Mapped[str]
    street: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip: Mapped[str]
    phone: Mapped[str]
    fax: Mapped[str | None]
    email: Mapped[str | None]
    logo_id: Mapped[int | None] = link("document.id")
    logo: Mapped[Document | None] = relationship()


class Provider(Model):
    """A clinician who treats and signs."""

    id: Mapped[Key]
    name: Mapped[str]
    credentials: Mapped[str]
    specialty: Mapped[str]
    npi: Mapped[str] = mapped_column(unique=True)
    license: Mapped[str | None]
    direct_line: Mapped[str | None]
    user_id: Mapped[int | None] = link("app_user.id")


class Facility(Model):
    """Where a service is given. `place_of_service` is the two-digit CMS code (11 office, 22 outpatient …)."""

    id: Mapped[Key]
    name: Mapped[str]
    npi: Mapped[str]
    place_of_service: Mapped[str]
    address: Mapped[str | None]


class Payer(Model):
    """An insurer or programme. `edi_id` is its id in X12 files; `aliases` are names seen in files."""

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    edi_id: Mapped[str | None] = mapped_column(index=True)
    aliases: Mapped[Words]
    appeals_address: Mapped[Words]
    appeals_fax: Mapped[str | None]
    appeals_portal: Mapped[str | None]
    upload_megabytes: Mapped[int | None]  # the most its portal takes in one file
    upload_pages: Mapped[int | None]
    phone: Mapped[str | None]
    desks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # how to reach the others, by desk
    plans: Mapped[list["Plan"]] = relationship(back_populates="payer", order_by="Plan.id")


class Plan(Model):
    """A product of a payer. `payer_class` is an id of the appeal ladders and decides every clock and hook."""

    __table_args__ = (UniqueConstraint("payer_id", "name"),)

    id: Mapped[Key]
    payer_id: Mapped[int] = link("payer.id")
    name: Mapped[str]
    payer_class: Mapped[str]
    kind: Mapped[str | None]  # HMO, PPO, EPO, POS …
    state: Mapped[str | None]  # whose insurance law binds it; empty for federal programmes and self-funded plans
    in_network: Mapped[bool] = mapped_column(default=True)
    wants_approval: Mapped[bool] = mapped_column(default=True)
    internal_levels: Mapped[str | None]  # how many appeals the plan itself hears: one, two; empty where not known
    policy_id: Mapped[str | None]  # id of the payer policy in the rulebook that governs the treatment
    payer: Mapped[Payer] = relationship(back_populates="plans")


class Patient(Model):
    """A person treated. `name_key` is the folded "last first" that search and sorting use."""

    __table_args__ = (Index("ix_patient_name_key_id", "name_key", "id"),)

    id: Mapped[Key]
    mrn: Mapped[str] = mapped_column(unique=True)
    last_name: Mapped[str]
    first_name: Mapped[str]
    name_key: Mapped[str] = mapped_column(BYTEWISE)  # so that the start of a name is a range of the index
    born_on: Mapped[date]
    sex: Mapped[str | None]
    phone: Mapped[str | None]
    phone_key: Mapped[str | None] = mapped_column(BYTEWISE, index=True)  # its last ten digits, backwards
    address: Mapped[str | None]
    version_id: Mapped[int] = mapped_column(default=1)
    coverages: Mapped[list["Coverage"]] = relationship(back_populates="patient", order_by="Coverage.id")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 (SQLAlchemy's own hook)

    @validates("phone")
    def key_phone(self, _: str, phone: str | None) -> str | None:
        """Keep the digits from the last to the first, so that the end of a number is a range of the index."""
        self.phone_key = "".join(filter(str.isdecimal, phone))[::-1][:10] if phone else None
        return phone

    @property
    def name(self) -> str:
        """Name as lists show it: "Chen, Wei"."""
        return f"{self.last_name}, {self.first_name}"

    @property
    def full_name(self) -> str:
        """Name as letters show it: "Wei Chen"."""
        return f"{self.first_name} {self.last_name}"


class Coverage(Model):
    """A patient's membership in a plan. `rank` 1 is primary; `relationship_to_subscriber` is self, spouse …"""

    __table_args__ = (
        CheckConstraint("rank BETWEEN 1 AND 3", name="rank_known"),
        implies("ends_after_start", "ends_on IS NOT NULL AND starts_on IS NOT NULL", "ends_on >= starts_on"),
    )

    id: Mapped[Key]
    patient_id: Mapped[int] = link("patient.id")
    plan_id: Mapped[int] = link("plan.id")
    member_id: Mapped[str] = mapped_column(index=True)
    group_number: Mapped[str | None]
    rank: Mapped[int] = mapped_column(default=1)
    relationship_to_subscriber: Mapped[str] = mapped_column(default="self")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    patient: Mapped[Patient] = relationship(back_populates="coverages")
    plan: Mapped[Plan] = relationship()
