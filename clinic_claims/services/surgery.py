"""One operation: who takes part, who approved each part, what is missing, and what changed in the operating room."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import select

from ..db import db
from ..models import Authorization, Claim, Facility, SurgicalCase, SurgicalPart, TreatmentCase, User
from ..models.surgery import ROLES
from . import checklists
from .deeds import Deed, Refused
from .grants import is_granted
from .history import record

MUST = ("surgeon", "facility", "anesthesia")
PAPERS = {"imaging": "MRI and MRA report"}


def plan(
    case: TreatmentCase, facility: Facility, code: str, deed: Deed, *, on: date | None = None, **more: Any
) -> SurgicalCase:
    """Plan an operation. Raises Refused for a case that is not surgical or a code that is no operation on file."""
    row = deed.book.codes.procedures.get(code)
    if case.treatment != "mvd":
        raise Refused("This case is not a surgical one: open a case for the operation.")
    if row is None or row.group not in ("mvd", "tn_alternatives"):
        raise Refused(f"{code} is no operation in the code book.")
    surgery = SurgicalCase(case=case, facility=facility, code_planned=code, planned_on=on, created_at=deed.at, **more)
    record(surgery, "plan_surgery", deed, sentence=f"Operation {code} planned at {facility.name}.")
    return surgery


def add_part(surgery: SurgicalCase, role: str, who: str, deed: Deed, **more: Any) -> SurgicalPart:
    """Add somebody who takes part and bills. Raises Refused for an unknown role, or monitoring by the surgeon."""
    if role not in ROLES:
        raise Refused(f"“{role}” takes no part in an operation. Choose one of: {', '.join(ROLES)}.")
    surgeon = next((part for part in surgery.parts if part.role == "surgeon"), None)
    if role == "monitoring" and surgeon is not None and more.get("npi") and more["npi"] == surgeon.npi:
        raise Refused("The operating surgeon cannot bill the monitoring: name who else does it.")
    part = SurgicalPart(surgery=surgery, role=role, who=who, **more)
    db.session.add(part)
    record(surgery, "add_part", deed, sentence=f"{role.capitalize()}: {who}.")
    db.session.flush()
    return part


def approve_part(part: SurgicalPart, authorization: Authorization, deed: Deed) -> None:
    """Say which approval covers a part. Raises Refused when it is another patient's."""
    if authorization.case.patient_id != part.surgery.patient_id:
        raise Refused("This authorization belongs to another patient.")
    part.authorization = authorization
    sentence = f"{part.role.capitalize()}: authorization {authorization.reference} linked."
    record(part.surgery, "approve_part", deed, sentence=sentence)


def note_outside_approval(part: SurgicalPart, number: str, deed: Deed) -> None:
    """Note the approval that another party holds for its own part: the hospital's, the anesthesia group's."""
    part.outside_authorization = number
    record(part.surgery, "approve_part", deed, sentence=f"{part.role.capitalize()}: {part.who} holds {number}.")


def bill_part(part: SurgicalPart, claim: Claim, deed: Deed) -> None:
    """Say which claim bills a part. Raises Refused when it is another patient's."""
    if claim.case.patient_id != part.surgery.patient_id:
        raise Refused("This claim belongs to another patient.")
    part.claim = claim
    record(part.surgery, "bill_part", deed, sentence=f"{part.role.capitalize()}: billed as claim {claim.number}.")


def is_approved(part: SurgicalPart) -> bool:
    """Whether the part stands under an approval, ours or its own party's."""
    return is_granted(part.authorization) or bool(part.outside_authorization)


def missing(surgery: SurgicalCase) -> list[str]:
    """Say what the operation still lacks before it may take place, each as a sentence."""
    return [*_parts(surgery), *_place(surgery), *_evidence(surgery.case)]


def _parts(surgery: SurgicalCase) -> Iterator[str]:
    there = {part.role for part in surgery.parts}
    yield from (f"Nobody is named for {role}." for role in MUST if role not in there)
    for part in surgery.parts:
        if not is_approved(part):
            yield f"{part.role.capitalize()} ({part.who}) has no approval."
        if part.in_network is None:
            yield f"Whether {part.who} is in the network is not known."
        elif not part.in_network:
            yield f"{part.who} is out of network: ask for an exception, and tell the patient."
        if part.role == "inpatient" and not part.days:
            yield "The inpatient days asked for are not entered."


def _place(surgery: SurgicalCase) -> Iterator[str]:
    if not surgery.accreditation:
        yield f"Accreditation of {surgery.facility.name} is not on file."
    if not surgery.network_note:
        yield f"Nobody confirmed that {surgery.facility.name} is in the network."


def _evidence(case: TreatmentCase) -> Iterator[str]:
    kinds = {finding.kind for finding in case.findings}
    yield from (f"{words} is not on file." for kind, words in PAPERS.items() if kind not in kinds)
    if not case.prior_treatments:
        yield "No medicine trial is on file: dose, dates and result of each."


def record_performed(surgery: SurgicalCase, code: str, on: date, deed: Deed, *, owner: User | None = None) -> list[str]:
    """Note what was done in the operating room. Another code than approved makes a task to have each approval amended;
    the parts concerned are returned as sentences. Raises Refused for a day in the future or an unknown code."""
    if on > deed.today:
        raise Refused("The operation is dated in the future.")
    if code not in deed.book.codes.procedures:
        raise Refused(f"{code} is no procedure in the code book.")
    surgery.code_performed, surgery.operated_on = code, on
    record(surgery, "record_operation", deed, sentence=f"Operation {code} done on {on:%b} {on.day}, {on.year}.")
    db.session.flush()
    if code == surgery.code_planned:
        return []
    concerned = [part for part in surgery.parts if part.authorization is not None or part.outside_authorization]
    told = [_amend(surgery, part, code) for part in concerned] or [
        f"Tell the payer before billing that {code} was done instead of {surgery.code_planned}."
    ]
    for sentence in told:
        checklists.add_task(surgery.case, sentence, deed.today, deed, owner=owner)
    return told


def _amend(surgery: SurgicalCase, part: SurgicalPart, code: str) -> str:
    number = part.outside_authorization or (part.authorization.number if part.authorization else "") or "the request"
    return (
        f"Ask the payer to change {number} ({part.role}) from {surgery.code_planned} to {code} before the claim goes "
        "out: it would be denied with CARC 284."
    )


def of_case(case: TreatmentCase) -> list[SurgicalCase]:
    """Return the operations of a case, newest first."""
    query = select(SurgicalCase).where(SurgicalCase.case_id == case.id).order_by(SurgicalCase.id.desc())
    return list(db.session.scalars(query))
