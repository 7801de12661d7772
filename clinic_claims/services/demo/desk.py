"""What the staff of the demo do again and again: admit, ask, book, treat and bill, note a notice, write, sign, file."""

from decimal import Decimal
from typing import Any

from ...models import Appeal, Authorization, Claim, Denial, Facility
from .. import appeals, authorizations, claims, denials, letters
from ..authorizations import Requested
from ..claims import Line
from ..deeds import Deed
from ..readiness import denials_of
from . import papers
from .folders import Folder, keep_up, open_folder
from .stage import Scene, Stage

PRICES = {
    "64612": "412",
    "64615": "455",
    "64616": "388",
    "95874": "165",
    "61458": "9850",
    "J0585": "9.60",
    "J0588": "6.20",
}
"""Dollars charged for one billing unit of each code."""

VIAL = 100


def face(side: str, units: int, *more: str) -> list[str]:
    """Return the lines of a facial injection out of one 100-unit vial of J0585; the rest is billed as discarded."""
    return [f"64612-{side}*1", *more, f"J0585*{units}", f"J0585-JW*{VIAL - units}"]


def _told(line: str) -> tuple[str, list[str], int]:
    """Read "J0585-JW*75": code, modifiers, units."""
    coded, _, units = line.partition("*")
    code, *modifiers = coded.split("-")
    return code, modifiers, int(units)


def admitted(stage: Stage, name: str, told: str) -> Scene[Folder]:
    """The coordinator enters a patient."""
    deed = yield stage.at(told, "rosa")
    return open_folder(stage, name, deed)


def asked(
    stage: Stage, folder: Folder, place: str, lines: list[str], told: str, how: str = "portal"
) -> Scene[Authorization]:
    """The coordinator asks for approval."""
    deed = yield stage.at(told, "rosa")
    authorization = drafted(stage, folder, place, lines, deed)
    given = {
        "submitted_on": deed.today,
        "submitted_by": how,
        "proof": f"Confirmation {folder.patient.mrn[3:]}-{deed.today:%m%d}",
    }
    authorizations.move(authorization, "submit", deed, **given)
    return authorization


def drafted(stage: Stage, folder: Folder, place: str, lines: list[str], deed: Deed) -> Authorization:
    """Prepare a request for approval."""
    wanted = [
        Requested(code=code, units=units, diagnosis=folder.case.diagnosis, modifier=next(iter(modifiers), None))
        for code, modifiers, units in map(_told, lines)
    ]
    facility, provider = stage.facilities[place], folder.case.provider
    owner = stage.people["rosa"].id
    return authorizations.plan(folder.case, folder.coverage, provider, facility, wanted, deed, owner_id=owner)


def granted(stage: Stage, authorization: Authorization, told: str, number: str, valid: tuple[str, str]) -> Scene[None]:
    """The payer approves; the decision and its letter are put on file."""
    deed = yield stage.at(told, "rosa")
    first, last = map(stage.day, valid)
    authorizations.move(
        authorization, "approve", deed, number=number, decided_on=deed.today, valid_from=first, valid_to=last
    )
    papers.approval_letter(authorization, deed)


def waived(stage: Stage, authorization: Authorization, told: str, proof: str) -> Scene[None]:
    """The payer says that it asks for no approval; who said so is kept."""
    deed = yield stage.at(told, "rosa")
    authorizations.move(authorization, "note_not_required", deed, proof=proof)


def booked(
    stage: Stage,
    folder: Folder,
    number: str,
    lines: list[str],
    deed: Deed,
    *,
    owner: str,
    place: str = "office",
    authorization: Authorization | None = None,
) -> Claim:
    """Enter the claim of a planned service and clear it for scheduling, or let it await the approval."""
    billed = [
        Line(
            code=code,
            diagnosis=folder.case.diagnosis,
            charged=Decimal(PRICES[code]) * units,
            units=units,
            modifiers=modifiers,
        )
        for code, modifiers, units in map(_told, lines)
    ]
    facility: Facility = stage.facilities[place]
    more: dict[str, Any] = {"authorization": authorization, "owner_id": stage.people[owner].id}
    claim = claims.enter(number, folder.case, folder.coverage, folder.case.provider, facility, billed, deed, **more)
    awaited = authorization is not None and authorization.state not in ("approved", "not_required")
    claims.move(claim, "ask_approval" if awaited else "clear_to_schedule", deed)
    return claim


def treated(stage: Stage, folder: Folder, claim: Claim, day: str, who: str) -> Scene[None]:
    """The service is given: eligibility is checked in the morning, the service and its note recorded in the evening."""
    deed = yield stage.at(f"{day} 08:20", who)
    if claim.authorization:
        papers.eligibility(claim, deed)
    if claim.state == "awaiting_approval":
        claims.move(claim, "note_approval", deed)
    deed = yield stage.at(f"{day} 16:40", who)
    claims.move(claim, "record_service", deed, service_from=deed.today)
    keep_up(stage, folder, deed)


def sent(stage: Stage, claim: Claim, day: str, who: str) -> Scene[None]:
    """The claim is coded and goes to the payer."""
    deed = yield stage.at(f"{day} 10:20", who)
    claims.move(claim, "finish_coding", deed)
    claims.move(claim, "submit", deed, submitted_on=deed.today)
    if claim.authorization:
        papers.claim_copy(claim, deed)


def noticed(stage: Stage, refused: Claim | Denial, told: str, who: str, reason: str, **more: Any) -> Scene[Denial]:
    """Somebody reads the payer's notice and puts it on file with the day it came. For a claim: its newest denial."""
    deed = yield stage.at(told, who)
    denial = refused if isinstance(refused, Denial) else denials_of(refused)[-1]
    denials.note_notice(denial, deed, reason_quoted=reason, notice_received_on=deed.today, **more)
    papers.denial_notice(denial, deed)
    return denial


def written(stage: Stage, folder: Folder, denial: Denial, start: str, finish: str, who: str) -> Scene[Appeal]:
    """An appeal is started; once the chart is complete its letter is printed and sent to the physician."""
    deed = yield stage.at(start, who)
    appeal = appeals.start(denial, deed)
    deed = yield stage.at(finish, who)
    keep_up(stage, folder, deed)
    letters.finish(appeal, deed)
    appeals.move(appeal, "send_for_review", deed)
    return appeal


def signed(stage: Stage, appeal: Appeal, told: str, who: str) -> Scene[None]:
    """The physician reads and signs the letter."""
    deed = yield stage.at(told, who)
    letters.sign(appeal.letters[-1], deed)
    appeals.move(appeal, "sign", deed)


def filed(stage: Stage, appeal: Appeal, told: str, who: str, how: str, proof: str) -> Scene[None]:
    """The appeal goes out, with its proof."""
    deed = yield stage.at(told, who)
    given = {"filed_on": deed.today, "filed_by": how, "proof": proof, "payer_received_on": deed.today}
    appeals.move(appeal, "file", deed, **given)


def decided(stage: Stage, appeal: Appeal, told: str, who: str, outcome: str, dated: str, words: str) -> Scene[None]:
    """The payer's decision on an appeal comes in; `outcome` is the step of the appeal."""
    deed = yield stage.at(told, who)
    given = {"decided_on": stage.day(dated), "decision_received_on": deed.today, "decision_words": words}
    appeals.move(appeal, outcome, deed, **given)
