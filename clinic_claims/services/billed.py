"""Enter the claims a file says were billed, or bring those on record up to it, and mark them as sent where allowed."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sqlalchemy import or_, select

from ..db import db
from ..domain.lifecycle import ClaimState, StepRefused
from ..edi.claim837 import Claim as Sent
from ..edi.claim837 import ServiceLine as SentLine
from ..models import Authorization, Claim, ClaimPayment, ServiceLine
from . import claims, incoming, pairing, steps
from .claims import Line
from .deeds import Deed, Refused
from .history import record
from .import_runs import Tracker
from .incoming import Incoming

UNSENT = (
    ClaimState.PLANNED,
    ClaimState.AWAITING_APPROVAL,
    ClaimState.READY_TO_SCHEDULE,
    ClaimState.SERVICE_GIVEN,
    ClaimState.READY_TO_BILL,
)
CORRECTABLE = (ClaimState.REJECTED, ClaimState.DENIED, ClaimState.PARTLY_PAID)
REPLACEMENT, VOID = "7", "8"  # claim frequency codes
MOST_UNITS = 1_000_000
RELATIONS = {"18": "self", "01": "spouse", "19": "child"}


def of_837(sent: Sent, today: date) -> Incoming:
    """Read a claim of an 837."""
    patient = sent.patient
    return Incoming(
        place=sent.segment,
        number=sent.claim_number,
        last=patient.last,
        first=patient.first,
        member_id=sent.member_id,
        born_on=patient.born_on,
        sex=patient.sex,
        mrn=next((each.value for each in sent.refs if each.qualifier == "EA"), ""),
        payer=sent.payer,
        payer_id=sent.payer_id,
        group_number=sent.group_number,
        relationship=RELATIONS.get(sent.relationship, "other" if sent.relationship else "self"),
        provider_npis=(sent.rendering.npi, sent.operating.npi, sent.attending.npi, sent.billing.npi),
        provider_name=sent.rendering.name,
        facility_npis=(sent.facility.npi, sent.billing.npi),
        place_of_service=sent.facility_code if sent.kind == "837P" else "",
        authorization=sent.authorization or next((line.authorization for line in sent.lines if line.authorization), ""),
        lines=tuple(_line(line, sent) for line in sent.lines),
        service_from=sent.service_from,
        service_to=sent.service_to,
        submitted_on=min(sent.sent_on or today, today),
        frequency=sent.frequency,
        replaces=sent.payer_control_number,
    )


def _line(line: SentLine, sent: Sent) -> Line:
    """Read a service line; a hospital's lines point to no diagnosis, so the claim's hold."""
    diagnoses = [dotted(code) for code in line.diagnoses or sent.diagnoses] or [""]
    return Line(
        code=line.procedure or line.revenue_code,
        modifiers=list(line.modifiers),
        diagnosis=diagnoses[0],
        further_diagnoses=diagnoses[1:],
        units=max(int((line.units or Decimal(1)).to_integral_value(ROUND_CEILING)), 1),
        ndc=line.drug.ndc if line.drug else None,
        charged=line.charged,
        control_number=line.control_number or None,
    )


def dotted(code: str) -> str:
    """Write a diagnosis code with its dot, as we keep it."""
    bare = code.replace(".", "").upper()
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def take_in(told: Incoming, tracker: Tracker, deed: Deed) -> tuple[Claim, list[str]]:
    """Enter one claim or bring it up to date. Returns it with remarks for staff.

    Raises Refused or StepRefused with the reasons why it was left out; the caller undoes what was begun.
    """
    if reasons := list(_impossible(told)):
        raise Refused(*reasons)
    if told.frequency == VOID:
        raise Refused("It voids an earlier claim: close that one by hand.")
    claim = db.session.scalar(select(Claim).where(Claim.number == told.number).options(*pairing.WHOLE))
    claim = claim or _replaced(told)
    if claim is None:
        return _enter(told, tracker, deed)
    _refuse_other_patient(told, claim)
    tracker.changed(told.place, claim)
    if claim.number != told.number:
        _renumber(claim, told, deed)
    if claim.state in UNSENT:
        return claim, [*_bring_up(claim, told, deed), *_mark_sent(claim, told, deed)]
    if claim.state in CORRECTABLE and (told.frequency == REPLACEMENT or claim.state == ClaimState.REJECTED):
        steps.take(claim, "correct", deed, reason="Sent again in a claim file.")
        return claim, [*_bring_up(claim, told, deed), *_mark_sent(claim, told, deed)]
    return claim, [] if _agrees(claim, told) else ["It was sent before and its lines differ from those on file."]


def _replaced(told: Incoming) -> Claim | None:
    """Find the claim that a corrected one with a number of its own replaces, by the payer's number of the first."""
    if told.frequency != REPLACEMENT or not told.replaces:
        return None
    answered = select(ClaimPayment.claim_id).where(ClaimPayment.payer_control_number == told.replaces)
    named = or_(Claim.payer_control_number == told.replaces, Claim.id.in_(answered))
    found = db.session.scalars(select(Claim).where(named).order_by(Claim.id).limit(2).options(*pairing.WHOLE)).all()
    return found[0] if len(found) == 1 else None


def _renumber(claim: Claim, told: Incoming, deed: Deed) -> None:
    """Call a claim by the number under which it was sent again: the payer's answer will."""
    before, claim.number = claim.number, told.number
    sentence = f"Sent again under the number {told.number} in place of {before}."
    record(claim, "renumber", deed, sentence=sentence, changed={"number": [before, told.number]})


def _impossible(told: Incoming) -> Iterator[str]:
    if any(line.charged < 0 for line in told.lines):
        yield "A line charges less than nothing: what was taken back is no claim."
    if any(line.units > MOST_UNITS for line in told.lines):
        yield "A line has more units than can be meant."
    if told.service_from and told.service_to and told.service_to < told.service_from:
        yield f"Its service ends on {told.service_to}, before it begins on {told.service_from}."


def _refuse_other_patient(told: Incoming, claim: Claim) -> None:
    patient, coverage = claim.case.patient, claim.coverage
    same_member = bool(told.member_id) and pairing.packed(told.member_id) == pairing.packed(coverage.member_id)
    if not same_member and told.born_on and told.born_on != patient.born_on:
        raise Refused("A claim of this number is on file for another patient.")


def _agrees(claim: Claim, told: Incoming) -> bool:
    return [_billed(line) for line in claim.lines] == [_billed(line) for line in told.lines]


def _billed(line: ServiceLine | Line) -> tuple[Any, ...]:
    """Give what a payer looks at: a correction is often a modifier or a diagnosis alone."""
    ndc = "".join(filter(str.isalnum, line.ndc or ""))
    return line.code, line.modifiers, line.units, line.charged, line.diagnosis, line.further_diagnoses, ndc


def _enter(told: Incoming, tracker: Tracker, deed: Deed) -> tuple[Claim, list[str]]:
    parties = incoming.parties_of(told, tracker, deed)
    approval = _approval(told, parties.case.patient_id)
    claim = claims.enter(
        told.number,
        parties.case,
        parties.coverage,
        parties.provider,
        parties.facility,
        told.lines,
        deed,
        authorization=approval,
    )
    tracker.made(told.place, claim)
    notes = _unknown_approval(told, approval)
    return claim, [*notes, *_mark_sent(claim, told, deed)]


def _approval(told: Incoming, patient_id: int) -> Authorization | None:
    """Find the patient's authorization of that number."""
    if not told.authorization:
        return None
    found = db.session.scalars(
        select(Authorization).where(Authorization.number == told.authorization).order_by(Authorization.id)
    )
    return next((each for each in found if each.case.patient_id == patient_id), None)


def _unknown_approval(told: Incoming, found: Authorization | None) -> list[str]:
    if found is None and told.authorization:
        return [f"Authorization {told.authorization} is not on file for this patient."]
    return []


def _bring_up(claim: Claim, told: Incoming, deed: Deed) -> list[str]:
    """Put the file's lines and authorization in place of those planned."""
    approval = _approval(told, claim.case.patient_id)
    if approval is not None and claim.authorization_id != approval.id:
        claims.link_authorization(claim, approval, deed)
    if not _agrees(claim, told) and told.lines:
        claims.bill_anew(claim, told.lines)
        record(claim, "read_lines", deed, sentence=f"Lines taken from a claim file: ${claim.charged:,} charged.")
        db.session.flush()
    return _unknown_approval(told, approval)


def _mark_sent(claim: Claim, told: Incoming, deed: Deed) -> list[str]:
    """Take the steps up to submitted, as far as they are allowed."""
    if told.service_from is None or told.service_from > deed.today:
        return ["No day of service that has passed: it stays unsent."]
    served: dict[str, Any] = {"service_from": told.service_from, "service_to": told.service_to}
    walk: Iterable[tuple[str, tuple[ClaimState, ...], dict[str, Any]]] = (
        ("record_service", UNSENT[:3], served),
        ("finish_coding", UNSENT[3:4], {}),
        ("submit", UNSENT[4:], {"submitted_on": told.submitted_on}),
    )
    for action, leaves, given in walk:
        if claim.state not in leaves or (action == "submit" and told.submitted_on is None):
            continue
        try:
            with db.session.begin_nested():
                steps.take(claim, action, deed, reason="Told by an imported file.", **given)
        except (Refused, StepRefused) as refused:
            return [f"It stays {claim.state.replace('_', ' ')}: {' '.join(refused.reasons)}"]
    return []
