"""Who may do what: one table, role by permission. Nothing else grants anything.

An administrator looks after accounts and sees no patient, but for an emergency opened with a reason. An auditor
reads everything and changes nothing.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What somebody is at the clinic; a person may have several."""

    AUTHORIZATION_COORDINATOR = "authorization_coordinator"
    BILLER = "biller"
    PHYSICIAN = "physician"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """A kind of deed. `read` never changes a record; each `write` covers the steps of its lifecycle table."""

    CLAIM_READ = "claim.read"
    PATIENT_WRITE = "patient.write"
    NOTE_WRITE = "note.write"
    AUTHORIZATION_WRITE = "authorization.write"
    CLAIM_WRITE = "claim.write"
    REMITTANCE_POST = "remittance.post"
    DENIAL_WRITE = "denial.write"
    LETTER_DRAFT = "letter.draft"
    LETTER_SIGN = "letter.sign"
    APPEAL_FILE = "appeal.file"
    WRITE_OFF_SIGN = "write_off.sign"
    STEP_UNDO = "step.undo"
    REPORT_READ = "report.read"
    EXPORT = "export"
    RULES_READ = "rules.read"
    RULES_WRITE = "rules.write"  # contract terms, and dating clocks anew
    AUDIT_READ = "audit.read"
    CLINIC_SETUP = "clinic.setup"
    USER_ADMIN = "user.admin"
    EMERGENCY_OPEN = "emergency.open"
    EMERGENCY_REVIEW = "emergency.review"


TABLE = """
                    | authorization_coordinator | biller | physician | manager | auditor | administrator
claim.read          | yes                       | yes    | yes       | yes     | yes     |
patient.write       | yes                       | yes    |           | yes     |         |
note.write          | yes                       | yes    | yes       | yes     |         |
authorization.write | yes                       |        |           | yes     |         |
claim.write         |                           | yes    |           | yes     |         |
remittance.post     |                           | yes    |           | yes     |         |
denial.write        | yes                       | yes    |           | yes     |         |
letter.draft        | yes                       | yes    | yes       | yes     |         |
letter.sign         |                           |        | yes       |         |         |
appeal.file         | yes                       | yes    |           | yes     |         |
write_off.sign      |                           |        |           | yes     |         |
step.undo           |                           |        |           | yes     |         |
report.read         | yes                       | yes    | yes       | yes     | yes     |
export              |                           | yes    |           | yes     |         |
rules.read          | yes                       | yes    | yes       | yes     | yes     | yes
rules.write         |                           |        |           | yes     |         |
audit.read          |                           |        |           | yes     | yes     |
clinic.setup        |                           |        |           | yes     |         | yes
user.admin          |                           |        |           |         |         | yes
emergency.open      |                           |        |           |         |         | yes
emergency.review    |                           |        |           | yes     |         |
"""

IN_AN_EMERGENCY = frozenset({Permission.CLAIM_READ})  # what emergency access opens, for an hour: reading, no more

MEANING = {
    Permission.CLAIM_READ: "See patients, claims and approvals; open or save one letter, packet or document",
    Permission.PATIENT_WRITE: "Enter patients, coverage, findings and documents",
    Permission.NOTE_WRITE: "Write notes, log calls, put work aside",
    Permission.AUTHORIZATION_WRITE: "Prepare and follow requests for approval",
    Permission.CLAIM_WRITE: "Enter claims and move them on",
    Permission.REMITTANCE_POST: "Take in the payer's files and match payments",
    Permission.DENIAL_WRITE: "Work denials, propose a write-off",
    Permission.LETTER_DRAFT: "Draft letters",
    Permission.LETTER_SIGN: "Sign letters",
    Permission.APPEAL_FILE: "File appeals and note the payer's answer",
    Permission.WRITE_OFF_SIGN: "Sign or refuse a write-off that somebody else proposed",
    Permission.STEP_UNDO: "Take back a step that somebody else took",
    Permission.REPORT_READ: "See reports",
    Permission.EXPORT: "Save reports, lists and many letters at once as files",
    Permission.RULES_READ: "See the rules and their sources",
    Permission.RULES_WRITE: "Enter contract terms, date clocks anew",
    Permission.AUDIT_READ: "See the history and who was told what",
    Permission.CLINIC_SETUP: "Enter the clinic's letterhead, clinicians and places",
    Permission.USER_ADMIN: "Add people, change roles, end sessions",
    Permission.EMERGENCY_OPEN: "Open patient data in an emergency, with a reason, for an hour",
    Permission.EMERGENCY_REVIEW: "Read and close each emergency access",
}

# Which permission each step of a lifecycle table asks for; the first row without an action holds for the rest.
STEPS = {
    ("authorization", ""): Permission.AUTHORIZATION_WRITE,
    ("claim", ""): Permission.CLAIM_WRITE,
    ("denial", ""): Permission.DENIAL_WRITE,
    ("denial", "refuse_write_off"): Permission.WRITE_OFF_SIGN,
    ("denial", "sign_write_off"): Permission.WRITE_OFF_SIGN,
    ("appeal", ""): Permission.APPEAL_FILE,
    ("appeal", "send_for_review"): Permission.LETTER_DRAFT,
    ("appeal", "hand_back"): Permission.LETTER_DRAFT,
    ("appeal", "sign"): Permission.LETTER_SIGN,
}


def for_step(table: str, action: str) -> Permission:
    """Return the permission that a step of a lifecycle table asks for."""
    return STEPS.get((table, action)) or STEPS[table, ""]


def _read(table: str) -> dict[Role, frozenset[Permission]]:
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines())
    granted = {
        Role(role): frozenset(Permission(row[0]) for row in rows if row[place] == "yes")
        for place, role in enumerate(head)
        if role
    }
    return granted


GRANTED = _read(TABLE)


def granted_to(roles: Iterable[str]) -> frozenset[Permission]:
    """Return what these roles may do together; a role that the table does not know grants nothing."""
    return _granted(tuple(roles))


@lru_cache(100)
def _granted(roles: tuple[str, ...]) -> frozenset[Permission]:
    known = (GRANTED[Role(role)] for role in roles if role in GRANTED)
    return frozenset[Permission]().union(*known)
