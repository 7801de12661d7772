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
from .desk import CalendarFeed, Cover, SavedView, Snooze
from .documents import Document
from .history import Event, HistoryBroken
from .imports import ImportedRow, ImportMapping, ImportRun, RejectedBatch
from .jobs import Job, JobState
from .notes import Mention, Note
from .packets import Delivery, Packet, PageChoice
from .parties import Clinic, Coverage, Facility, Patient, Payer, Plan, Provider
from .remittances import Adjustment, ClaimPayment, LinePayment, Remittance
from .reports import SavedReport
from .surgery import SurgicalCase, SurgicalPart
from .treatments import ClinicalFinding, Injection, PolicyCriterion, PriorTreatment, TreatmentCase
from .visits import InjectionSite, Override, Vial, VialUse, Visit, VisitService
from .wording import CitationCheck, LetterheadVersion, LetterInput, OwnCitation, SignatureImage, TextOverride
from .work import ResultTally, TakenStep, WorkItem, WorkNote

__all__ = [
    "Adjustment",
    "Appeal",
    "Authorization",
    "AuthorizationLine",
    "BenefitsCheck",
    "CalendarFeed",
    "ChecklistAnswer",
    "CitationCheck",
    "Claim",
    "ClaimPayment",
    "Clinic",
    "ClinicalFinding",
    "ContractTerm",
    "Cover",
    "Coverage",
    "Deadline",
    "Delivery",
    "Denial",
    "DenialLine",
    "Document",
    "Estimate",
    "EstimateLine",
    "Event",
    "Facility",
    "HistoryBroken",
    "ImportMapping",
    "ImportRun",
    "ImportedRow",
    "Injection",
    "InjectionSite",
    "Job",
    "JobState",
    "Letter",
    "LetterInput",
    "LetterheadVersion",
    "LinePayment",
    "Mention",
    "Note",
    "Override",
    "OwnCitation",
    "Packet",
    "PageChoice",
    "Patient",
    "Payer",
    "PeerToPeer",
    "Plan",
    "PolicyCriterion",
    "PriorTreatment",
    "Provider",
    "RejectedBatch",
    "Remittance",
    "ResultTally",
    "Role",
    "SavedReport",
    "SavedView",
    "ServiceLine",
    "SignatureImage",
    "Snooze",
    "SurgicalCase",
    "SurgicalPart",
    "TakenStep",
    "Task",
    "TextOverride",
    "TreatmentCase",
    "User",
    "Vial",
    "VialUse",
    "Visit",
    "VisitService",
    "WorkItem",
    "WorkNote",
]
