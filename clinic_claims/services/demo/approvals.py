"""Stories of approvals: kept, refused and won back, denied all the same, and still awaited."""

from ...models import Claim
from .. import authorizations, claims, denials
from ..owners import assign
from ..readiness import denials_of
from . import desk
from .folders import keep_up
from .stage import Scene, Stage


def approved_then_denied(stage: Stage) -> Scene[None]:
    """Botox for hemifacial spasm: approved, given and billed as approved, then denied CO-197. The letter is signed."""
    folder = yield from desk.admitted(stage, "castellano", "2026-07-22 09:40")
    wanted = ["64612-RT*1", "J0585*100"]
    approval = yield from desk.asked(stage, folder, "office", wanted, "2026-07-22 10:10")
    yield from desk.granted(stage, approval, "2026-07-30 09:20", "PA-8841207", ("2026-08-01", "2026-10-30"))
    deed = yield stage.at("2026-08-03 11:00", "priya")
    claim = desk.booked(stage, folder, "HL-104117", desk.face("RT", 25), deed, owner="priya", authorization=approval)
    yield from desk.treated(stage, folder, claim, "2026-08-18", "priya")
    yield from desk.sent(stage, claim, "2026-08-20", "priya")
    words = "Precertification, authorization or notification is absent for the services billed."
    denial = yield from desk.noticed(stage, claim, "2026-10-07 10:30", "priya", words)
    appeal = yield from desk.written(stage, folder, denial, "2026-11-03 13:30", "2026-11-09 11:10", "priya")
    yield from desk.signed(stage, appeal, "2026-11-10 07:50", "park")


def next_session(stage: Stage) -> Scene[None]:
    """The same series goes on while its denial is appealed: the next session is approved, given and billed."""
    yield stage.at("2026-10-14 09:00", "rosa")
    folder = stage.folders["castellano"]
    approval = yield from desk.asked(stage, folder, "office", ["64612-RT*1", "J0585*100"], "2026-10-14 09:10")
    yield from desk.granted(stage, approval, "2026-10-16 14:00", "PA-8902266", ("2026-10-19", "2027-01-18"))
    deed = yield stage.at("2026-10-19 11:30", "priya")
    claim = desk.booked(stage, folder, "HL-104162", desk.face("RT", 25), deed, owner="priya", authorization=approval)
    yield from desk.treated(stage, folder, claim, "2026-11-10", "priya")
    yield from desk.sent(stage, claim, "2026-11-12", "priya")


def refused_then_won(stage: Stage) -> Scene[None]:
    """A decompression is refused before surgery, the appeal wins, and the operation is approved, done and paid."""
    folder = yield from desk.admitted(stage, "lindqvist", "2026-07-06 09:00")
    request = yield from desk.asked(stage, folder, "inpatient", ["61458-LT*1"], "2026-07-06 09:30")
    deed = yield stage.at("2026-07-06 10:00", "priya")
    claim = desk.booked(
        stage, folder, "HL-104109", ["61458-LT*1"], deed, owner="priya", place="inpatient", authorization=request
    )
    deed = yield stage.at("2026-07-20 09:30", "rosa")
    words = "The requested operation is not medically necessary because conservative treatment has not been exhausted."
    denial = authorizations.move(
        request, "deny", deed, decided_on=stage.day("2026-07-17"), decision_reason=words, number="NHT-26-55310"
    )
    assert denial is not None  # noqa: S101 (a refusal always opens one)
    more = {"received_how": "mail", "policy_named": "Policy NW-SUR-31"}
    yield from desk.noticed(stage, denial, "2026-07-20 09:45", "rosa", words, **more)
    appeal = yield from desk.written(stage, folder, denial, "2026-07-22 14:00", "2026-07-27 10:30", "rosa")
    yield from desk.signed(stage, appeal, "2026-07-28 08:05", "adeyemi")
    yield from desk.filed(
        stage, appeal, "2026-07-29 15:00", "rosa", "certified mail", "Certified mail 7020 0000 1111 2222 5307"
    )
    won = "The file shows that medicine and injections were tried and have lost their effect. We overturn our decision."
    yield from desk.decided(stage, appeal, "2026-08-24 09:20", "rosa", "decide_overturned", "2026-08-21", won)
    yield from desk.granted(stage, request, "2026-08-24 09:50", "NW-UM-330912", ("2026-08-24", "2026-12-22"))
    yield from desk.treated(stage, folder, claim, "2026-09-22", "priya")
    yield from desk.sent(stage, claim, "2026-09-28", "priya")
    yield from _closed(stage, claim, "2026-10-29 15:20", "priya")


def _closed(stage: Stage, claim: Claim, told: str, who: str) -> Scene[None]:
    deed = yield stage.at(told, who)
    claims.move(claim, "close", deed)


def surgery_denied(stage: Stage) -> Scene[None]:
    """A second decompression, approved and done, is denied as not necessary; the time to appeal ends this week."""
    folder = yield from desk.admitted(stage, "delacroix", "2026-06-30 10:00")
    approval = yield from desk.asked(stage, folder, "inpatient", ["61458-RT*1"], "2026-06-30 10:30", "fax")
    yield from desk.granted(stage, approval, "2026-07-08 09:10", "BB-UM-61207", ("2026-07-13", "2026-10-09"))
    deed = yield stage.at("2026-07-13 10:40", "marcus")
    claim = desk.booked(
        stage, folder, "HL-104098", ["61458-RT*1"], deed, owner="marcus", place="inpatient", authorization=approval
    )
    yield from desk.treated(stage, folder, claim, "2026-08-05", "marcus")
    yield from desk.sent(stage, claim, "2026-08-10", "marcus")
    words = "The information on file does not support that this service was medically necessary."
    denial = yield from desk.noticed(stage, claim, "2026-09-23 10:30", "marcus", words)
    appeal = yield from desk.written(stage, folder, denial, "2026-10-28 14:10", "2026-11-05 10:00", "marcus")
    yield from desk.signed(stage, appeal, "2026-11-06 08:15", "adeyemi")


def more_is_asked(stage: Stage) -> Scene[None]:
    """A decompression for trigeminal neuralgia: the payer wants more before it decides."""
    folder = yield from desk.admitted(stage, "hollis", "2026-11-10 09:15")
    request = yield from desk.asked(stage, folder, "inpatient", ["61458-RT*1"], "2026-11-10 09:45")
    deed = yield stage.at("2026-11-10 11:00", "marcus")
    desk.booked(
        stage, folder, "HL-104158", ["61458-RT*1"], deed, owner="marcus", place="inpatient", authorization=request
    )
    deed = yield stage.at("2026-11-12 13:20", "rosa")
    authorizations.move(
        request, "note_pended", deed, reason="The payer asks for the operative plan and the MRI report."
    )


def payer_is_late(stage: Stage) -> Scene[None]:
    """A request whose time to decide has run out."""
    folder = yield from desk.admitted(stage, "ellery", "2026-10-26 13:00")
    request = yield from desk.asked(stage, folder, "office", ["64612-50*1", "J0585*100"], "2026-10-26 13:30")
    deed = yield stage.at("2026-10-27 09:30", "marcus")
    lines = desk.face("50", 40)
    desk.booked(stage, folder, "HL-104165", lines, deed, owner="marcus", authorization=request)
    deed = yield stage.at("2026-11-05 09:10", "rosa")
    authorizations.move(request, "note_overdue", deed)


def partly_paid(stage: Stage) -> Scene[None]:
    """The guidance is denied as bundled, sent again and denied again; its write-off waits for a second person."""
    folder = yield from desk.admitted(stage, "baptiste", "2026-08-17 10:00")
    wanted = ["64612-LT*1", "95874*1", "J0585*100"]
    approval = yield from desk.asked(stage, folder, "office", wanted, "2026-08-17 10:20")
    yield from desk.granted(stage, approval, "2026-08-19 15:00", "PA-8850913", ("2026-08-24", "2026-11-20"))
    deed = yield stage.at("2026-08-24 11:40", "priya")
    lines = desk.face("LT", 25, "95874*1")
    claim = desk.booked(stage, folder, "HL-104119", lines, deed, owner="priya", authorization=approval)
    yield from desk.treated(stage, folder, claim, "2026-09-02", "priya")
    yield from desk.sent(stage, claim, "2026-09-04", "priya")
    deed = yield stage.at("2026-10-14 14:20", "priya")
    (denial,) = denials_of(claim)
    denials.move(denial, "correct", deed, reason="The guidance is sent again with the note that asked for it.")
    claims.move(claim, "correct", deed)
    deed = yield stage.at("2026-10-15 10:30", "priya")
    claims.move(claim, "submit", deed, submitted_on=deed.today)
    deed = yield stage.at("2026-11-13 10:50", "priya")
    why = "The plan pays needle guidance as part of the injection; $165.00 is less than an appeal costs."
    denials.move(denial, "propose_write_off", deed, write_off_reason=why)
    deed = yield stage.at("2026-11-13 10:55", "priya")
    assign(denial, stage.people["dana"], deed)
    deed = yield stage.at("2026-11-13 14:30", "rosa")
    keep_up(stage, folder, deed)
    desk.drafted(stage, folder, "office", ["64612-LT*1", "J0585*100"], deed)


STORIES = (
    approved_then_denied,
    next_session,
    refused_then_won,
    surgery_denied,
    more_is_asked,
    payer_is_late,
    partly_paid,
)
