"""The tables. No rules live here beyond constraints: what a state implies, the database itself checks."""

from .accounts import Role, User
from .appeals import Appeal, Letter
from .authorizations import Authorization, AuthorizationLine
from .benefits import BenefitsCheck, Estimate, EstimateLine
from .checklists import ChecklistAnswer, PeerToPeer, Task
from .claims import Claim, ServiceLine
from .contracts import ContractTerm
from .deadlines import Deadline
from .denials import Denial, DenialLine
from .documents import Document
from .history import Event, HistoryBroken
from .jobs import Job, JobState
from .parties import Clinic, Coverage, Facility, Patient, Payer, Plan, Provider
from .remittances import Adjustment, ClaimPayment, Remittance
from .surgery import SurgicalCase, SurgicalPart
from .treatments import ClinicalFinding, Injection, PolicyCriterion, PriorTreatment, TreatmentCase
from .visits import InjectionSite, Override, Vial, VialUse, Visit, VisitService
from .work import WorkItem

__all__ = [
    "Adjustment",
    "Appeal",
    "Authorization",
    "AuthorizationLine",
    "BenefitsCheck",
    "ChecklistAnswer",
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
    "Estimate",
    "EstimateLine",
    "Event",
    "Facility",
    "HistoryBroken",
    "Injection",
    "InjectionSite",
    "Job",
    "JobState",
    "Letter",
    "Override",
    "Patient",
    "Payer",
    "PeerToPeer",
    "Plan",
    "PolicyCriterion",
    "PriorTreatment",
    "Provider",
    "Remittance",
    "Role",
    "ServiceLine",
    "SurgicalCase",
    "SurgicalPart",
    "Task",
    "TreatmentCase",
    "User",
    "Vial",
    "VialUse",
    "Visit",
    "VisitService",
    "WorkItem",
]
