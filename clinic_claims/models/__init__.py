"""The tables. No rules live here beyond constraints: what a state implies, the database itself checks."""

from .accounts import Role, User
from .appeals import Appeal, Letter
from .authorizations import Authorization, AuthorizationLine
from .claims import Claim, ServiceLine
from .contracts import ContractTerm
from .deadlines import Deadline
from .denials import Denial, DenialLine
from .documents import Document
from .history import Event, HistoryBroken
from .parties import Clinic, Coverage, Facility, Patient, Payer, Plan, Provider
from .remittances import Adjustment, ClaimPayment, Remittance
from .treatments import ClinicalFinding, Injection, PolicyCriterion, PriorTreatment, TreatmentCase
from .work import WorkItem

__all__ = [
    "Adjustment",
    "Appeal",
    "Authorization",
    "AuthorizationLine",
    "Claim",
    "ClaimPayment",
    "Clinic",
    "ClinicalFinding",
    "ContractTerm",
    "Coverage",
    "Deadline",
    "Denial",
    "DenialLine",
    "Document",
    "Event",
    "Facility",
    "HistoryBroken",
    "Injection",
    "Letter",
    "Patient",
    "Payer",
    "Plan",
    "PolicyCriterion",
    "PriorTreatment",
    "Provider",
    "Remittance",
    "Role",
    "ServiceLine",
    "TreatmentCase",
    "User",
    "WorkItem",
]
