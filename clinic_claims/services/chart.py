"""What one patient's page tells: cases, authorizations, claims and what the money comes to."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ..db import db
from ..models import Authorization, Claim, Coverage, Patient, Plan, TreatmentCase
from .readiness import open_balance


@dataclass(frozen=True)
class Chart:
    """Everything of a patient, newest first; dollars over all claims."""

    coverages: list[Coverage]
    cases: list[TreatmentCase]
    authorizations: list[Authorization]
    claims: list[Claim]

    @property
    def charged(self) -> Decimal:
        """Dollars charged."""
        return sum((claim.charged for claim in self.claims), Decimal(0))

    @property
    def paid(self) -> Decimal:
        """Dollars that payers paid."""
        return sum((claim.paid for claim in self.claims), Decimal(0))

    @property
    def owed(self) -> Decimal:
        """Dollars that payers made the patient's."""
        return sum((claim.patient_owes for claim in self.claims), Decimal(0))

    @property
    def open(self) -> Decimal:
        """Dollars that nothing accounts for yet."""
        return sum((open_balance(claim) for claim in self.claims), Decimal(0))


def chart(patient: Patient) -> Chart:
    """Read a patient's whole chart."""
    cases = list(
        db.session.scalars(
            select(TreatmentCase)
            .where(TreatmentCase.patient_id == patient.id)
            .order_by(TreatmentCase.id.desc())
            .options(
                joinedload(TreatmentCase.provider),
                selectinload(TreatmentCase.prior_treatments),
                selectinload(TreatmentCase.findings),
                selectinload(TreatmentCase.criteria),
                selectinload(TreatmentCase.injections),
            )
        )
    )
    numbers = [case.id for case in cases]
    plan = joinedload(Coverage.plan).joinedload(Plan.payer)
    asked = select(Authorization).where(Authorization.case_id.in_(numbers)).order_by(Authorization.id.desc())
    billed = select(Claim).where(Claim.case_id.in_(numbers)).order_by(Claim.id.desc())
    covered = select(Coverage).where(Coverage.patient_id == patient.id).order_by(Coverage.rank, Coverage.id.desc())
    return Chart(
        coverages=list(db.session.scalars(covered.options(plan))),
        cases=cases,
        authorizations=list(db.session.scalars(asked.options(joinedload(Authorization.coverage).options(plan)))),
        claims=list(db.session.scalars(billed.options(joinedload(Claim.coverage).options(plan)))),
    )
